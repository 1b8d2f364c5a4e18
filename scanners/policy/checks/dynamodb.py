"""Checks of the token store and the ledgers, and of the keys that encrypt what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import attached, must_be, points_at, read, tag, verdict
from scanners.policy.samples.data import DATA
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import ABSENT, weaken
from scanners.policy.stack import Resource, Stack

TABLE: Final = "aws:dynamodb/table:Table"
KEY: Final = "aws:kms/key:Key"
BUCKET: Final = "aws:s3/bucket:Bucket"

_CLASSES: Final = frozenset({"public", "internal", "confidential", "restricted"})
_STORES: Final = (TABLE, BUCKET, "aws:secretsmanager/secret:Secret", "aws:cloudwatch/logGroup:LogGroup")

# Where each kind of store names its key.
_KEY_PROPERTY: Final = {
    "aws:secretsmanager/secret:Secret": "kmsKeyId",
    "aws:cloudwatch/logGroup:LogGroup": "kmsKeyId",
    "aws:sns/topic:Topic": "kmsMasterKeyId",
    "aws:sqs/queue:Queue": "kmsMasterKeyId",
    "aws:cloudtrail/trail:Trail": "kmsKeyId",
}


def _token_tables(stack: Stack) -> Iterator[Resource]:
    """The tables keyed by `digest`; if none is, every table that calls itself a token store."""
    tables = stack.of_type(TABLE)
    yield from [
        t for t in tables if "token" in str(read(t, "name")).lower() or read(t, "hashKey") == "digest"
    ]


@check("tokens-stored-as-digests", good=DATA, bad=weaken(DATA, "table-tokens", "hashKey", "token"))
def token_store_is_keyed_by_digest(stack: Stack) -> Verdicts:
    yield from must_be(_token_tables(stack), "hashKey", "digest")


@check("tokens-stored-as-digests", good=DATA, bad=weaken(DATA, "table-tokens", "ttl.enabled", False))
def token_store_forgets_expired_tokens(stack: Stack) -> Verdicts:
    for table in _token_tables(stack):
        forgets = read(table, "ttl.enabled") is True and bool(read(table, "ttl.attributeName"))
        yield verdict(f"{table.urn}#ttl", forgets, "tokens do not expire")


@check("retention-bounded", good=DATA, bad=weaken(DATA, "table-cdrs", "ttl", ABSENT))
def ledgers_forget(stack: Stack) -> Verdicts:
    for table in stack.of_type(TABLE):
        forgets = read(table, "ttl.enabled") is True and bool(read(table, "ttl.attributeName"))
        yield verdict(f"{table.urn}#ttl", forgets, "entries never expire")


@check("ledgers-recoverable", good=DATA, bad=weaken(DATA, "table-cdrs", "pointInTimeRecovery.enabled", False))
def ledgers_are_backed_up(stack: Stack) -> Verdicts:
    yield from must_be(stack.of_type(TABLE), "pointInTimeRecovery.enabled", True)


@check(
    "ledgers-recoverable", good=DATA, bad=weaken(DATA, "table-tokens", "deletionProtectionEnabled", ABSENT)
)
def ledgers_survive_deletion(stack: Stack) -> Verdicts:
    yield from must_be(stack.of_type(TABLE), "deletionProtectionEnabled", True)


@check(
    "data-under-own-keys",
    good=DATA,
    bad=weaken(DATA, "table-tokens", "serverSideEncryption.kmsKeyArn", ABSENT),
)
def tables_are_under_own_keys(stack: Stack) -> Verdicts:
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
    yield from _under_own_keys(stack, "aws:secretsmanager/secret:Secret")


@check("data-under-own-keys", good=AUDIT, bad=weaken(AUDIT, "log-api", "kmsKeyId", ABSENT))
def log_groups_are_under_own_keys(stack: Stack) -> Verdicts:
    yield from _under_own_keys(stack, "aws:cloudwatch/logGroup:LogGroup")


@check("data-under-own-keys", good=AUDIT, bad=weaken(AUDIT, "topic-alarms", "kmsMasterKeyId", ABSENT))
def topics_and_queues_are_under_own_keys(stack: Stack) -> Verdicts:
    yield from _under_own_keys(stack, "aws:sns/topic:Topic")
    yield from _under_own_keys(stack, "aws:sqs/queue:Queue")


@check("data-under-own-keys", good=AUDIT, bad=weaken(AUDIT, "trail-1", "kmsKeyId", ABSENT))
def trails_are_under_own_keys(stack: Stack) -> Verdicts:
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


@check("stores-classified", good=DATA, bad=weaken(DATA, "table-cdrs", "tags.rampart:data-class", ABSENT))
def stores_are_classified(stack: Stack) -> Verdicts:
    for store in stack.of_type(*_STORES):
        known = tag(store, "rampart:data-class") in _CLASSES
        yield verdict(
            f"{store.urn}#tags",
            known,
            f"no class of data (tag rampart:data-class: {', '.join(sorted(_CLASSES))})",
        )
