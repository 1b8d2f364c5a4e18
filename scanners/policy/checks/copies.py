"""Checks of how records last: copies in another region, how long buckets keep them, and who is asked.

Sources: Amazon S3 User Guide, "Replicating objects" and "Logging requests with server access logging";
AWS CloudTrail User Guide, "Logging data events" and "Working with CloudTrail Insights".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.cloudtrail import LOCK, TRAIL
from scanners.policy.checks.kms import KEY
from scanners.policy.checks.load_balancing import BALANCER
from scanners.policy.checks.reading import attached, items, number, points_at, read, strings, verdict
from scanners.policy.checks.s3 import BUCKET
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken, without
from scanners.policy.stack import Resource, Stack

_REPLICATION: Final = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
_LIFECYCLE: Final = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
_LOGGING: Final = "aws:s3/bucketLogging:BucketLogging"
_YEAR: Final = 365  # days
_WEEK: Final = 7  # days


_RULE: Final = "rules.0"


@check(
    "trail-unalterable",
    good=AUDIT,
    bad={
        "no copy": without(AUDIT, "copy-of-audit"),
        "switched off": weaken(AUDIT, "copy-of-audit", f"{_RULE}.status", "Disabled"),
        "of a part": weaken(AUDIT, "copy-of-audit", f"{_RULE}.filter.prefix", "nothing/"),
        "elsewhere": weaken(AUDIT, "copy-of-audit", f"{_RULE}.destination.bucket", "arn:elsewhere"),
        "under no key": weaken(
            AUDIT, "copy-of-audit", f"{_RULE}.destination.encryptionConfiguration", ABSENT
        ),
    },
)
def the_trail_is_copied(stack: Stack) -> Verdicts:
    """The trail is copied; what is copied is the whole, to a bucket and under a key of this stack."""
    for bucket in _trail_buckets(stack):
        copied = bool(attached(stack, bucket, _REPLICATION, "bucket"))
        yield verdict(bucket.urn, copied, "nothing copies the trail")
    for each in stack.of_type(_REPLICATION):
        rules = items(each, "rules")
        whole = bool(rules) and all(_is_whole(rule) for rule in rules)
        keys = any(points_at(each, "rules", key) for key in stack.of_type(KEY))
        here = bool(_destinations(stack, each)) and keys
        yield verdict(f"{each.urn}#rules", whole and here, "not all of it, not to here, or in clear")


def _trail_buckets(stack: Stack) -> list[Resource]:
    trails = stack.of_type(TRAIL)
    return [b for b in stack.of_type(BUCKET) if any(points_at(t, "s3BucketName", b) for t in trails)]


def _is_whole(rule: Mapping[str, Any]) -> bool:
    encrypted = "encryptionConfiguration" in rule["destination"]
    return rule.get("status") == "Enabled" and encrypted and not any(strings(rule.get("filter")))


def _destinations(stack: Stack, replication: Resource) -> list[Resource]:
    """The buckets of this stack to which a replication leads. The source is named apart from its rules."""
    return [bucket for bucket in stack.of_type(BUCKET) if points_at(replication, "rules", bucket)]


@check(
    "trail-unalterable",
    good=AUDIT,
    bad={
        "no lock": without(AUDIT, "lock-audit-copy"),
        "a weaker mode": weaken(AUDIT, "lock-audit-copy", "rule.defaultRetention.mode", "GOVERNANCE"),
        "days": weaken(AUDIT, "lock-audit-copy", "rule.defaultRetention.days", 1),
        "no days": weaken(AUDIT, "lock-audit-copy", "rule.defaultRetention.days", ABSENT),
        "not for the bucket": weaken(AUDIT, "audit-copy", "objectLockEnabled", False),
        "off": weaken(AUDIT, "lock-audit-copy", "objectLockEnabled", "Disabled"),
    },
)
def copies_of_the_trail_are_locked(stack: Stack) -> Verdicts:
    """Whoever breaks the first bucket finds the second one locked in compliance mode for a year."""
    for bucket in _trail_buckets(stack):
        for each in attached(stack, bucket, _REPLICATION, "bucket"):
            for copy in _destinations(stack, each):
                locked = any(_locks(lock) for lock in attached(stack, copy, LOCK, "bucket"))
                on = read(copy, "objectLockEnabled") is True
                yield verdict(copy.urn, locked and on, "the copy is not locked for a year")


def _locks(lock: Resource) -> bool:
    days = number(lock, "rule.defaultRetention.days") or 0
    on = read(lock, "objectLockEnabled") in (None, "Enabled")
    return on and read(lock, "rule.defaultRetention.mode") == "COMPLIANCE" and days >= _YEAR


@check(
    "logs-retained",
    good=AUDIT,
    bad={
        "a month": weaken(AUDIT, "expiry-audit", "rules.0.expiration.days", 30),
        "what is replaced": weaken(
            AUDIT, "expiry-audit", "rules.0.noncurrentVersionExpiration", {"noncurrentDays": 1}
        ),
    },
    also_good={"never": weaken(AUDIT, "expiry-audit", "rules.0.expiration", ABSENT)},
)
def buckets_keep_a_year(stack: Stack) -> Verdicts:
    """No lifecycle rule deletes an object within a year, or within a week what was put in its place."""
    for each in stack.of_type(_LIFECYCLE):
        for index, rule in enumerate(items(each, "rules")):
            days = (rule.get("expiration") or {}).get("days")
            replaced = (rule.get("noncurrentVersionExpiration") or {}).get("noncurrentDays")
            kept = (days is None or float(days) >= _YEAR) and (replaced is None or float(replaced) >= _WEEK)
            yield verdict(f"{each.urn}#rules.{index}", kept, "objects are gone within a year, or a week")


@check(
    "log-access-logged",
    good=AUDIT,
    bad={
        "elsewhere": weaken(AUDIT, "access-audit", "targetBucket", "elsewhere"),
        "unwritten": weaken(AUDIT, "access-audit", "targetBucket", ABSENT),
        "of a load balancer": plus(
            AUDIT, aws("lb/loadBalancer:LoadBalancer", "nlb-1", accessLogs={"bucket": "elsewhere"})
        ),
    },
    also_good={
        "of a load balancer, here": plus(
            AUDIT, aws("lb/loadBalancer:LoadBalancer", "nlb-1", accessLogs={"bucket": "access-logs"})
        )
    },
)
def access_logs_stay_in_this_stack(stack: Stack) -> Verdicts:
    """Access logs name who read what: they go to a bucket of this stack."""
    for kind, name in ((_LOGGING, "targetBucket"), (BALANCER, "accessLogs")):
        for each in stack.of_type(kind):
            ours = any(points_at(each, name, bucket) for bucket in stack.of_type(BUCKET))
            if kind == _LOGGING or name in each.inputs:
                yield verdict(f"{each.urn}#{name}", ours, "access logs go to no bucket of this stack")


_STORES: Final[Mapping[str, str]] = {
    "aws:dynamodb/table:Table": "AWS::DynamoDB::Table",
    "aws:s3/bucket:Bucket": "AWS::S3::Object",
}


@check(
    "trail-complete",
    good=AUDIT,
    bad={
        "objects": weaken(AUDIT, "trail-1", "advancedEventSelectors.1.fieldSelectors.1.equals", ["AWS::X"]),
        "management alone": weaken(AUDIT, "trail-1", "advancedEventSelectors.1", {"fieldSelectors": []}),
        "no insights": weaken(AUDIT, "trail-1", "insightSelectors", []),
    },
)
def the_trail_records_who_reads_data(stack: Stack) -> Verdicts:
    """Data events of each kind of store that the stack has, and unusual rates of calls (insights)."""
    for trail in stack.of_type(TRAIL):
        recorded = set(strings([s.get("fieldSelectors") for s in items(trail, "advancedEventSelectors")]))
        missing = [name for kind, name in _STORES.items() if stack.of_type(kind) and name not in recorded]
        where = f"{trail.urn}#advancedEventSelectors"
        yield verdict(where, not missing, f"no data events of {', '.join(missing)}")
        insights = bool(items(trail, "insightSelectors"))
        yield verdict(f"{trail.urn}#insightSelectors", insights, "no insights")
