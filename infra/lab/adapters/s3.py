"""Amazon S3."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import ClientError

from infra.lab.adapters.archives import zipped
from infra.lab.adapters.desired_resource import Adapter, DesiredResource, pairs
from infra.lab.clients import Clients
from infra.program_run.monitor import Created
from infra.program_run.property_values import Archive, Asset

# Held while a policy is set, or is replaced for a moment.
_POLICIES = threading.Lock()


def bucket(desired: DesiredResource) -> Created:
    """CreateBucket, and its tags."""
    name = desired.physical_name("bucket")
    lock = desired.take("objectLockEnabled", False)
    tags = desired.take("tags")
    desired.take("forceDestroy")
    home = {} if desired.region == "us-east-1" else {"LocationConstraint": desired.region}
    desired.create(
        "s3",
        "CreateBucket",
        Bucket=name,
        ObjectLockEnabledForBucket=lock,
        **({"CreateBucketConfiguration": home} if home else {}),
    )
    if tags:
        desired.call("s3", "PutBucketTagging", Bucket=name, Tagging={"TagSet": pairs(tags)})
    return Created(
        name,
        {
            "bucket": name,
            "arn": f"arn:aws:s3:::{name}",
            "bucketDomainName": f"{name}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{name}.s3.{desired.region}.amazonaws.com",
            "region": desired.region,
        },
    )


def encryption(desired: DesiredResource) -> Created:
    """PutBucketEncryption."""
    name = desired.take("bucket")
    desired.call(
        "s3",
        "PutBucketEncryption",
        {"serverSideEncryptionConfiguration": desired.pick("rules")},
        {
            "kmsMasterKeyId": "KMSMasterKeyID",
            "applyServerSideEncryptionByDefault.sseAlgorithm": "SSEAlgorithm",
        },
        Bucket=name,
    )
    return Created(name, {})


def lifecycle(desired: DesiredResource) -> Created:
    """PutBucketLifecycleConfiguration."""
    name = desired.take("bucket")
    minimum = desired.pick("transitionDefaultMinimumObjectSize")
    rules = [_lifecycle_rule(rule) for rule in desired.take("rules", [])]
    desired.call(
        "s3",
        "PutBucketLifecycleConfiguration",
        {"lifecycleConfiguration": {"rules": rules}, **minimum},
        {"id": "ID"},
        Bucket=name,
    )
    return Created(name, {})


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule without a filter holds for the whole bucket; S3 wants that said."""
    return {"filter": {"prefix": ""}, **{key: value for key, value in rule.items() if value is not None}}


def notification(desired: DesiredResource) -> Created:
    """PutBucketNotificationConfiguration: only EventBridge, as the program uses no other."""
    name = desired.take("bucket")
    bridge: dict[str, Any] = {"EventBridgeConfiguration": {}} if desired.take("eventbridge", False) else {}
    desired.call("s3", "PutBucketNotificationConfiguration", Bucket=name, NotificationConfiguration=bridge)
    return Created(name, {})


def stored_object(desired: DesiredResource) -> Created:
    """PutObject, from a text, a file or an archive."""
    key = desired.left["key"]
    name = desired.left["bucket"]
    content = desired.take("content")
    source = desired.take("source")
    desired.take("sourceHash")
    tags = desired.take("tags")
    if tags:
        desired.left["tagging"] = urlencode(tags)
    body = content.encode() if content is not None else _content(source)
    made = desired.create("s3", "PutObject", {"kmsKeyId": "SSEKMSKeyId"}, Body=body)
    return Created(
        key,
        {
            "arn": f"arn:aws:s3:::{name}/{key}",
            "etag": made["ETag"].strip('"'),
            "versionId": made.get("VersionId", ""),
        },
    )


def _content(source: Any) -> bytes:
    if isinstance(source, Archive):
        return zipped(source)
    if isinstance(source, Asset):
        return Path(source.path).read_bytes() if source.text is None else source.text.encode()
    return Path(str(source)).read_bytes()


def ownership(desired: DesiredResource) -> Created:
    """PutBucketOwnershipControls."""
    name = desired.take("bucket")
    rule = desired.take("rule")
    controls = {"Rules": [{"ObjectOwnership": rule["objectOwnership"]}]}
    desired.call("s3", "PutBucketOwnershipControls", Bucket=name, OwnershipControls=controls)
    return Created(name, {})


def logging(desired: DesiredResource) -> Created:
    """PutBucketLogging, while the target's policy admits the delivery."""
    name = desired.take("bucket")
    target = desired.left["targetBucket"]
    status = {"bucketLoggingStatus": {"loggingEnabled": desired.pick("targetBucket", "targetPrefix")}}
    # AWS looks at the target's policy when it delivers. The emulator looks at once, and only
    # understands a policy of exactly this form.
    delivery = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": ["s3:PutObject"],
        "Resource": f"arn:aws:s3:::{target}/*",
    }
    policy = {"Version": "2012-10-17", "Statement": [delivery]}
    with _policy_replaced(desired.clients, desired.region, target, policy):
        desired.call("s3", "PutBucketLogging", status, Bucket=name)
    return Created(name, {})


def bucket_policy(desired: DesiredResource) -> Created:
    """PutBucketPolicy."""
    name = desired.take("bucket")
    with _POLICIES:
        desired.create("s3", "PutBucketPolicy", Bucket=name)
    return Created(name, {"bucket": name})


@contextmanager
def _policy_replaced(
    clients: Clients, region: str, bucket_name: str, policy: dict[str, Any]
) -> Iterator[None]:
    """Work with another policy for the bucket; its own is put back afterwards."""
    client = clients.get("s3", region)
    with _POLICIES:
        try:
            own = client.get_bucket_policy(Bucket=bucket_name)["Policy"]
        except ClientError:
            own = ""
        client.delete_bucket_policy(Bucket=bucket_name)
        client.put_bucket_policy(Bucket=bucket_name, Policy=json.dumps(policy))
        try:
            yield
        finally:
            client.delete_bucket_policy(Bucket=bucket_name)
            if own:
                client.put_bucket_policy(Bucket=bucket_name, Policy=own)


def _bucket_part(suffix: str, operation: str, wrapper: str = "", **renames: str) -> tuple[str, Adapter]:
    """A setting of a bucket that Pulumi shows as a resource of its own."""

    def create(desired: DesiredResource) -> Created:
        name = desired.take("bucket")
        inputs, desired.left = desired.left, {}
        values = {wrapper: inputs} if wrapper else inputs
        desired.call("s3", operation, values, renames, Bucket=name)
        return Created(name, {"bucket": name})

    return f"aws:s3/{suffix[0].lower()}{suffix[1:]}:{suffix}", create


ADAPTERS: dict[str, Adapter] = {
    "aws:s3/bucket:Bucket": bucket,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": encryption,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": lifecycle,
    "aws:s3/bucketPolicy:BucketPolicy": bucket_policy,
    "aws:s3/bucketNotification:BucketNotification": notification,
    "aws:s3/bucketObjectv2:BucketObjectv2": stored_object,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ownership,
    "aws:s3/bucketLogging:BucketLogging": logging,
} | dict(
    [
        _bucket_part("BucketVersioning", "PutBucketVersioning", mfa="MFA"),
        _bucket_part("BucketPublicAccessBlock", "PutPublicAccessBlock", "publicAccessBlockConfiguration"),
        _bucket_part("BucketReplicationConfig", "PutBucketReplication", "replicationConfiguration"),
        _bucket_part(
            "BucketObjectLockConfiguration", "PutObjectLockConfiguration", "objectLockConfiguration"
        ),
    ]
)
