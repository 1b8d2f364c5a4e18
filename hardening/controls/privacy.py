"""Controls of the privacy layer."""

from __future__ import annotations

from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="logs-carry-no-tokens",
        layer=Layer.PRIVACY,
        severity=Severity.CRITICAL,
        promise="Neither the API's nor the firewall's logs hold an Authorization header.",
        citation="OWASP API2:2023; AWS WAF, redacted fields; Amazon API Gateway, access logging",
        infra=("Api", "Firewall"),
        frameworks=(
            "iso27001:A.8.11",
            "nist-csf:PR.DS-01",
            "soc2:C1.1",
            "pci:3.3.1",
            "gdpr:32.1.a",
            "gdpr:5.1.f",
        ),
    ),
    Control(
        id="logs-carry-no-bodies",
        layer=Layer.PRIVACY,
        severity=Severity.HIGH,
        promise="The API does not log payloads: they hold token identifiers and places people went.",
        citation="Amazon API Gateway, data tracing; GDPR Art. 5(1)(c)",
        infra=("Api",),
        frameworks=(
            "iso27001:A.8.11",
            "nist-csf:PR.DS-01",
            "soc2:C1.1",
            "pci:3.3.1",
            "gdpr:32.1.a",
            "gdpr:5.1.f",
        ),
    ),
    Control(
        id="data-under-own-keys",
        layer=Layer.PRIVACY,
        severity=Severity.HIGH,
        promise="Secrets, tables, buckets, logs, queues and topics are encrypted with keys of ours.",
        citation="AWS Security Hub S3.17, SNS.1, CloudTrail.2; AWS Secrets Manager, customer managed keys",
        infra=("PartnerSecrets", "TokenStore", "Ledger", "LogBucket", "Monitoring", "Audit"),
        frameworks=(
            "iso27001:A.8.24",
            "nist-csf:PR.DS-01",
            "soc2:CC6.1",
            "nis2:21.2.h",
            "pci:3.5.1",
            "gdpr:32.1.a",
        ),
    ),
    Control(
        id="buckets-not-public",
        layer=Layer.PRIVACY,
        severity=Severity.CRITICAL,
        promise="No bucket can be made public, and none takes access lists.",
        citation="AWS Security Hub S3.8, S3.12",
        infra=("LogBucket", "CodeSigning"),
        frameworks=(
            "iso27001:A.8.11",
            "nist-csf:PR.DS-01",
            "soc2:C1.1",
            "pci:3.3.1",
            "gdpr:32.1.a",
            "gdpr:5.1.f",
        ),
    ),
    Control(
        id="retention-bounded",
        layer=Layer.PRIVACY,
        severity=Severity.MEDIUM,
        promise="Nothing is kept for ever: ledgers and logs expire.",
        citation="GDPR Art. 5(1)(e); Amazon DynamoDB, time to live",
        infra=("Ledger", "LogBucket", "Monitoring"),
        frameworks=("iso27001:A.8.10", "nist-csf:PR.DS-01", "soc2:C1.2", "pci:3.2.1", "gdpr:5.1.e"),
    ),
    Control(
        id="stores-classified",
        layer=Layer.PRIVACY,
        severity=Severity.LOW,
        promise="Every store says which class of data it holds.",
        citation="ISO 27001:2022 A.5.12; AWS Well-Architected, SEC07-BP01",
        infra=("TokenStore", "Ledger", "PartnerSecrets", "LogBucket"),
        frameworks=("iso27001:A.5.12", "nist-csf:ID.AM-07", "soc2:C1.1", "gdpr:30.1"),
    ),
    Control(
        id="personal-data-assessed",
        layer=Layer.PRIVACY,
        severity=Severity.MEDIUM,
        promise="A person has assessed which personal data each partner gets, and why.",
        citation="GDPR Art. 30 and Art. 35",
        frameworks=("iso27001:A.5.34", "nist-csf:ID.RA-05", "soc2:P3.1", "gdpr:35.1"),
        manual=(
            "Purposes and contracts are outside the stack; the data protection officer keeps the record "
            "of processing and reviews it with every new module or partner."
        ),
    ),
    Control(
        id="logs-carry-no-identifiers",
        layer=Layer.PRIVACY,
        severity=Severity.MEDIUM,
        promise="The API's access log names the route, not the path: paths hold token identifiers.",
        citation="GDPR Art. 5(1)(c); OCPI 2.2.1, 12: token uids identify drivers",
        infra=("Api",),
        frameworks=(
            "iso27001:A.8.11",
            "nist-csf:PR.DS-01",
            "soc2:C1.1",
            "pci:3.3.1",
            "gdpr:32.1.a",
            "gdpr:5.1.f",
        ),
    ),
)
