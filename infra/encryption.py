"""One customer key for each kind of data, so that reading one kind never means reading another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.naming import Place
from infra.policies import Statement, allow, deny_plaintext, document, same_account, service

_USE = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")


@dataclass(frozen=True, slots=True)
class EncryptionArgs:
    place: Place
    replica_region: str


class Encryption(pulumi.ComponentResource):
    """The keys: `data` (tables), `secrets` (tokens), `logs`, `messages` (alarms and queues), `replica`."""

    def __init__(self, name: str, args: EncryptionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:encryption:Encryption", name, None, opts)
        self._args = args
        place = args.place
        self.data = self._key("data", "OCPI data at rest", [])
        self.secrets = self._key("secrets", "OCPI credentials tokens", [])
        self.logs = self._key("logs", "Logs and trails", _log_writers(place))
        self.messages = self._key("messages", "Alarms and failed events", _message_writers(place))
        self.replica = self._key("replica", "Second copy of the trail", [], args.replica_region)
        self.register_outputs(
            {key: getattr(self, key).arn for key in ("data", "secrets", "logs", "messages")}
        )

    def _key(
        self, name: str, about: str, users: Sequence[Statement], region: str | None = None
    ) -> aws.kms.Key:
        child = pulumi.ResourceOptions(parent=self)
        key = aws.kms.Key(
            name,
            description=about,
            key_usage="ENCRYPT_DECRYPT",
            customer_master_key_spec="SYMMETRIC_DEFAULT",
            enable_key_rotation=True,
            rotation_period_in_days=365,
            deletion_window_in_days=30,
            is_enabled=True,
            policy=key_policy(self._args.place, users),
            region=region,
            tags=self._args.place.tags(name),
            opts=child,
        )
        alias = f"alias/{self._args.place.name(name)}"
        aws.kms.Alias(name, name=alias, target_key_id=key.key_id, region=region, opts=child)
        return key


def key_policy(place: Place, users: Sequence[Statement]) -> pulumi.Output[str]:
    """The account decides through IAM who uses the key (AWS's own default), and these services do."""
    root = {"AWS": place.arn("iam", "root")}
    return document(allow("Account", ["kms:*"], ["*"], root), *users, deny_plaintext(["kms:*"], ["*"]))


def _log_writers(place: Place) -> list[Statement]:
    """CloudWatch Logs, CloudTrail, AWS Config and log delivery, each for this account only."""
    groups = place.arn("logs", "*")
    trails = place.arn("cloudtrail", "trail/*")
    return [
        allow(
            "CloudWatchLogs",
            _USE,
            ["*"],
            service(f"logs.{place.region}.amazonaws.com"),
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        ),
        allow(
            "CloudTrail",
            ["kms:GenerateDataKey*", "kms:DescribeKey"],
            ["*"],
            service("cloudtrail.amazonaws.com"),
            {"StringLike": {"aws:SourceArn": trails}},
        ),
        *(
            allow(
                sid,
                ["kms:GenerateDataKey*", "kms:Decrypt"],
                ["*"],
                service(name),
                same_account(place.account),
            )
            for sid, name in (
                ("Config", "config.amazonaws.com"),
                ("LogDelivery", "delivery.logs.amazonaws.com"),
                ("AccessLogs", "logging.s3.amazonaws.com"),
            )
        ),
    ]


def _message_writers(place: Place) -> list[Statement]:
    """What publishes to the alarm topic."""
    names = (
        ("CloudWatch", "cloudwatch.amazonaws.com"),
        ("Events", "events.amazonaws.com"),
        ("TrailNotices", "cloudtrail.amazonaws.com"),
        ("BucketNotices", "s3.amazonaws.com"),
    )
    return [
        allow(sid, ["kms:GenerateDataKey*", "kms:Decrypt"], ["*"], service(name), same_account(place.account))
        for sid, name in names
    ]
