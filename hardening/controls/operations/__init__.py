"""Controls of the operations layer, one module for each topic."""

from __future__ import annotations

from hardening.controls.control import Control
from hardening.controls.operations import access, account, deployment, intent, practice, workload

CONTROLS: tuple[Control, ...] = (
    *access.CONTROLS,
    *account.CONTROLS,
    *workload.CONTROLS,
    *deployment.CONTROLS,
    *practice.CONTROLS,
    *intent.CONTROLS,
)
