"""Checks of the encryption keys, and of what is encrypted with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.dynamodb import TABLE
from scanners.policy.checks.policies import admits_anyone, limited_to_owners, policy_at
from scanners.policy.checks.reading import attached, must_be, number, points_at, read, verdict
from scanners.policy.checks.s3 import BUCKET
from scanners.policy.iam.policy import Statement
from scanners.policy.samples.data import DATA, policy
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import ABSENT, weaken
from scanners.policy.stack import Resource, Stack

KEY: Final = "aws:kms/key:Key"


_YEAR: Final = 365  # days


# What a publisher to an encrypted topic needs.
_USES: Final = frozenset({"kms:generatedatakey*", "kms:generatedatakey", "kms:decrypt"})

_SECOND_THOUGHTS: Final = 30  # days; the most that KMS allows


def _renewable(stack: Stack) -> Iterator[Resource]:
    """Keys that encrypt by themselves: KMS renews no pair and no key of MACs (AWS KMS, rotating keys)."""
    for key in stack.of_type(KEY):
        encrypts = read(key, "keyUsage") in (None, "ENCRYPT_DECRYPT")
        if encrypts and read(key, "customerMasterKeySpec") in (None, "SYMMETRIC_DEFAULT"):
            yield key


_UNTURNED = weaken(DATA, "kms-secrets", "enableKeyRotation", ABSENT)


@check(
    "keys-rotate",
    good=DATA,
    bad={
        "off": _UNTURNED,
        "symmetric by name": weaken(_UNTURNED, "kms-secrets", "customerMasterKeySpec", "SYMMETRIC_DEFAULT"),
    },
    also_good={
        "of MACs": weaken(_UNTURNED, "kms-secrets", "keyUsage", "GENERATE_VERIFY_MAC"),
        "a pair": weaken(_UNTURNED, "kms-secrets", "customerMasterKeySpec", "RSA_4096"),
    },
)
def keys_rotate(stack: Stack) -> Verdicts:
    """Automatic rotation is on."""
    yield from must_be(_renewable(stack), "enableKeyRotation", True)


@check("keys-rotate", good=DATA, bad=weaken(DATA, "kms-data", "rotationPeriodInDays", 2560))
def keys_rotate_each_year(stack: Stack) -> Verdicts:
    """A year is what KMS does unless told otherwise, and it must be written here."""
    for key in _renewable(stack):
        days = number(key, "rotationPeriodInDays")
        yield verdict(
            f"{key.urn}#rotationPeriodInDays", days is not None and days <= _YEAR, "over a year, or unwritten"
        )


@check("keys-guarded", good=DATA, bad=weaken(DATA, "kms-data", "deletionWindowInDays", 7))
def deleted_keys_can_be_brought_back(stack: Stack) -> Verdicts:
    """A deleted key waits for 30 days, the most that KMS allows."""
    yield from must_be(stack.of_type(KEY), "deletionWindowInDays", _SECOND_THOUGHTS)


_ANYONE = policy({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"})


@check("keys-guarded", good=DATA, bad=weaken(DATA, "kms-logs", "policy", _ANYONE))
def key_policies_name_principals(stack: Stack) -> Verdicts:
    """No key policy serves principals that it neither names nor limits to this account."""
    for key in stack.of_type(KEY):
        rules = policy_at(key, "policy")
        where = f"{key.urn}#policy"
        anyone = any(_serves_anyone(stack, statement, where) for statement in rules.allowing)
        yield verdict(
            where, bool(rules.statements) and not anyone, "no key policy, or one that serves anyone"
        )


def _serves_anyone(stack: Stack, statement: Statement, where: str) -> bool:
    """Whether any identity may use the key; a service must name the account or resource that it acts for.

    EventBridge does not say for whom it acts (see the check of `findings-delivered`): the topic's policy
    names the rules.
    """
    principals = statement.principals
    if principals.names == (("Service", "events.amazonaws.com"),):
        return not {action.lower() for action in statement.actions.patterns} <= _USES
    if principals.of_type("Service"):
        return not limited_to_owners(stack, statement, where)
    return admits_anyone(stack, statement, where)


# Where each kind of store names its key.
_KEY_PROPERTY: Final = {
    "aws:secretsmanager/secret:Secret": "kmsKeyId",
    "aws:cloudwatch/logGroup:LogGroup": "kmsKeyId",
    "aws:sns/topic:Topic": "kmsMasterKeyId",
    "aws:sqs/queue:Queue": "kmsMasterKeyId",
    "aws:cloudtrail/trail:Trail": "kmsKeyId",
}


@check(
    "data-under-own-keys",
    good=DATA,
    bad=weaken(DATA, "table-tokens", "serverSideEncryption.kmsKeyArn", ABSENT),
)
def tables_are_under_own_keys(stack: Stack) -> Verdicts:
    """Each table is encrypted with a KMS key of this stack."""
    for table in stack.of_type(TABLE):
        on = read(table, "serverSideEncryption.enabled") is True
        own = (
            on
            and "kmsKeyArn" in table.inputs["serverSideEncryption"]
            and _ours(stack, table, "serverSideEncryption")
        )
        yield verdict(f"{table.urn}#serverSideEncryption", own, "not encrypted with a key of this stack")


@check(
    "data-under-own-keys",
    good=DATA,
    bad=weaken(DATA, "secret-volta-inbound", "kmsKeyId", "alias/aws/secretsmanager"),
)
def secrets_are_under_own_keys(stack: Stack) -> Verdicts:
    """Each secret is encrypted with a KMS key of this stack."""
    yield from _under_own_keys(stack, "aws:secretsmanager/secret:Secret")


@check("data-under-own-keys", good=AUDIT, bad=weaken(AUDIT, "log-api", "kmsKeyId", ABSENT))
def log_groups_are_under_own_keys(stack: Stack) -> Verdicts:
    """Each log group is encrypted with a KMS key of this stack."""
    yield from _under_own_keys(stack, "aws:cloudwatch/logGroup:LogGroup")


@check("data-under-own-keys", good=AUDIT, bad=weaken(AUDIT, "topic-alarms", "kmsMasterKeyId", ABSENT))
def topics_and_queues_are_under_own_keys(stack: Stack) -> Verdicts:
    """Each topic and queue is encrypted with a KMS key of this stack."""
    yield from _under_own_keys(stack, "aws:sns/topic:Topic")
    yield from _under_own_keys(stack, "aws:sqs/queue:Queue")


@check("data-under-own-keys", good=AUDIT, bad=weaken(AUDIT, "trail-1", "kmsKeyId", ABSENT))
def trails_are_under_own_keys(stack: Stack) -> Verdicts:
    """Each trail is encrypted with a KMS key of this stack."""
    yield from _under_own_keys(stack, "aws:cloudtrail/trail:Trail")


_ENCRYPTION = "rules.0.applyServerSideEncryptionByDefault"


@check(
    "data-under-own-keys", good=AUDIT, bad=weaken(AUDIT, "sse-audit", f"{_ENCRYPTION}.sseAlgorithm", "AES256")
)
def buckets_are_under_own_keys(stack: Stack) -> Verdicts:
    """S3 delivers server access logs to buckets under its own keys only, so those may use AES256."""
    kind = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    logs = stack.of_type("aws:s3/bucketLogging:BucketLogging")
    for bucket in stack.of_type(BUCKET):
        for_access_logs = any(points_at(log, "targetBucket", bucket) for log in logs)
        encrypted = attached(stack, bucket, kind, "bucket")
        own = any(_by_own_key(stack, each, for_access_logs) for each in encrypted)
        yield verdict(bucket.urn, own, "not encrypted with a key of this stack")


def _by_own_key(stack: Stack, encryption: Resource, for_access_logs: bool) -> bool:
    algorithm = read(encryption, f"{_ENCRYPTION}.sseAlgorithm")
    if for_access_logs and algorithm == "AES256":
        return True
    return algorithm in ("aws:kms", "aws:kms:dsse") and _ours(stack, encryption, "rules")


def _under_own_keys(stack: Stack, kind: str) -> Verdicts:
    name = _KEY_PROPERTY[kind]
    for resource in stack.of_type(kind):
        own = name in resource.inputs and _ours(stack, resource, name)
        yield verdict(f"{resource.urn}#{name}", own, "not encrypted with a key of this stack")


def _ours(stack: Stack, resource: Resource, name: str) -> bool:
    return any(points_at(resource, name, key) for key in stack.of_type(KEY))
