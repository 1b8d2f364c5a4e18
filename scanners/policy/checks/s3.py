"""Checks of the buckets: versions, retention, who may reach them, and how."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.policies import plaintext_verdict, policies_of
from scanners.policy.checks.reading import attached, items, read, verdict
from scanners.policy.samples.data import policy, refuse_plaintext
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import ABSENT, aws, weaken, without
from scanners.policy.samples.sample_stack import stack as stack_of
from scanners.policy.stack import Resource, Stack

BUCKET: Final = "aws:s3/bucket:Bucket"


_VERSIONING = "versioningConfiguration.status"


@check("trail-unalterable", good=AUDIT, bad=weaken(AUDIT, "versions-audit", _VERSIONING, "Suspended"))
def buckets_keep_versions(stack: Stack) -> Verdicts:
    """Each bucket has versioning enabled."""
    for bucket in stack.of_type(BUCKET):
        kept = attached(stack, bucket, "aws:s3/bucketVersioning:BucketVersioning", "bucket")
        on = any(read(each, _VERSIONING) == "Enabled" for each in kept)
        yield verdict(bucket.urn, on, "versions are not kept")


@check("retention-bounded", good=AUDIT, bad=without(AUDIT, "expiry-audit"))
def buckets_forget(stack: Stack) -> Verdicts:
    """Each bucket has a lifecycle rule under which objects expire; its own ones, once they are replaced."""
    kind = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    for bucket in stack.of_type(BUCKET):
        rules = [rule for each in attached(stack, bucket, kind, "bucket") for rule in items(each, "rules")]
        what, days = ("expiration", "days")
        if _holds_declared(stack, bucket):
            what, days = ("noncurrentVersionExpiration", "noncurrentDays")
        expires = any(rule.get("status") == "Enabled" and (rule.get(what) or {}).get(days) for rule in rules)
        yield verdict(bucket.urn, expires, "no lifecycle rule lets objects expire")


def _holds_declared(stack: Stack, bucket: Resource) -> bool:
    return any(attached(stack, bucket, kind, "bucket") for kind in _OBJECTS)


_OBJECTS: Final = ("aws:s3/bucketObjectv2:BucketObjectv2", "aws:s3/bucketObject:BucketObject")
_CODE = stack_of(
    aws("s3/bucket:Bucket", "code"),
    aws("s3/bucketObjectv2:BucketObjectv2", "functions", bucket="code", key="functions.zip"),
    aws(
        "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "expiry-code",
        bucket="code",
        rules=[{"id": "old", "status": "Enabled", "noncurrentVersionExpiration": {"noncurrentDays": 30}}],
    ),
)


@check(
    "declared-objects-stay", good=_CODE, bad=weaken(_CODE, "expiry-code", "rules.0.expiration", {"days": 400})
)
def what_is_declared_does_not_expire(stack: Stack) -> Verdicts:
    """No lifecycle rule deletes current objects of a bucket that holds objects of the stack."""
    kind = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    for bucket in stack.of_type(BUCKET):
        if _holds_declared(stack, bucket):
            rules = [
                rule for each in attached(stack, bucket, kind, "bucket") for rule in items(each, "rules")
            ]
            expire = any(rule.get("status") == "Enabled" and rule.get("expiration") for rule in rules)
            yield verdict(bucket.urn, not expire, "its objects expire while the stack still declares them")


_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


@check("buckets-not-public", good=AUDIT, bad=weaken(AUDIT, "block-audit", "restrictPublicBuckets", ABSENT))
def buckets_block_public_access(stack: Stack) -> Verdicts:
    """Each bucket has all four settings of the public access block."""
    kind = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    for bucket in stack.of_type(BUCKET):
        blocks = attached(stack, bucket, kind, "bucket")
        closed = any(all(read(block, name) is True for name in _BLOCKS) for block in blocks)
        yield verdict(bucket.urn, closed, "public access is not blocked in all four ways")


@check(
    "buckets-not-public", good=AUDIT, bad=weaken(AUDIT, "owner-audit", "rule.objectOwnership", "ObjectWriter")
)
def buckets_take_no_access_lists(stack: Stack) -> Verdicts:
    """Object ownership is BucketOwnerEnforced, so access lists have no effect."""
    for bucket in stack.of_type(BUCKET):
        controls = attached(stack, bucket, "aws:s3/bucketOwnershipControls:BucketOwnershipControls", "bucket")
        owned = any(read(each, "rule.objectOwnership") == "BucketOwnerEnforced" for each in controls)
        yield verdict(bucket.urn, owned, "access lists are still taken (BucketOwnerEnforced is not written)")


_OTHERS = policy(refuse_plaintext("s3:*", "arn:another", "arn:another/*"))


@check("storage-refuses-plaintext", good=AUDIT, bad=weaken(AUDIT, "policy-audit", "policy", _OTHERS))
def buckets_refuse_plaintext(stack: Stack) -> Verdicts:
    """The policy denies every action without TLS, on the bucket and on all its objects."""
    for bucket in stack.of_type(BUCKET):
        rules = policies_of(attached(stack, bucket, "aws:s3/bucketPolicy:BucketPolicy", "bucket"))
        # An ARN of S3 is the bucket's name and nothing else (S3, ARNs), so it is known before deployment.
        names = [str(bucket.outputs["arn"])] if bucket.outputs.get("arn") else []
        names += [f"arn:aws:s3:::{bucket.id}"] if bucket.id else []
        yield plaintext_verdict(bucket, rules, "s3:*", *([name, f"{name}/*"] for name in names))
