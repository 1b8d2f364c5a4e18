"""Controls of the operations layer over who administers."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="administrators-use-mfa",
        layer=Layer.OPERATIONS,
        severity=Severity.CRITICAL,
        promise="Administrators take their roles with a second factor, for an hour at most.",
        citation="AWS IAM, MFA-protected API access",
        infra=("Administrators",),
        frameworks=frameworks.MULTI_FACTOR + frameworks.cis_aws(intersects="1.9"),
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
            "Backups",
            "AuditTrail",
            "Api",
            "VpcEndpoints",
            "Services",
            "Authorizer",
            "LambdaFunction",
            "RegistryObject",
        ),
        frameworks=frameworks.PRIVILEGED_ACCESS,
    ),
    Control(
        id="administrators-get-in",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="No condition on an administrator's role asks for what a role's session does not carry.",
        citation="AWS IAM, Secure API access with MFA: temporary credentials of roles carry no MFA",
        infra=("Administrators",),
        frameworks=frameworks.MULTI_FACTOR,
    ),
    Control(
        id="tokens-kept-from-people",
        layer=Layer.OPERATIONS,
        severity=Severity.CRITICAL,
        promise=(
            "No person, not even an administrator, reads or makes a token that is in use, or has a program "
            "do so."
        ),
        citation="AWS IAM, permissions boundaries; Secrets Manager, condition key VersionStage",
        infra=("Administrators",),
        frameworks=frameworks.PRIVILEGED_ACCESS,
    ),
    Control(
        id="watchers-kept-from-people",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="No person switches off alarms, filters, rules, replication, topics or the firewall.",
        citation="AWS IAM, permissions boundaries; NIST SP 800-53 r5, AU-9",
        infra=("Administrators",),
        frameworks=frameworks.PRIVILEGED_ACCESS,
    ),
    Control(
        id="readers-can-audit",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="The boundary of the reader leaves what an audit reads, in every region.",
        citation="AWS managed policy SecurityAudit; AWS IAM, permissions boundaries",
        infra=("Administrators",),
        frameworks=frameworks.INDEPENDENT_REVIEW,
    ),
    Control(
        id="policies-fit",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="IAM takes every managed policy: none is longer than it allows.",
        citation="AWS IAM, IAM and AWS STS quotas: 6,144 characters",
        infra=("Administrators",),
        frameworks=frameworks.CONFIGURATION,
    ),
    Control(
        id="administration-by-role",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="Reading, operating and administering are three roles; readers can only read.",
        citation="NIST SP 800-53 r5, AC-5 and AC-6",
        infra=("Administrators",),
        frameworks=frameworks.PRIVILEGED_ACCESS,
    ),
    Control(
        id="no-star-on-star",
        layer=Layer.OPERATIONS,
        severity=Severity.CRITICAL,
        promise="No policy grants every action, or any action that writes on every resource.",
        citation="AWS Security Hub IAM.1, IAM.21",
        infra=(
            "Administrators",
            "Backups",
            "AuditTrail",
            "Api",
            "VpcEndpoints",
            "Services",
            "Authorizer",
            "LambdaFunction",
            "RegistryObject",
        ),
        frameworks=frameworks.PRIVILEGED_ACCESS + frameworks.cis_aws(intersects="1.15"),
    ),
    Control(
        id="trust-names-principals",
        layer=Layer.OPERATIONS,
        severity=Severity.CRITICAL,
        promise="Every role names who may take it; services act for this account only.",
        citation="AWS IAM, the confused deputy problem",
        infra=(
            "Administrators",
            "Backups",
            "AuditTrail",
            "Api",
            "VpcEndpoints",
            "Services",
            "Authorizer",
            "LambdaFunction",
            "RegistryObject",
        ),
        frameworks=frameworks.PRIVILEGED_ACCESS,
    ),
    Control(
        id="no-standing-keys",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="No user and no long-lived access key exists.",
        citation="AWS Security Hub IAM.3, IAM.22; AWS Well-Architected, SEC02-BP02",
        frameworks=frameworks.CREDENTIALS + frameworks.cis_aws(intersects="1.13"),
    ),
    Control(
        id="keys-rotate",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="Every encryption key is renewed each year.",
        citation="AWS Security Hub KMS.4",
        infra=("EncryptionKeys", "HostedZone"),
        frameworks=frameworks.KEY_MANAGEMENT + frameworks.cis_aws(subset="3.6"),
    ),
    Control(
        id="keys-guarded",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise=(
            "Key policies name principals of this account, and a deleted key can be brought back for 30 days."
        ),
        citation="AWS Security Hub KMS.3; AWS KMS, key policies",
        infra=("EncryptionKeys", "HostedZone"),
        frameworks=frameworks.KEY_MANAGEMENT,
    ),
)
