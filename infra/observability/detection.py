"""Detection: the AWS services that examine the account all the time, and messages for their findings.

One component builds several services, because they hold together: GuardDuty (`guardduty`), AWS Config
(`config`), Security Hub (`security_hub`, which needs Config to record), IAM Access Analyzer
(`access_analyzer`), and EventBridge rules (`eventbridge`) that send findings to the alarm topic.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext
from infra.data.s3 import PrivateBucket
from infra.observability.cloudwatch import Alarm
from infra.observability.regions import watch_elsewhere

# GuardDuty features for the services of this stack (GuardDuty API, DetectorFeatureConfiguration).
_FEATURES = ("S3_DATA_EVENTS", "LAMBDA_NETWORK_LOGS")
# GuardDuty puts its agent into every Fargate task itself; there is no other way.
_AGENT = "ECS_FARGATE_AGENT_MANAGEMENT"

# Our name for the rule -> identifier and parameters (AWS Config, "List of AWS Config Managed Rules").
_RULES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "api-gateway-waf": ("API_GW_ASSOCIATED_WITH_WAF", {}),
    "cloudtrail-on": ("CLOUD_TRAIL_ENABLED", {}),
    "cloudtrail-validated": ("CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED", {}),
    "default-group-closed": ("VPC_DEFAULT_SECURITY_GROUP_CLOSED", {}),
    "flow-logs-on": ("VPC_FLOW_LOGS_ENABLED", {}),
    "iam-no-admin": ("IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS", {}),
    "keys-not-deleted": ("KMS_CMK_NOT_SCHEDULED_FOR_DELETION", {}),
    "mfa-for-root": ("ROOT_ACCOUNT_MFA_ENABLED", {}),
    "no-open-ssh": ("INCOMING_SSH_DISABLED", {}),
    "s3-not-public": ("S3_BUCKET_PUBLIC_READ_PROHIBITED", {}),
    "s3-tls-only": ("S3_BUCKET_SSL_REQUESTS_ONLY", {}),
    "secrets-rotated": ("SECRETSMANAGER_ROTATION_ENABLED_CHECK", {}),
    "tables-recoverable": ("DYNAMODB_PITR_ENABLED", {}),
    "certificates-renewed": ("ACM_CERTIFICATE_EXPIRATION_CHECK", {"daysToExpiration": "30"}),
}

# Our name -> the standard's ARN after the region (Security Hub API, StandardsArn).
_STANDARDS = {
    "foundational": "standards/aws-foundational-security-best-practices/v/1.0.0",
    "cis": "standards/cis-aws-foundations-benchmark/v/3.0.0",
}


# A job that ends so has made no copy, here or elsewhere (AWS Backup Developer Guide, "Monitoring AWS Backup
# events using Amazon EventBridge"; API, BackupJob and CopyJob).
_FAILED_JOBS: Mapping[str, object] = {
    "source": ["aws.backup"],
    "detail-type": ["Backup Job State Change", "Copy Job State Change"],
    "detail": {"state": ["ABORTED", "EXPIRED", "FAILED", "PARTIAL"]},
}


@dataclass(frozen=True, slots=True)
class DetectionArgs:
    """`bucket` keeps AWS Config's history; `topic` is the ARN of the topic that findings go to.

    `regions` are those in which GuardDuty and Security Hub watch, besides the stack's own.
    """

    context: ComponentContext
    bucket: PrivateBucket
    topic: pulumi.Input[str]
    regions: tuple[str, ...]


class Detection(pulumi.ComponentResource):
    """GuardDuty, AWS Config, Security Hub and Access Analyzer; their serious findings reach the topic.

    `rules` maps our name of each event rule to its name in AWS.
    """

    def __init__(self, name: str, args: DetectionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:observability:Detection", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.rules: dict[str, pulumi.Output[str]] = {}
        self._guardduty()
        recorder = self._config()
        hub = self._security_hub(recorder)
        environment = args.context.environment
        watch_elsewhere(environment, args.regions, hub, self._child)
        aws.accessanalyzer.Analyzer(
            "outside",
            analyzer_name=environment.name("outside"),
            type="ACCOUNT",
            tags=environment.tags("outside"),
            opts=self._child,
        )
        self._messages()
        self.register_outputs({})

    def _guardduty(self) -> None:
        tags = self._args.context.environment.tags("detector")
        detector = aws.guardduty.Detector(
            "detector",
            enable=True,
            finding_publishing_frequency="FIFTEEN_MINUTES",
            region=self._args.context.environment.region,
            tags=tags,
            opts=self._child,
        )
        for feature in _FEATURES:
            aws.guardduty.DetectorFeature(
                feature.lower().replace("_", "-"),
                detector_id=detector.id,
                name=feature,
                status="ENABLED",
                opts=self._child,
            )
        aws.guardduty.DetectorFeature(
            "runtime-monitoring",
            detector_id=detector.id,
            name="RUNTIME_MONITORING",
            status="ENABLED",
            additional_configurations=[{"name": _AGENT, "status": "ENABLED"}],
            opts=self._child,
        )

    def _config(self) -> pulumi.Resource:
        """Every supported resource is recorded; without the recorder running, no rule judges anything."""
        context = self._args.context
        environment = context.environment
        bucket = self._args.bucket
        # AWS keeps this role's rights in step with what Config can record.
        role = aws.iam.ServiceLinkedRole("config", aws_service_name="config.amazonaws.com", opts=self._child)
        recorder = aws.cfg.Recorder(
            "all",
            name=environment.name("all"),
            role_arn=role.arn,
            recording_group={"all_supported": True, "include_global_resource_types": True},
            opts=self._child,
        )
        channel = aws.cfg.DeliveryChannel(
            "all",
            name=environment.name("all"),
            s3_bucket_name=bucket.bucket,
            s3_key_prefix="config",
            s3_kms_key_arn=context.keys.logs.arn,
            snapshot_delivery_properties={"delivery_frequency": "TwentyFour_Hours"},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[recorder, bucket.ready]),
        )
        status = aws.cfg.RecorderStatus(
            "all",
            name=recorder.name,
            is_enabled=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[channel]),
        )
        for name, (rule, parameters) in _RULES.items():
            aws.cfg.Rule(
                name,
                name=environment.name(name),
                description=f"AWS managed rule {rule}",
                source={"owner": "AWS", "source_identifier": rule},
                input_parameters=json.dumps(parameters) if parameters else None,
                tags=environment.tags(name),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[recorder]),
            )
        return status

    def _security_hub(self, recorder: pulumi.Resource) -> pulumi.Resource:
        environment = self._args.context.environment
        hub = aws.securityhub.Account(
            "hub",
            enable_default_standards=False,
            auto_enable_controls=True,
            control_finding_generator="SECURITY_CONTROL",
            region=environment.region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[recorder]),
        )
        for name, standard in _STANDARDS.items():
            aws.securityhub.StandardsSubscription(
                name,
                standards_arn=f"arn:aws:securityhub:{environment.region}::{standard}",
                opts=pulumi.ResourceOptions(parent=self, depends_on=[hub]),
            )
        return hub

    def _messages(self) -> None:
        """Messages for what needs a person at once. GuardDuty's medium severity begins at 4."""
        self._message(
            "guardduty",
            {
                "source": ["aws.guardduty"],
                "detail-type": ["GuardDuty Finding"],
                "detail": {"severity": [{"numeric": [">=", 4]}]},
            },
        )
        self._message(
            "security-hub",
            {
                "source": ["aws.securityhub"],
                "detail-type": ["Security Hub Findings - Imported"],
                "detail": {
                    "findings": {"Severity": {"Label": ["HIGH", "CRITICAL"]}, "Workflow": {"Status": ["NEW"]}}
                },
            },
        )
        self._message("backups-failed", _FAILED_JOBS)
        self._message(
            "certificate-expiry",
            {"source": ["aws.acm"], "detail-type": ["ACM Certificate Approaching Expiration"]},
        )

    def _message(self, name: str, pattern: Mapping[str, object]) -> None:
        environment = self._args.context.environment
        rule = aws.cloudwatch.EventRule(
            name,
            name=environment.name(name),
            description=f"Tells people: {name}",
            event_pattern=json.dumps(pattern),
            state="ENABLED",
            tags=environment.tags(name),
            opts=self._child,
        )
        aws.cloudwatch.EventTarget(name, rule=rule.name, arn=self._args.topic, opts=self._child)
        self.rules[name] = rule.name


def undelivered(rules: Mapping[str, pulumi.Input[str]]) -> tuple[Alarm, ...]:
    """An alarm for each event rule whose message did not arrive: EventBridge gives up without a word.

    CloudWatch has a way of its own to the topic (EventBridge User Guide, "Monitoring Amazon EventBridge").
    """
    return tuple(
        Alarm(
            f"{name}-undelivered",
            f"Messages of the rule {name} did not reach the topic",
            "AWS/Events",
            "FailedInvocations",
            1,
            5 * 60,
            {"RuleName": rule},
        )
        for name, rule in rules.items()
    )
