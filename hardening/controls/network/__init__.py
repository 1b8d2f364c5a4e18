"""Controls of the network layer, one module for each topic."""

from __future__ import annotations

from hardening.controls.control import Control
from hardening.controls.network import calls, edge, vpc

CONTROLS: tuple[Control, ...] = (*edge.CONTROLS, *vpc.CONTROLS, *calls.CONTROLS)
