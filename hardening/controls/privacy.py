"""Controls of the privacy layer."""

from __future__ import annotations

from hardening.controls.control import Control

CONTROLS: tuple[Control, ...] = ()
