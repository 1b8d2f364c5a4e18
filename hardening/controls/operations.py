"""Controls of the operations layer."""

from __future__ import annotations

from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="every-audit-completes",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="Every audit looks at all that it claims to have verified.",
        citation="NIST SP 800-53A, 3.2: assessments state what was not examined",
        frameworks=("iso27001:A.5.35", "nist-csf:ID.IM-02", "soc2:CC4.1", "nis2:21.2.f"),
        manual="An audit that cannot look reports an error of its own; a person reads why and runs it again.",
    ),
)
