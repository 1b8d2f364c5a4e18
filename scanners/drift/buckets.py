"""A bucket's settings as texts, and as the stack declares them: Pulumi has a resource for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from scanners.drift.declared import Declared, block, blocks
from scanners.drift.normalize import last_part
from scanners.drift.records import Part
from scanners.policy.stack import Resource

WEBSITE: Final = ("indexDocument", "errorDocument", "redirectAllRequestsTo", "routingRules")
BLOCKS: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def off_blocks(block: Any, name: Any) -> list[str]:
    """The blocks of public access that are off; empty if all four are on."""
    return [f"{each} is off" for each in BLOCKS if not (block or {}).get(name(each))]


def retention(mode: Any, days: Any, years: Any) -> str:
    """The default retention of an object lock."""
    return f"{mode} {int(days)} days" if days else f"{mode} {int(years or 0)} years"


def log_place(bucket: Any, prefix: Any) -> str | None:
    """Where a log goes; None where it goes nowhere."""
    return f"{bucket}/{prefix or ''}" if bucket else None


def encryption(algorithm: Any, key: Any, bucket_key: Any) -> str:
    """The default encryption."""
    with_key = f" with {last_part(key)}" if key else ""
    return f"{algorithm}{with_key}{' and a bucket key' if bucket_key else ''}"


def lifecycle_rule(name: Any, status: Any, prefix: Any, days: Mapping[str, Any]) -> str:
    """A lifecycle rule; `days` has what it does after how many."""
    what = ", ".join(f"{act} after {int(after)} days" for act, after in sorted(days.items()) if after)
    return f"{name} ({status}) on {prefix or 'everything'}: {what}"


def copy_rule(role: Any, name: Any, status: Any, bucket: Any) -> str:
    """A replication rule."""
    return f"{name} ({status}) to {bucket} as {role}"


def notice(where: Any, events: Iterable[Any], prefix: Any, suffix: Any) -> str:
    """Who is told of which objects."""
    only = f" on {prefix or ''}…{suffix or ''}" if prefix or suffix else ""
    return f"{', '.join(sorted(map(str, events)))}{only} to {where}"


def inventory(name: Any, enabled: Any, bucket: Any) -> str:
    """A list of all objects that S3 writes into a bucket, which may be anybody's."""
    return f"{name} ({'on' if enabled else 'off'}) to {bucket}"


def declared_bucket(declared: Declared, bucket: Resource) -> Mapping[str, Any]:
    """The bucket's inputs with those of its parts."""
    found: dict[str, Any] = {**bucket.inputs, "inventory": []}
    for part in PARTS:
        for one in declared.parts(bucket, part.type, "bucket"):
            if part.field == "inventory":  # one resource each
                found["inventory"].append(_declared_inventory(one.inputs))
            else:
                found.update(_DECLARED[part.field](one.inputs))
    return found


def _declared_inventory(inputs: Mapping[str, Any]) -> str:
    bucket = block(inputs, "destination", "bucket").get("bucketArn")
    return inventory(inputs.get("name"), inputs.get("enabled") is not False, bucket)


def _declared_encryption(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    rule = block(inputs, "rules")
    default = block(rule, "applyServerSideEncryptionByDefault")
    names = default.get("sseAlgorithm"), default.get("kmsMasterKeyId")
    return {"encryption": encryption(*names, rule.get("bucketKeyEnabled"))}


def _declared_versioning(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    found = block(inputs, "versioningConfiguration")
    return {"versioning": found.get("status"), "mfaDelete": found.get("mfaDelete")}


def _declared_lock(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = block(inputs, "rule", "defaultRetention")
    return {"objectLock": retention(kept.get("mode"), kept.get("days"), kept.get("years"))}


def _declared_lifecycle(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    rules = []
    for rule in blocks(inputs.get("rules")):
        moves = blocks(rule.get("transitions"))
        days = {
            "expire": block(rule, "expiration").get("days"),
            "expire old versions": block(rule, "noncurrentVersionExpiration").get("noncurrentDays"),
            "abort uploads": block(rule, "abortIncompleteMultipartUpload").get("daysAfterInitiation"),
            **{f"move to {each.get('storageClass')}": each.get("days") for each in moves},
        }
        prefix = block(rule, "filter").get("prefix") or rule.get("prefix")
        rules.append(lifecycle_rule(rule.get("id"), rule.get("status"), prefix, days))
    return {"lifecycle": rules}


def _declared_replication(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    role, rules = inputs.get("role"), blocks(inputs.get("rules"))
    copies = [
        copy_rule(role, r.get("id"), r.get("status"), block(r, "destination").get("bucket")) for r in rules
    ]
    return {"replication": copies}


def _declared_notices(inputs: Mapping[str, Any]) -> Iterator[str]:
    for name, where in _TOLD.items():
        for each in blocks(inputs.get(name)):
            events = each.get("events") or ()
            yield notice(each.get(where), events, each.get("filterPrefix"), each.get("filterSuffix"))


_TOLD: Final = {"lambdaFunctions": "lambdaFunctionArn", "queues": "queueArn", "topics": "topicArn"}
_DECLARED: Final[Mapping[str, Any]] = {
    "publicAccess": lambda inputs: {"publicAccess": off_blocks(inputs, str)},
    "versioning": _declared_versioning,
    "encryption": _declared_encryption,
    "ownership": lambda inputs: {"ownership": [block(inputs, "rule").get("objectOwnership")]},
    "policy": lambda inputs: {"policy": inputs.get("policy")},
    "lifecycle": _declared_lifecycle,
    "objectLock": _declared_lock,
    "accessLog": lambda inputs: {
        "accessLog": log_place(inputs.get("targetBucket"), inputs.get("targetPrefix"))
    },
    "replication": _declared_replication,
    "accelerateConfiguration": lambda inputs: {"accelerateConfiguration": inputs.get("status")},
    "website": lambda inputs: {"website": {name: inputs.get(name) for name in WEBSITE}},
    "eventbridge": lambda inputs: {"eventbridge": inputs.get("eventbridge")},
    "notifications": lambda inputs: {"notifications": list(_declared_notices(inputs))},
}


PARTS: Final = (
    Part("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "bucket", "publicAccess", BLOCKS),
    Part("aws:s3/bucketVersioning:BucketVersioning", "bucket", "versioning", ("versioningConfiguration",)),
    Part(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "bucket",
        "encryption",
        ("rules",),
    ),
    Part("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "bucket", "ownership", ("rule",)),
    Part("aws:s3/bucketPolicy:BucketPolicy", "bucket", "policy", ("policy",)),
    Part(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "bucket", "lifecycle", ("rules",)
    ),
    Part(
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        "bucket",
        "objectLock",
        ("rule",),
    ),
    Part(
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig", "bucket", "replication", ("role", "rules")
    ),
    Part("aws:s3/bucketLogging:BucketLogging", "bucket", "accessLog", ("targetBucket", "targetPrefix")),
    Part(
        "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration",
        *("bucket", "website", WEBSITE),
    ),
    Part(
        "aws:s3/bucketAccelerateConfiguration:BucketAccelerateConfiguration",
        *("bucket", "accelerateConfiguration", ("status",)),
    ),
    Part("aws:s3/inventory:Inventory", "bucket", "inventory", ("name", "enabled", "destination")),
    Part("aws:s3/bucketNotification:BucketNotification", "bucket", "eventbridge", ("eventbridge",)),
    Part("aws:s3/bucketNotification:BucketNotification", "bucket", "notifications", tuple(_TOLD)),
)
