"""KMS keys: one customer key for each kind of data. Access to one kind is never access to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.environment import Environment
from infra.identity.iam_policies import Statement, allow, deny_plaintext, document, same_account, service

_USE = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")


@dataclass(frozen=True, slots=True)
class EncryptionKeysArgs:
    """`replica_region` is where the second copy of the trail is kept."""

    environment: Environment
    replica_region: str


class EncryptionKeys(pulumi.ComponentResource):
    """The keys: `data` (tables), `secrets` (tokens), `backups`, `logs`, `messages` (alarms), `replica`."""

    def __init__(
        self, name: str, args: EncryptionKeysArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("rampart:data:EncryptionKeys", name, None, opts)
        self._args = args
        environment = args.environment
        # Deleting the keys of tokens and tables loses them, so it must be said to the stack first; those of
        # backups, logs and copies outlive the stack, as the locked trail does, or nobody could read it.
        safe, kept = pulumi.ResourceOptions(protect=True), pulumi.ResourceOptions(retain_on_delete=True)
        self.data = self._key("data", "OCPI data at rest", [], opts=safe)
        self.secrets = self._key("secrets", "OCPI credentials tokens", [], opts=safe)
        self.backups = self._key("backups", "Backups of tables", [], opts=kept)
        self.logs = self._key("logs", "Logs and trails", _log_writers(environment), opts=kept)
        self.messages = self._key("messages", "Alarms and failed events", _message_writers(environment))
        self.replica = self._key("replica", "Second copy of the trail", [], args.replica_region, kept)
        self.register_outputs(
            {key: getattr(self, key).arn for key in ("data", "secrets", "logs", "messages")}
        )

    def _key(
        self,
        name: str,
        about: str,
        users: Sequence[Statement],
        region: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> aws.kms.Key:
        own = pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=self), opts)
        key = customer_key(
            self._args.environment,
            name,
            KeyUse(about, tuple(users), region),
            own,
        )
        alias = f"alias/{self._args.environment.name(name)}"
        aws.kms.Alias(
            name,
            name=alias,
            target_key_id=key.key_id,
            region=region,
            opts=own,
        )
        return key


@dataclass(frozen=True, slots=True)
class KeyUse:
    """`about` describes the key; `users` are statements for AWS services; `region` if not the stack's own."""

    about: str
    users: tuple[Statement, ...] = ()
    region: str | None = None


def customer_key(
    environment: Environment, name: str, use: KeyUse, opts: pulumi.ResourceOptions
) -> aws.kms.Key:
    """A symmetric key that rotates every year and takes thirty days to delete."""
    return aws.kms.Key(
        name,
        description=use.about,
        key_usage="ENCRYPT_DECRYPT",
        customer_master_key_spec="SYMMETRIC_DEFAULT",
        enable_key_rotation=True,
        rotation_period_in_days=365,
        deletion_window_in_days=30,
        is_enabled=True,
        policy=key_policy(environment, use.users),
        region=use.region,
        tags=environment.tags(name),
        opts=opts,
    )


def key_policy(environment: Environment, users: Sequence[Statement]) -> pulumi.Output[str]:
    """The policy of a key: IAM policies of the account decide who uses it, and `users` name services.

    KMS Developer Guide, "Default key policy".
    """
    root = {"AWS": environment.arn("iam", "root")}
    return document(allow("Account", ["kms:*"], ["*"], root), *users, deny_plaintext(["kms:*"], ["*"]))


def log_groups_use(account: str, region: str) -> Statement:
    """The statement for CloudWatch Logs of `region`, for log groups of this account only.

    CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
    """
    return allow(
        "CloudWatchLogs",
        _USE,
        ["*"],
        service(f"logs.{region}.amazonaws.com"),
        {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{account}:*"}},
    )


def _log_writers(environment: Environment) -> list[Statement]:
    """CloudWatch Logs, CloudTrail, AWS Config and log delivery, each for this account only."""
    trails = environment.arn("cloudtrail", "trail/*")
    return [
        log_groups_use(environment.account, environment.region),
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
                same_account(environment.account),
            )
            for sid, name in (
                ("Config", "config.amazonaws.com"),
                ("LogDelivery", "delivery.logs.amazonaws.com"),
                ("AccessLogs", "logging.s3.amazonaws.com"),
            )
        ),
    ]


def _message_writers(environment: Environment) -> list[Statement]:
    """What publishes to the topics, each for this account only, except EventBridge.

    To an encrypted topic EventBridge sends neither account nor ARN of its source: a condition on them
    shuts it out (SNS Developer Guide, "Enable compatibility between event sources from AWS services and
    encrypted topics"). The topic's own policy says whose rules may publish.
    """
    names = (
        ("CloudWatch", "cloudwatch.amazonaws.com"),
        ("TrailNotices", "cloudtrail.amazonaws.com"),
        ("BucketNotices", "s3.amazonaws.com"),
    )
    use = ["kms:GenerateDataKey*", "kms:Decrypt"]
    account = same_account(environment.account)
    return [
        allow("Events", use, ["*"], service("events.amazonaws.com")),
        *(allow(sid, use, ["*"], service(name), account) for sid, name in names),
    ]
