"""The audit trail: who did what in the account, kept where nobody can alter it.

Beside it, in buckets of the same kind, AWS Config's history: what was configured how, and when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext
from infra.data.replication import replicate
from infra.data.s3 import PrivateBucket, PrivateBucketArgs, own_bucket
from infra.identity.iam_policies import Statement, allow, same_account, service
from infra.observability.sns import NoticeTopic

_READ_BACK = ["s3:GetBucketAcl", "s3:ListBucket"]


@dataclass(frozen=True, slots=True)
class AuditTrailArgs:
    """`lock_days`: so long no object of the trail can be deleted. `topic` hears of each delivered file.

    `tables` are ARNs of the tables whose every read and write is recorded.
    """

    context: ComponentContext
    lock_days: int
    replica_region: str
    topic: NoticeTopic
    tables: Sequence[pulumi.Input[str]]


class AuditTrail(pulumi.ComponentResource):
    """The trail, its locked bucket `bucket` and the locked copy of that in another region.

    `history` is AWS Config's bucket, with a copy too. `log_group` is where metric filters read the trail;
    `access_logs` the bucket for access logs; `access_logs_of_copies` that of the other region, where its copy
    is too.
    """

    def __init__(self, name: str, args: AuditTrailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:observability:AuditTrail", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.access_logs = self._access_logs("access-logs")
        self.access_logs_of_copies = self._access_logs("access-logs-copy", args.replica_region)
        replicate(args.context, "access-logs-replication", self.access_logs, self.access_logs_of_copies, self)
        lock = args.lock_days
        self.bucket = self._kept("trail", self._trail_writers(), lock)
        self.copy = self._kept("trail-copy", [], lock, args.replica_region)
        replicate(args.context, "replication", self.bucket, self.copy, self)
        # AWS Config delivers to no bucket with Object Lock (AWS Config API, DeliveryChannel).
        self.history = self._kept("config", self._config_writers(), 0)
        self._history_copy = self._kept("config-copy", [], 0, args.replica_region)
        replicate(args.context, "config-replication", self.history, self._history_copy, self)
        self.log_group = args.context.log_group("trail", self._child)
        self.trail = self._trail()
        self.register_outputs({"bucket": self.bucket.bucket, "logGroup": self.log_group.name})

    def _access_logs(self, purpose: str, region: str | None = None) -> PrivateBucket:
        """Server access logs, and those of the load balancer."""
        context = self._args.context
        account = same_account(context.environment.account)
        bucket = f"arn:aws:s3:::{own_bucket(context, purpose, region)}"
        everything, delivery = [bucket + "/*"], service("delivery.logs.amazonaws.com")
        statements = [
            allow("Access", ["s3:PutObject"], everything, service("logging.s3.amazonaws.com"), account),
            allow("Balancer", ["s3:PutObject"], everything, delivery, account),
            allow("BalancerAcl", ["s3:GetBucketAcl"], [bucket], delivery, account),
        ]
        return PrivateBucket(
            purpose,
            PrivateBucketArgs(context, purpose, context.retention_days, statements, region=region),
            self._child,
        )

    def _kept(
        self, purpose: str, statements: Sequence[Statement], lock_days: int, region: str | None = None
    ) -> PrivateBucket:
        """A bucket for evidence, or in `region` a copy of one."""
        context = self._args.context
        here = region is None
        return PrivateBucket(
            purpose,
            PrivateBucketArgs(
                context,
                purpose,
                # An object cannot expire before its lock does.
                max(context.retention_days, lock_days + 1),
                statements,
                context.keys.logs.arn if here else context.keys.replica.arn,
                lock_days,
                (self.access_logs if here else self.access_logs_of_copies).bucket,
                region,
            ),
            self._child,
        )

    def _trail_writers(self) -> list[Statement]:
        """CloudTrail, for this account's trail, into its own folder."""
        environment = self._args.context.environment
        bucket = f"arn:aws:s3:::{own_bucket(self._args.context, 'trail')}"
        arn = environment.arn("cloudtrail", f"trail/{environment.name('trail')}")
        own, cloudtrail = {"StringEquals": {"aws:SourceArn": arn}}, service("cloudtrail.amazonaws.com")
        folder = f"{bucket}/trail/AWSLogs/{environment.account}/*"
        return [
            allow("TrailAcl", ["s3:GetBucketAcl"], [bucket], cloudtrail, own),
            allow("Trail", ["s3:PutObject"], [folder], cloudtrail, own),
        ]

    def _config_writers(self) -> list[Statement]:
        """AWS Config, for this account, into its own folder."""
        environment = self._args.context.environment
        bucket = f"arn:aws:s3:::{own_bucket(self._args.context, 'config')}"
        account, config = same_account(environment.account), service("config.amazonaws.com")
        folder = f"{bucket}/config/AWSLogs/{environment.account}/*"
        return [
            allow("ConfigAcl", _READ_BACK, [bucket], config, account),
            allow("Config", ["s3:PutObject"], [folder], config, account),
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
            sns_topic_name=self._args.topic.name,
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
            # CloudTrail tries both when the trail is made, and the provider does not try again.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.bucket.ready, self._args.topic.ready]),
        )

    def _selectors(self) -> list[aws.cloudtrail.TrailAdvancedEventSelectorArgsDict]:
        """All management events, every use of the tables, every change to what is kept and its copies."""
        kept = (self.bucket, self.copy, self.history, self._history_copy)
        objects = [pulumi.Output.concat(bucket.arn, "/") for bucket in kept]
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
