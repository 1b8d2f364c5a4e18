"""Controls of the audit layer, one module for each topic."""

from __future__ import annotations

from hardening.controls.audit import delivery, records
from hardening.controls.control import Control

CONTROLS: tuple[Control, ...] = (*records.CONTROLS, *delivery.CONTROLS)
