"""Controls of the audit layer over what must arrive: AWS accepts, or drops, what these forbid."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="history-delivered",
        layer=Layer.AUDIT,
        severity=Severity.HIGH,
        promise="AWS Config delivers its history to a bucket of ours without Object Lock, which it refuses.",
        citation="AWS Config API, PutDeliveryChannel: no bucket with Object Lock",
        infra=("Detection", "AuditTrail"),
        frameworks=frameworks.CONFIGURATION,
    ),
    Control(
        id="findings-delivered",
        layer=Layer.AUDIT,
        severity=Severity.HIGH,
        promise="EventBridge may publish to each topic that its rules send findings to, and use its key.",
        citation=(
            "EventBridge User Guide, Amazon SNS permissions; "
            "Amazon SNS, Enable compatibility between event sources and encrypted topics"
        ),
        infra=("AlarmTopic", "Detection", "EncryptionKeys"),
        frameworks=frameworks.INCIDENT_ALARMS,
    ),
    Control(
        id="trail-waits-for-policies",
        layer=Layer.AUDIT,
        severity=Severity.MEDIUM,
        promise="The trail is made after the policies that let it write to its bucket and its topic.",
        citation="AWS CloudTrail API, CreateTrail: InsufficientS3BucketPolicy, InsufficientSnsTopicPolicy",
        infra=("AuditTrail",),
        frameworks=frameworks.LOGGING,
    ),
    Control(
        id="alarms-can-count",
        layer=Layer.AUDIT,
        severity=Severity.HIGH,
        promise="What an alarm counts exists: its pattern is true of the log, its dimensions of the metric.",
        citation="Amazon CloudWatch Logs, Filter pattern syntax; AWS WAF, Metrics and dimensions",
        infra=("Monitoring",),
        frameworks=frameworks.INCIDENT_ALARMS,
    ),
    Control(
        id="alarms-name-runbooks",
        layer=Layer.AUDIT,
        severity=Severity.LOW,
        promise="Every alarm says in its description which runbook to follow.",
        citation="NIST SP 800-61 r3; AWS Well-Architected, OPS10-BP02: have a process per alert",
        infra=("Monitoring",),
        frameworks=frameworks.INCIDENT_ALARMS,
    ),
    Control(
        id="mail-is-for-alarms",
        layer=Layer.AUDIT,
        severity=Severity.MEDIUM,
        promise="No notice of a delivered file reaches the people who must hear alarms.",
        citation="AWS CloudTrail, Configuring Amazon SNS notifications: one for every log file",
        infra=("AuditTrail", "NoticeTopic"),
        frameworks=frameworks.INCIDENT_ALARMS,
    ),
)
