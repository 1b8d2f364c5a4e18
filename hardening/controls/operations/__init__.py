"""Controls of the operations layer, one module for each topic."""

from __future__ import annotations

from hardening.controls.control import Control
from hardening.controls.operations import access, intent, practice, workload

CONTROLS: tuple[Control, ...] = (*access.CONTROLS, *workload.CONTROLS, *practice.CONTROLS, *intent.CONTROLS)
