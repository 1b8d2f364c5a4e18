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
    Control(
        id="exposure-as-declared",
        layer=Layer.OPERATIONS,
        severity=Severity.CRITICAL,
        promise="Who can reach what runs, and what they may do there, is what the stack declares.",
        citation="NIST SP 800-53 r5, CM-3(5), CM-6: configuration settings and unauthorised changes",
        frameworks=("iso27001:A.8.9", "nist-csf:DE.CM-09", "soc2:CC7.1", "nis2:21.2.e", "pci:1.2.7"),
    ),
    Control(
        id="protection-as-declared",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="Encryption, logs, retention, rotation and alarms run as the stack declares them.",
        citation="NIST SP 800-53 r5, CM-3(5), CM-6: configuration settings and unauthorised changes",
        frameworks=("iso27001:A.8.9", "nist-csf:PR.PS-01", "soc2:CC7.1", "nis2:21.2.e", "pci:2.2.1"),
    ),
    Control(
        id="settings-as-declared",
        layer=Layer.OPERATIONS,
        severity=Severity.LOW,
        promise="No other setting was changed behind the stack's back.",
        citation="NIST SP 800-53 r5, CM-6: configuration settings",
        frameworks=("iso27001:A.8.32", "nist-csf:PR.PS-01", "soc2:CC8.1"),
    ),
    Control(
        id="nothing-deleted",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="Every resource that the stack declares is there.",
        citation="NIST SP 800-53 r5, CM-8: system component inventory",
        frameworks=("iso27001:A.8.9", "nist-csf:ID.AM-02", "soc2:CC7.1"),
    ),
    Control(
        id="nothing-unmanaged",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="The account has nothing of the stack's types that the stack does not declare.",
        citation="NIST SP 800-53 r5, CM-8(3): unauthorised component detection",
        frameworks=("iso27001:A.5.9", "nist-csf:ID.AM-02", "soc2:CC6.8", "nis2:21.2.i"),
    ),
    Control(
        id="partners-onboarded-by-checklist",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="A partner is connected only when every point of the onboarding checklist is signed.",
        citation="ISO 27001:2022 A.5.19",
        frameworks=("iso27001:A.5.19", "nist-csf:GV.SC-06", "soc2:CC9.2", "nis2:21.2.d", "pci:12.8.3"),
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
        frameworks=(
            "iso27001:A.5.24",
            "iso27001:A.5.26",
            "nist-csf:RS.MA-01",
            "soc2:CC7.5",
            "nis2:21.2.b",
            "pci:12.10.2",
        ),
        manual=(
            "A rehearsal is done by people; the security lead keeps its date, its findings and the time "
            "it took."
        ),
    ),
    Control(
        id="access-reviewed",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="Who may take administrator roles, and what each partner may do, is reviewed each quarter.",
        citation="ISO 27001:2022 A.5.18",
        frameworks=("iso27001:A.5.18", "nist-csf:PR.AA-05", "soc2:CC6.2", "pci:7.2.4"),
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
        frameworks=("iso27001:A.8.29", "nist-csf:ID.RA-01", "soc2:CC4.1", "nis2:21.2.f", "pci:11.4.1"),
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
        frameworks=("iso27001:A.8.9", "nist-csf:PR.PS-01", "soc2:CC7.1", "nis2:21.2.e", "pci:2.2.1"),
    ),
)
