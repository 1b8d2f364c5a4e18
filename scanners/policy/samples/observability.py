"""The sample's audit: trail, locked bucket, log groups, alarms, topic and detection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from scanners.policy.samples.buckets import bucket, trail_buckets
from scanners.policy.samples.data import ROOT, key, policy, refuse_plaintext, tags
from scanners.policy.samples.events import PATTERNS
from scanners.policy.samples.sample_stack import after, aws, retained, stack
from scanners.policy.stack import Resource

# AWS Config's managed rules that judge what this project promises.
CONFIG_RULES = (
    "ACM_CERTIFICATE_EXPIRATION_CHECK",
    "API_GW_ASSOCIATED_WITH_WAF",
    "CLOUD_TRAIL_ENABLED",
    "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED",
    "DYNAMODB_PITR_ENABLED",
    "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS",
    "INCOMING_SSH_DISABLED",
    "KMS_CMK_NOT_SCHEDULED_FOR_DELETION",
    "ROOT_ACCOUNT_MFA_ENABLED",
    "S3_BUCKET_PUBLIC_READ_PROHIBITED",
    "S3_BUCKET_SSL_REQUESTS_ONLY",
    "SECRETSMANAGER_ROTATION_ENABLED_CHECK",
    "VPC_DEFAULT_SECURITY_GROUP_CLOSED",
    "VPC_FLOW_LOGS_ENABLED",
)


def _told(name: str, source: str, kind: str, detail: dict[str, Any]) -> Iterator[Resource]:
    """An event rule for findings, with the topic as its target."""
    pattern = json.dumps({"source": [source], "detail-type": [kind], "detail": detail})
    yield aws("cloudwatch/eventRule:EventRule", f"rule-{name}", eventPattern=pattern, state="ENABLED")
    yield aws(
        "cloudwatch/eventTarget:EventTarget", f"target-{name}", rule=f"rule-{name}", arn="arn:topic-alarms"
    )


# The regions that every account has on.
REGIONS = tuple(
    f"{area}-{name}"
    for area, names in {
        "ap": ("northeast-1", "northeast-2", "northeast-3", "south-1", "southeast-1", "southeast-2"),
        "ca": ("central-1",),
        "eu": ("central-1", "north-1", "west-1", "west-2", "west-3"),
        "sa": ("east-1",),
        "us": ("east-1", "east-2", "west-1", "west-2"),
    }.items()
    for name in names
)
DETECTORS = tuple(f"detector-{region}" for region in REGIONS)
HUBS = tuple(f"hub-{region}" for region in REGIONS)


def _alarms() -> Iterator[Resource]:
    for name, pattern in PATTERNS.items():
        yield aws(
            "cloudwatch/logMetricFilter:LogMetricFilter",
            f"filter-{name}",
            logGroupName="log-api" if "$.status" in pattern or "$.path" in pattern else "log-trail",
            pattern=pattern,
            metricTransformation={"name": f"m-{name}", "namespace": "Rampart", "value": "1"},
        )
        yield _alarm(name, namespace="Rampart", metricName=f"m-{name}", threshold=5)
    yield _alarm(
        "expiry",
        namespace="AWS/CertificateManager",
        metricName="DaysToExpiry",
        threshold=45,
        comparisonOperator="LessThanThreshold",
        dimensions={"CertificateArn": "arn:cert-1"},
    )


def _alarm(name: str, **inputs: object) -> Resource:
    common = {"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1, "period": 300}
    return aws(
        "cloudwatch/metricAlarm:MetricAlarm",
        f"alarm-{name}",
        name=f"alarm-{name}",
        **{**common, **inputs},
        actionsEnabled=True,
        alarmActions=["arn:topic-alarms"],
        alarmDescription="Counted. Runbook: rampart runbook leaked-token",
    )


def events_use(**condition: object) -> str:
    """The policy of a key that EventBridge may use for encrypted topics."""
    use = {"Action": ["kms:GenerateDataKey*", "kms:Decrypt"], "Resource": "*"}
    events = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, **use}
    account = {"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"}
    return policy(account, {**events, **({"Condition": condition} if condition else {})})


def _publishers(topic: str) -> Iterator[dict[str, Any]]:
    ours = {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    for service, condition in (("cloudwatch", {"Condition": ours}), ("events", {})):
        principal = {"Service": f"{service}.amazonaws.com"}
        what = {"Action": "sns:Publish", "Resource": topic}
        yield {"Effect": "Allow", "Principal": principal, **what, **condition}


def _topic(name: str) -> Iterator[Resource]:
    arn = f"arn:topic-{name}"
    yield aws("sns/topic:Topic", f"topic-{name}", kmsMasterKeyId="kms-messages", tags=tags("internal"))
    yield aws(
        "sns/topicPolicy:TopicPolicy",
        f"topic-policy-{name}",
        arn=arn,
        policy=policy(*_publishers(arn), refuse_plaintext("sns:Publish", arn)),
    )


AUDIT = stack(
    retained(key("logs")),
    key("messages", events_use()),
    aws("acm/certificate:Certificate", "cert-1", domainName="ocpi.example", validationMethod="DNS"),
    *(
        aws(
            "cloudwatch/logGroup:LogGroup",
            f"log-{name}",
            retentionInDays=400,
            kmsKeyId="arn:kms-logs",
            tags=tags("confidential"),
        )
        for name in ("trail", "api", "waf", "flow", "guard")
    ),
    *trail_buckets(),
    *bucket("history"),
    *bucket("access-logs"),
    aws(
        "s3/bucketLogging:BucketLogging",
        "access-audit",
        bucket="audit",
        targetBucket="access-logs",
        targetPrefix="audit/",
    ),
    after(
        aws(
            "cloudtrail/trail:Trail",
            "trail-1",
            s3BucketName="audit",
            snsTopicName="topic-files",
            kmsKeyId="arn:kms-logs",
            cloudWatchLogsGroupArn="arn:log-trail:*",
            enableLogging=True,
            enableLogFileValidation=True,
            includeGlobalServiceEvents=True,
            isMultiRegionTrail=True,
            advancedEventSelectors=[
                {"name": "all", "fieldSelectors": [{"field": "eventCategory", "equals": ["Management"]}]},
                {
                    "name": "objects",
                    "fieldSelectors": [
                        {"field": "eventCategory", "equals": ["Data"]},
                        {"field": "resources.type", "equals": ["AWS::S3::Object"]},
                    ],
                },
            ],
            insightSelectors=[{"insightType": "ApiCallRateInsight"}],
            tags=tags("confidential"),
        ),
        "s3/bucketPolicy:BucketPolicy::policy-audit",
        "sns/topicPolicy:TopicPolicy::topic-policy-files",
    ),
    *_alarms(),
    *_topic("alarms"),
    *_topic("files"),
    aws("cloudwatch/eventRule:EventRule", "rule-findings", state="ENABLED", eventPattern="{}"),
    aws(
        "cloudwatch/eventTarget:EventTarget", "target-findings", rule="rule-findings", arn="arn:topic-alarms"
    ),
    aws("sqs/queue:Queue", "queue-dead-letters", kmsMasterKeyId="kms-messages", tags=tags("internal")),
    aws(
        "sqs/queuePolicy:QueuePolicy",
        "queue-policy",
        queueUrl="queue-dead-letters",
        policy=policy(refuse_plaintext("sqs:*", "arn:queue-dead-letters")),
    ),
    aws(
        "sns/topicSubscription:TopicSubscription",
        "topic-mail",
        topic="arn:topic-alarms",
        protocol="email",
        endpoint="security@ocpi.example",
    ),
    *(
        aws(
            "guardduty/detector:Detector",
            f"detector-{r}",
            enable=True,
            region=r,
            findingPublishingFrequency="FIFTEEN_MINUTES",
        )
        for r in REGIONS
    ),
    *(
        aws(
            "guardduty/detectorFeature:DetectorFeature",
            f"feature-{i}",
            detectorId="detector-eu-central-1",
            name=name,
            status="ENABLED",
        )
        for i, name in enumerate(("S3_DATA_EVENTS", "LAMBDA_NETWORK_LOGS"))
    ),
    *_told("threats", "aws.guardduty", "GuardDuty Finding", {"severity": [{"numeric": [">=", 4]}]}),
    *_told(
        "posture",
        "aws.securityhub",
        "Security Hub Findings - Imported",
        {"findings": {"Severity": {"Label": ["HIGH", "CRITICAL"]}}},
    ),
    *_told("expiry", "aws.acm", "ACM Certificate Approaching Expiration", {}),
    *(
        aws("securityhub/account:Account", f"hub-{r}", region=r, autoEnableControls=r == "eu-central-1")
        for r in REGIONS
    ),
    aws("securityhub/findingAggregator:FindingAggregator", "aggregator-1", linkingMode="ALL_REGIONS"),
    *(
        aws(
            "securityhub/standardsSubscription:StandardsSubscription",
            f"standard-{i}",
            standardsArn=f"arn:aws:securityhub:::standards/{name}",
        )
        for i, name in enumerate(
            ("aws-foundational-security-best-practices/v/1.0.0", "cis-aws-foundations-benchmark/v/3.0.0")
        )
    ),
    aws("accessanalyzer/analyzer:Analyzer", "analyzer-1", analyzerName="access", type="ACCOUNT"),
    aws(
        "cfg/recorder:Recorder",
        "recorder-1",
        roleArn="arn:role-config",
        recordingGroup={"allSupported": True, "includeGlobalResourceTypes": True},
    ),
    aws("cfg/recorderStatus:RecorderStatus", "recorder-on", name="recorder-1", isEnabled=True),
    aws("cfg/deliveryChannel:DeliveryChannel", "channel-1", s3BucketName="history"),
    *(
        aws("cfg/rule:Rule", f"rule-{i}", source={"owner": "AWS", "sourceIdentifier": name})
        for i, name in enumerate(CONFIG_RULES)
    ),
)
