"""The declared objects of S3 buckets (Amazon S3 API reference, ListObjectsV2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, by
from scanners.drift.fields import TAGS, protection
from scanners.drift.records import Live, ResourceReader
from scanners.policy.stack import Resource


def objects(view: View) -> Iterator[Live]:
    """The declared objects by their ETag, not their contents (ListObjectsV2)."""
    for name in view.declared_keys:
        bucket, _, key = name.partition("/")
        listed = view.pages("s3", "list_objects_v2", "Contents", Bucket=bucket, Prefix=key)
        for found in listed:
            if found["Key"] == key:
                facts = {
                    "etag": str(found.get("ETag")).strip('"'),
                    "tags": view.later("s3", "get_object_tagging", "TagSet", Bucket=bucket, Key=key),
                }
                yield Live("aws:s3/bucketObjectv2:BucketObjectv2", name, facts, view.region)


def _object_key(resource: Resource) -> str:
    return f"{by('bucket')(resource)}/{by('key')(resource)}"


def _declared_object(_: Declared, resource: Resource) -> Mapping[str, Any]:
    return {"etag": resource.outputs.get("etag"), "tags": resource.inputs.get("tags")}


READERS: Final = (
    ResourceReader(
        type="aws:s3/bucketObjectv2:BucketObjectv2",
        service="s3",
        read=objects,
        key=_object_key,
        declare=_declared_object,
        fields=(protection("etag"), TAGS),
        identity=("bucket", "key", "source"),
        unlisted="the objects of a bucket are data",
    ),
)
