"""Controls of the operations layer: administrators, their roles, and the keys."""

from __future__ import annotations

from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="administrators-use-mfa",
        layer=Layer.OPERATIONS,
        severity=Severity.CRITICAL,
        promise="Administrators take their roles with a second factor, for an hour at most.",
        citation="AWS IAM, MFA-protected API access",
        infra=("Administrators",),
        frameworks=("iso27001:A.8.5", "nist-csf:PR.AA-03", "soc2:CC6.1", "nis2:21.2.j", "pci:8.4.1"),
    ),
    Control(
        id="administrators-bounded",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise=(
            "A permission boundary keeps administrators from switching off logs, trails and keys, and "
            "from lifting the boundary."
        ),
        citation="AWS IAM, permissions boundaries",
        infra=(
            "Administrators",
            "AuditTrail",
            "Api",
            "VpcEndpoints",
            "Services",
            "Authorizer",
            "LambdaFunction",
        ),
        frameworks=("iso27001:A.8.2", "nist-csf:PR.AA-05", "soc2:CC6.3", "nis2:21.2.i", "pci:7.2.2"),
    ),
    Control(
        id="administration-by-role",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="Reading, operating and administering are three roles; readers can only read.",
        citation="NIST SP 800-53 r5, AC-5 and AC-6",
        infra=("Administrators",),
        frameworks=("iso27001:A.8.2", "nist-csf:PR.AA-05", "soc2:CC6.3", "nis2:21.2.i", "pci:7.2.2"),
    ),
    Control(
        id="no-star-on-star",
        layer=Layer.OPERATIONS,
        severity=Severity.CRITICAL,
        promise="No policy grants every action, or any action that writes on every resource.",
        citation="AWS Security Hub IAM.1, IAM.21",
        infra=(
            "Administrators",
            "AuditTrail",
            "Api",
            "VpcEndpoints",
            "Services",
            "Authorizer",
            "LambdaFunction",
        ),
        frameworks=("iso27001:A.8.2", "nist-csf:PR.AA-05", "soc2:CC6.3", "nis2:21.2.i", "pci:7.2.2"),
    ),
    Control(
        id="trust-names-principals",
        layer=Layer.OPERATIONS,
        severity=Severity.CRITICAL,
        promise="Every role names who may take it; services act for this account only.",
        citation="AWS IAM, the confused deputy problem",
        infra=(
            "Administrators",
            "AuditTrail",
            "Api",
            "VpcEndpoints",
            "Services",
            "Authorizer",
            "LambdaFunction",
        ),
        frameworks=("iso27001:A.8.2", "nist-csf:PR.AA-05", "soc2:CC6.3", "nis2:21.2.i", "pci:7.2.2"),
    ),
    Control(
        id="no-standing-keys",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="No user and no long-lived access key exists.",
        citation="AWS Security Hub IAM.3, IAM.22; AWS Well-Architected, SEC02-BP02",
        frameworks=(
            "iso27001:A.5.17",
            "nist-csf:PR.AA-01",
            "soc2:CC6.1",
            "nis2:21.2.i",
            "pci:8.6.3",
            "owasp-api:API2",
        ),
    ),
    Control(
        id="keys-rotate",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="Every encryption key is renewed each year.",
        citation="AWS Security Hub KMS.4",
        infra=(
            "EncryptionKeys",
            "HostedZone",
        ),
        frameworks=("iso27001:A.8.24", "nist-csf:PR.DS-01", "soc2:CC6.1", "nis2:21.2.h", "pci:3.7.4"),
    ),
    Control(
        id="keys-guarded",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise=(
            "Key policies name principals of this account, and a deleted key can be brought back for 30 days."
        ),
        citation="AWS Security Hub KMS.3; AWS KMS, key policies",
        infra=(
            "EncryptionKeys",
            "HostedZone",
        ),
        frameworks=("iso27001:A.8.24", "nist-csf:PR.DS-01", "soc2:CC6.1", "nis2:21.2.h", "pci:3.7.4"),
    ),
)
