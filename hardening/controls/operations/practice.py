"""Controls of the operations layer over what people do, and when."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="destroying-loses-nothing",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="A destroyed stack takes no table or token unasked, and leaves its evidence readable.",
        citation="AWS KMS, Deleting keys; Pulumi, resource options protect and retainOnDelete",
        infra=(
            "EncryptionKeys",
            "PrivateBucket",
            "TokenStore",
            "Ledger",
            "HostedZone",
            "Registries",
        ),
        frameworks=frameworks.BACKUPS,
    ),
    Control(
        id="declared-objects-stay",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="What functions are made from does not expire while the stack declares it.",
        citation="Amazon S3, Expiring objects; AWS Lambda, CreateFunction: S3Key",
        infra=("PrivateBucket", "CodeSigning"),
        frameworks=frameworks.CONFIGURATION,
    ),
    Control(
        id="every-audit-completes",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="Every audit looks at all that it claims to have verified.",
        citation="NIST SP 800-53A, 3.2: assessments state what was not examined",
        frameworks=frameworks.EVIDENCE,
        manual="An audit that cannot look reports an error of its own; a person reads why and runs it again.",
    ),
    Control(
        id="exposure-as-declared",
        layer=Layer.OPERATIONS,
        severity=Severity.CRITICAL,
        promise="Who can reach what runs, and what they may do there, is what the stack declares.",
        citation="NIST SP 800-53 r5, CM-3(5), CM-6: configuration settings and unauthorised changes",
        frameworks=frameworks.UNEXPECTED_EXPOSURE,
    ),
    Control(
        id="protection-as-declared",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="Encryption, logs, retention, rotation and alarms run as the stack declares them.",
        citation="NIST SP 800-53 r5, CM-3(5), CM-6: configuration settings and unauthorised changes",
        frameworks=frameworks.CONFIGURATION_AS_DECLARED,
    ),
    Control(
        id="settings-as-declared",
        layer=Layer.OPERATIONS,
        severity=Severity.LOW,
        promise="No other setting was changed behind the stack's back.",
        citation="NIST SP 800-53 r5, CM-6: configuration settings",
        frameworks=frameworks.CHANGE_MANAGEMENT,
    ),
    Control(
        id="nothing-deleted",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="Every resource that the stack declares is there.",
        citation="NIST SP 800-53 r5, CM-8: system component inventory",
        frameworks=frameworks.CONFIGURATION_INVENTORY,
    ),
    Control(
        id="no-undeclared-principals",
        layer=Layer.OPERATIONS,
        severity=Severity.CRITICAL,
        promise="Every user, role and identity provider of the account is one that the stack declares.",
        citation="NIST SP 800-53 r5, AC-2(4), CM-8(3): accounts made, unauthorised component detection",
        frameworks=frameworks.PRIVILEGED_ACCESS,
    ),
    Control(
        id="nothing-unmanaged",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="The account has nothing else of the stack's types that the stack does not declare.",
        citation="NIST SP 800-53 r5, CM-8(3): unauthorised component detection",
        frameworks=frameworks.ASSET_INVENTORY,
    ),
    Control(
        id="partners-onboarded-by-checklist",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="A partner is connected only when every point of the onboarding checklist is signed.",
        citation="ISO 27001:2022 A.5.19",
        frameworks=frameworks.SUPPLIERS,
        manual=(
            "Contracts and contacts are outside the stack; the partner's owner signs the onboarding "
            "checklist, and a second person reviews the change of the registry."
        ),
    ),
    Control(
        id="incidents-rehearsed",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="Runbooks for a leaked token, a rogue partner and a lost key are rehearsed each half-year.",
        citation="NIST SP 800-61 r3; NIS2 Art. 21(2)(b)",
        frameworks=frameworks.INCIDENT_REHEARSAL,
        manual=(
            "`rampart drill` plays incidents in the lab and seals their records; that people do it each "
            "half-year, and what they learn, is the security lead's."
        ),
    ),
    Control(
        id="access-reviewed",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="Who may take administrator roles, and what each partner may do, is reviewed each quarter.",
        citation="ISO 27001:2022 A.5.18",
        frameworks=frameworks.ACCESS_REVIEW,
        manual=(
            "Whether somebody still needs access is for their manager to say; the review is signed and "
            "kept with the evidence."
        ),
    ),
    Control(
        id="tested-by-others",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="Somebody who did not build it tries to break in each year, and after large changes.",
        citation="PCI DSS 4, 11.4",
        frameworks=frameworks.PENETRATION_TESTS,
        manual=(
            "An independent test is bought or done by another team; its report and the repairs are kept "
            "with the evidence."
        ),
    ),
    Control(
        id="aws-baseline",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="Every AWS resource of the stack meets the public baseline rules for its type.",
        citation=(
            "CIS AWS Foundations Benchmark; AWS Foundational Security Best Practices; checkov's AWS rules"
        ),
        frameworks=frameworks.CONFIGURATION,
    ),
)
