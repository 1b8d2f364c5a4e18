"""Controls of the integrity layer."""

from __future__ import annotations

from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="ledgers-recoverable",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise="Tokens, replay marks and CDR ledgers can be restored to any second of the last month.",
        citation="AWS Security Hub DynamoDB.2, DynamoDB.6",
        infra=("TokenStore", "Ledger"),
        frameworks=("iso27001:A.8.13", "nist-csf:PR.DS-11", "soc2:A1.2", "nis2:21.2.c", "gdpr:32.1.c"),
    ),
    Control(
        id="code-is-signed",
        layer=Layer.INTEGRITY,
        severity=Severity.MEDIUM,
        promise="Functions run code that we signed, and refuse other code.",
        citation="AWS Lambda, code signing",
        infra=(
            "CodeSigning",
            "LambdaFunction",
        ),
        frameworks=("iso27001:A.8.19", "nist-csf:PR.PS-05", "soc2:CC6.8", "nis2:21.2.d", "pci:6.3.2"),
    ),
)
