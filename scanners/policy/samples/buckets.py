"""The sample's buckets."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.policy.samples.data import policy, refuse_plaintext, tags
from scanners.policy.samples.sample_stack import aws, retained
from scanners.policy.stack import Resource


def trail_buckets() -> Iterator[Resource]:
    """The locked bucket of a trail, and a locked bucket to which all of it is copied."""
    yield from locked_bucket("audit")
    yield from locked_bucket("audit-copy")
    destination = {
        "bucket": "arn:audit-copy",
        "encryptionConfiguration": {"replicaKmsKeyId": "arn:kms-logs"},
    }
    yield aws(
        "s3/bucketReplicationConfig:BucketReplicationConfig",
        "copy-of-audit",
        bucket="audit",
        rules=[{"status": "Enabled", "filter": {"prefix": ""}, "destination": destination}],
    )


def locked_bucket(name: str) -> Iterator[Resource]:
    """A bucket with Object Lock in compliance mode for 400 days."""
    yield from bucket(name, locked=True)
    yield aws(
        "s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        f"lock-{name}",
        bucket=name,
        rule={"defaultRetention": {"mode": "COMPLIANCE", "days": 400}},
    )


def bucket(name: str, locked: bool = False) -> Iterator[Resource]:
    """A private bucket: versioned, encrypted, kept for 401 days, closed to the public and to plaintext."""
    marks = tags("confidential")
    yield retained(aws("s3/bucket:Bucket", name, objectLockEnabled=locked, forceDestroy=False, tags=marks))
    yield aws(
        "s3/bucketVersioning:BucketVersioning",
        f"versions-{name}",
        bucket=name,
        versioningConfiguration={"status": "Enabled"},
    )
    encryption = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "arn:kms-logs"}
    yield aws(
        "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        f"sse-{name}",
        bucket=name,
        rules=[{"applyServerSideEncryptionByDefault": encryption, "bucketKeyEnabled": True}],
    )
    yield from _closed(name)
    yield aws(
        "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        f"expiry-{name}",
        bucket=name,
        rules=[{"id": "expire", "status": "Enabled", "expiration": {"days": 401}}],
    )


def _closed(name: str) -> Iterator[Resource]:
    """What keeps a bucket from the public, and from plaintext."""
    yield aws(
        "s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        f"block-{name}",
        bucket=name,
        blockPublicAcls=True,
        blockPublicPolicy=True,
        ignorePublicAcls=True,
        restrictPublicBuckets=True,
    )
    yield aws(
        "s3/bucketOwnershipControls:BucketOwnershipControls",
        f"owner-{name}",
        bucket=name,
        rule={"objectOwnership": "BucketOwnerEnforced"},
    )
    yield aws(
        "s3/bucketPolicy:BucketPolicy",
        f"policy-{name}",
        bucket=name,
        policy=policy(refuse_plaintext("s3:*", f"arn:{name}", f"arn:{name}/*")),
    )
