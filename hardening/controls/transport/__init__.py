"""Controls of the transport layer, one module for each topic."""

from __future__ import annotations

from hardening.controls.control import Control
from hardening.controls.transport import certificates, declared, handshake, plaintext

CONTROLS: tuple[Control, ...] = (
    *declared.CONTROLS,
    *handshake.CONTROLS,
    *plaintext.CONTROLS,
    *certificates.CONTROLS,
)
