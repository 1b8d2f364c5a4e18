"""The audit trail: who did what in the account, kept where nobody can alter it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext
from infra.data.s3 import PrivateBucket, PrivateBucketArgs, own_bucket
from infra.identity.iam_policies import Statement, allow, same_account, service

_READ_BACK = ["s3:GetBucketAcl", "s3:ListBucket"]
_REPLICATED = [
    "s3:GetObjectLegalHold",
    "s3:GetObjectRetention",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionForReplication",
    "s3:GetObjectVersionTagging",
]


@dataclass(frozen=True, slots=True)
class AuditTrailArgs:
    """`lock_days`: so long no object of the trail can be deleted. `topic` is the alarm topic's name.

    `tables` are ARNs of the tables whose every read and write is recorded.
    """

    context: ComponentContext
    lock_days: int
    replica_region: str
    topic: pulumi.Input[str]
    tables: Sequence[pulumi.Input[str]]


class AuditTrail(pulumi.ComponentResource):
    """The trail, its locked bucket `bucket` and the locked copy of that in another region.

    `log_group` is where metric filters read the trail; `access_logs` the bucket for access logs.
    """

    def __init__(self, name: str, args: AuditTrailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:observability:AuditTrail", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.access_logs = self._access_logs()
        self.bucket = self._locked("trail", self._writers())
        self.copy = self._locked("trail-copy", [], args.replica_region)
        self._replicate()
        self.log_group = args.context.log_group("trail", self._child)
        self.trail = self._trail()
        self.register_outputs({"bucket": self.bucket.bucket, "logGroup": self.log_group.name})

    def _access_logs(self) -> PrivateBucket:
        """Server access logs, and those of the load balancer."""
        context = self._args.context
        account = same_account(context.environment.account)
        bucket = f"arn:aws:s3:::{own_bucket(context, 'access-logs')}"
        return PrivateBucket(
            "access-logs",
            PrivateBucketArgs(
                context,
                "access-logs",
                context.retention_days,
                [
                    allow(
                        "Access",
                        ["s3:PutObject"],
                        [bucket + "/*"],
                        service("logging.s3.amazonaws.com"),
                        account,
                    ),
                    allow(
                        "Balancer",
                        ["s3:PutObject"],
                        [bucket + "/*"],
                        service("delivery.logs.amazonaws.com"),
                        account,
                    ),
                    allow(
                        "BalancerAcl",
                        ["s3:GetBucketAcl"],
                        [bucket],
                        service("delivery.logs.amazonaws.com"),
                        account,
                    ),
                ],
            ),
            self._child,
        )

    def _locked(
        self, purpose: str, statements: Sequence[Statement], region: str | None = None
    ) -> PrivateBucket:
        context = self._args.context
        lock = self._args.lock_days
        return PrivateBucket(
            purpose,
            PrivateBucketArgs(
                context,
                purpose,
                # An object cannot expire before its lock does.
                max(context.retention_days, lock + 1),
                statements,
                context.keys.logs.arn if region is None else context.keys.replica.arn,
                lock,
                self.access_logs.bucket if region is None else None,
                region,
            ),
            self._child,
        )

    def _writers(self) -> list[Statement]:
        """CloudTrail and AWS Config, each for this account, into its own folder."""
        context = self._args.context
        environment = context.environment
        bucket = f"arn:aws:s3:::{own_bucket(context, 'trail')}"
        trail = {
            "StringEquals": {
                "aws:SourceArn": environment.arn("cloudtrail", f"trail/{environment.name('trail')}")
            }
        }
        account = same_account(environment.account)
        own = f"AWSLogs/{environment.account}/*"
        config = service("config.amazonaws.com")
        cloudtrail = service("cloudtrail.amazonaws.com")
        return [
            allow("TrailAcl", ["s3:GetBucketAcl"], [bucket], cloudtrail, trail),
            allow("Trail", ["s3:PutObject"], [f"{bucket}/trail/{own}"], cloudtrail, trail),
            allow("ConfigAcl", _READ_BACK, [bucket], config, account),
            allow("Config", ["s3:PutObject"], [f"{bucket}/config/{own}"], config, account),
        ]

    def _replicate(self) -> None:
        """A second copy in another region, locked as well: losing a region loses no evidence."""
        keys, copy = self._args.context.keys, self.copy
        role = self._args.context.role(
            "replication", "s3.amazonaws.com", self._replication_use(), self._child
        )
        aws.s3.BucketReplicationConfig(
            "trail",
            bucket=self.bucket.bucket,
            role=role.arn,
            rules=[
                {
                    "id": "copy",
                    "status": "Enabled",
                    "priority": 1,
                    "filter": {"prefix": ""},
                    "delete_marker_replication": {"status": "Disabled"},
                    "source_selection_criteria": {"sse_kms_encrypted_objects": {"status": "Enabled"}},
                    "destination": {
                        "bucket": copy.arn,
                        "storage_class": "STANDARD_IA",
                        "encryption_configuration": {"replica_kms_key_id": keys.replica.arn},
                    },
                }
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.bucket.versioning, copy.versioning]),
        )

    def _replication_use(self) -> list[Statement]:
        """What S3 needs to copy locked objects (S3 User Guide, "Replicating objects")."""
        keys = self._args.context.keys
        originals, copies = (pulumi.Output.concat(one.arn, "/*") for one in (self.bucket, self.copy))
        return [
            allow("List", ["s3:GetReplicationConfiguration", "s3:ListBucket"], [self.bucket.arn]),
            allow("Read", _REPLICATED, [originals]),
            allow("Copy", ["s3:ReplicateObject", "s3:ReplicateTags"], [copies]),
            allow("Decrypt", ["kms:Decrypt"], [keys.logs.arn]),
            allow("Encrypt", ["kms:Encrypt", "kms:GenerateDataKey"], [keys.replica.arn]),
        ]

    def _trail(self) -> aws.cloudtrail.Trail:
        context = self._args.context
        environment = context.environment
        streams = pulumi.Output.concat(self.log_group.arn, ":*")
        role = context.role(
            "trail",
            "cloudtrail.amazonaws.com",
            [allow("Write", ["logs:CreateLogStream", "logs:PutLogEvents"], [streams])],
            self._child,
        )
        return aws.cloudtrail.Trail(
            "trail",
            name=environment.name("trail"),
            s3_bucket_name=self.bucket.bucket,
            s3_key_prefix="trail",
            sns_topic_name=self._args.topic,
            kms_key_id=context.keys.logs.arn,
            cloud_watch_logs_group_arn=streams,
            cloud_watch_logs_role_arn=role.arn,
            enable_logging=True,
            enable_log_file_validation=True,
            include_global_service_events=True,
            is_multi_region_trail=True,
            is_organization_trail=False,
            advanced_event_selectors=self._selectors(),
            insight_selectors=[
                {"insight_type": "ApiCallRateInsight"},
                {"insight_type": "ApiErrorRateInsight"},
            ],
            tags=environment.tags("trail", data_class="confidential"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.bucket.ready]),
        )

    def _selectors(self) -> list[aws.cloudtrail.TrailAdvancedEventSelectorArgsDict]:
        """All management events, every use of the tables, every change to the trail and its copy."""
        objects = [pulumi.Output.concat(bucket.arn, "/") for bucket in (self.bucket, self.copy)]
        return [
            {
                "name": "Management",
                "field_selectors": [{"field": "eventCategory", "equals": ["Management"]}],
            },
            {
                "name": "Tables",
                "field_selectors": [
                    {"field": "eventCategory", "equals": ["Data"]},
                    {"field": "resources.type", "equals": ["AWS::DynamoDB::Table"]},
                    {"field": "resources.ARN", "equals": list(self._args.tables)},
                ],
            },
            {
                "name": "TrailObjects",
                "field_selectors": [
                    {"field": "eventCategory", "equals": ["Data"]},
                    {"field": "resources.type", "equals": ["AWS::S3::Object"]},
                    {"field": "resources.ARN", "starts_withs": objects},
                    {"field": "readOnly", "equals": ["false"]},
                ],
            },
        ]
