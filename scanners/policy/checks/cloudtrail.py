"""Checks of the trail, of the buckets that keep logs, and of how long logs are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import (
    attached,
    items,
    must_be,
    number,
    points_at,
    read,
    statements,
    texts,
    verdict,
)
from scanners.policy.samples.data import policy
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import ABSENT, weaken, without
from scanners.policy.stack import Resource, Stack

TRAIL: Final = "aws:cloudtrail/trail:Trail"
BUCKET: Final = "aws:s3/bucket:Bucket"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"

_YEAR: Final = 365  # days

# A stack that has any of these is a deployment, and must have a trail and detection of its own.
DEPLOYMENT: Final = (TRAIL, "aws:ec2/vpc:Vpc", "aws:apigateway/restApi:RestApi", "aws:ecs/service:Service")


@check("trail-complete", good=AUDIT, bad=weaken(AUDIT, "trail-1", "isMultiRegionTrail", False))
def a_trail_of_all_regions_is_running(stack: Stack) -> Verdicts:
    trails = stack.of_type(TRAIL)
    if stack.of_type(*DEPLOYMENT) and not trails:
        yield stack.name, "the stack has no trail"
    for name in ("enableLogging", "isMultiRegionTrail", "includeGlobalServiceEvents"):
        yield from must_be(trails, name, True)


@check("trail-complete", good=AUDIT, bad=weaken(AUDIT, "trail-1", "cloudWatchLogsGroupArn", ABSENT))
def the_trail_reaches_the_alarms(stack: Stack) -> Verdicts:
    for trail in stack.of_type(TRAIL):
        delivered = "cloudWatchLogsGroupArn" in trail.inputs
        yield verdict(
            f"{trail.urn}#cloudWatchLogsGroupArn", delivered, "no log group, so no filter reads the trail"
        )


@check(
    "trail-complete",
    good=AUDIT,
    bad=weaken(AUDIT, "trail-1", "advancedEventSelectors.0.fieldSelectors.0.equals", ["Data"]),
)
def the_trail_leaves_no_management_event_out(stack: Stack) -> Verdicts:
    """One selector names all management events, and nothing that narrows them."""
    for trail in stack.of_type(TRAIL):
        simple, advanced = items(trail, "eventSelectors"), items(trail, "advancedEventSelectors")
        whole = any(_all_management(s) for s in simple) or any(_management_category(s) for s in advanced)
        yield verdict(f"{trail.urn}#eventSelectors", whole, "no selector names all management events")


def _all_management(selector: Mapping[str, Any]) -> bool:
    return selector.get("includeManagementEvents") is True and selector.get("readWriteType") == "All"


def _management_category(selector: Mapping[str, Any]) -> bool:
    """An advanced selector with the category alone: a second field would narrow it."""
    fields = selector.get("fieldSelectors") or []
    return [(f.get("field"), f.get("equals")) for f in fields] == [("eventCategory", ["Management"])]


@check("trail-unalterable", good=AUDIT, bad=weaken(AUDIT, "trail-1", "enableLogFileValidation", False))
def the_trail_is_signed(stack: Stack) -> Verdicts:
    yield from must_be(stack.of_type(TRAIL), "enableLogFileValidation", True)


@check("trail-unalterable", good=AUDIT, bad=without(AUDIT, "lock-audit"))
def the_trails_bucket_is_locked(stack: Stack) -> Verdicts:
    kind = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
    for trail in stack.of_type(TRAIL):
        buckets = _buckets(stack, trail)
        if not buckets:
            yield f"{trail.urn}#s3BucketName", "the trail's bucket is not in this stack"
        for bucket in buckets:
            locks = attached(stack, bucket, kind, "bucket")
            locked = read(bucket, "objectLockEnabled") is True and any(
                _locks_for_a_year(lock) for lock in locks
            )
            yield verdict(bucket.urn, locked, "no object lock in COMPLIANCE mode for a year")


def _locks_for_a_year(lock: Resource) -> bool:
    days = number(lock, "rule.defaultRetention.days") or 0
    years = number(lock, "rule.defaultRetention.years") or 0
    return read(lock, "rule.defaultRetention.mode") == "COMPLIANCE" and (days >= _YEAR or years >= 1)


def _buckets(stack: Stack, trail: Resource) -> list[Resource]:
    return [bucket for bucket in stack.of_type(BUCKET) if points_at(trail, "s3BucketName", bucket)]


_VERSIONING = "versioningConfiguration.status"


@check("trail-unalterable", good=AUDIT, bad=weaken(AUDIT, "versions-audit", _VERSIONING, "Suspended"))
def buckets_keep_versions(stack: Stack) -> Verdicts:
    for bucket in stack.of_type(BUCKET):
        kept = attached(stack, bucket, "aws:s3/bucketVersioning:BucketVersioning", "bucket")
        on = any(read(each, _VERSIONING) == "Enabled" for each in kept)
        yield verdict(bucket.urn, on, "versions are not kept")


@check("log-access-logged", good=AUDIT, bad=without(AUDIT, "access-audit"))
def access_to_the_trail_is_logged(stack: Stack) -> Verdicts:
    for trail in stack.of_type(TRAIL):
        for bucket in _buckets(stack, trail):
            logs = attached(stack, bucket, "aws:s3/bucketLogging:BucketLogging", "bucket")
            kept = any("targetBucket" in log.inputs for log in logs)
            yield verdict(bucket.urn, kept, "access to the bucket is not logged")


@check("logs-retained", good=AUDIT, bad=weaken(AUDIT, "log-api", "retentionInDays", 30))
def log_groups_keep_a_year(stack: Stack) -> Verdicts:
    for group in stack.of_type(LOG_GROUP):
        days = number(group, "retentionInDays")
        yield verdict(
            f"{group.urn}#retentionInDays", days is not None and (days >= _YEAR or days == 0), "under a year"
        )


@check("retention-bounded", good=AUDIT, bad=weaken(AUDIT, "log-api", "retentionInDays", 0))
def log_groups_forget(stack: Stack) -> Verdicts:
    """0 keeps for ever, and so does a group without the property."""
    for group in stack.of_type(LOG_GROUP):
        yield verdict(
            f"{group.urn}#retentionInDays", (number(group, "retentionInDays") or 0) > 0, "kept for ever"
        )


@check("retention-bounded", good=AUDIT, bad=without(AUDIT, "expiry-audit"))
def buckets_forget(stack: Stack) -> Verdicts:
    kind = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    for bucket in stack.of_type(BUCKET):
        rules = [rule for each in attached(stack, bucket, kind, "bucket") for rule in items(each, "rules")]
        expires = any(
            rule.get("status") == "Enabled" and (rule.get("expiration") or {}).get("days") for rule in rules
        )
        yield verdict(bucket.urn, expires, "no lifecycle rule lets objects expire")


_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


@check("buckets-not-public", good=AUDIT, bad=weaken(AUDIT, "block-audit", "restrictPublicBuckets", ABSENT))
def buckets_block_public_access(stack: Stack) -> Verdicts:
    kind = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    for bucket in stack.of_type(BUCKET):
        blocks = attached(stack, bucket, kind, "bucket")
        closed = any(all(read(block, name) is True for name in _BLOCKS) for block in blocks)
        yield verdict(bucket.urn, closed, "public access is not blocked in all four ways")


@check(
    "buckets-not-public", good=AUDIT, bad=weaken(AUDIT, "owner-audit", "rule.objectOwnership", "ObjectWriter")
)
def buckets_take_no_access_lists(stack: Stack) -> Verdicts:
    for bucket in stack.of_type(BUCKET):
        controls = attached(stack, bucket, "aws:s3/bucketOwnershipControls:BucketOwnershipControls", "bucket")
        owned = any(read(each, "rule.objectOwnership") == "BucketOwnerEnforced" for each in controls)
        yield verdict(bucket.urn, owned, "access lists are still taken (BucketOwnerEnforced is not written)")


_ALLOWS = policy(
    {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "*", "Resource": "*"}
)


@check("storage-refuses-plaintext", good=AUDIT, bad=weaken(AUDIT, "policy-audit", "policy", _ALLOWS))
def buckets_topics_and_queues_refuse_plaintext(stack: Stack) -> Verdicts:
    for kind, policies, name in (
        (BUCKET, "aws:s3/bucketPolicy:BucketPolicy", "bucket"),
        ("aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy", "arn"),
        ("aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy", "queueUrl"),
    ):
        for store in stack.of_type(kind):
            rules = [r for each in attached(stack, store, policies, name) for r in statements(each, "policy")]
            yield verdict(
                store.urn, any(_refuses_plaintext(r) for r in rules), "requests without TLS are not refused"
            )


def _refuses_plaintext(rule: Mapping[str, Any]) -> bool:
    condition = (rule.get("Condition") or {}).get("Bool") or {}
    refused = str(condition.get("aws:SecureTransport")).lower() == "false"
    principal = rule.get("Principal")
    everyone = "*" in texts(principal.get("AWS") if isinstance(principal, Mapping) else principal)
    return rule.get("Effect") == "Deny" and refused and everyone
