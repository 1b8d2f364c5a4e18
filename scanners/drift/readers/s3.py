"""S3 buckets, with the settings that Pulumi declares apart (Amazon S3 API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, blocks, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import last_part, policy, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource

# What S3 answers for its two oldest regions (S3 API, GetBucketLocation).
_LOCATIONS: Final = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}


_BLOCKS: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def buckets(view: View) -> Iterator[Live]:
    """The buckets of this region with their settings (ListBuckets, GetBucketLocation)."""
    for bucket in view.pages("s3", "list_buckets", "Buckets"):
        name = bucket["Name"]
        region = view.ask("s3", "get_bucket_location", Bucket=name).get("LocationConstraint")
        if _LOCATIONS.get(region, region) == view.region:
            yield Live("aws:s3/bucket:Bucket", name, {"bucket": name, **_settings(view, name)}, view.region)


def _settings(view: View, name: str) -> Mapping[str, Any]:
    def ask(operation: str, *absent: str) -> Mapping[str, Any]:
        return view.ask("s3", operation, absent=absent, Bucket=name)

    blocked = ask("get_public_access_block", "NoSuchPublicAccessBlockConfiguration")
    versioning = ask("get_bucket_versioning")
    owners = ask("get_bucket_ownership_controls", "OwnershipControlsNotFoundError")
    lock = ask("get_object_lock_configuration", "ObjectLockConfigurationNotFoundError")
    logging = ask("get_bucket_logging").get("LoggingEnabled") or {}
    notices = ask("get_bucket_notification_configuration")
    encryption = ask("get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError")
    lifecycle = ask("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration")
    copied = ask("get_bucket_replication", "ReplicationConfigurationNotFoundError")
    return {
        "publicAccess": _public(
            blocked.get("PublicAccessBlockConfiguration"), lambda n: n[0].upper() + n[1:]
        ),
        "versioning": versioning.get("Status"),
        "mfaDelete": versioning.get("MFADelete"),
        "ownership": [
            each["ObjectOwnership"] for each in owners.get("OwnershipControls", {}).get("Rules", ())
        ],
        "objectLock": _live_lock(lock.get("ObjectLockConfiguration")),
        "objectLockEnabled": bool(lock.get("ObjectLockConfiguration")),
        "accessLog": _log(logging.get("TargetBucket"), logging.get("TargetPrefix")),
        "eventbridge": "EventBridgeConfiguration" in notices,
        "encryption": _live_encryption(encryption.get("ServerSideEncryptionConfiguration")),
        "lifecycle": [_live_rule(each) for each in lifecycle.get("Rules", ())],
        "replication": _live_replication(copied.get("ReplicationConfiguration")),
        "policy": ask("get_bucket_policy", "NoSuchBucketPolicy").get("Policy"),
        "acl": _grants(ask("get_bucket_acl")),
        "tags": ask("get_bucket_tagging", "NoSuchTagSet").get("TagSet"),
    }


def _public(block: Any, name: Any) -> list[str]:
    """The blocks of public access that are off; empty if all four are on."""
    return [each for each in _BLOCKS if not (block or {}).get(name(each))]


def _live_lock(lock: Any) -> str | None:
    kept = ((lock or {}).get("Rule") or {}).get("DefaultRetention")
    return _retention(kept.get("Mode"), kept.get("Days"), kept.get("Years")) if kept else None


def _retention(mode: Any, days: Any, years: Any) -> str:
    return f"{mode} {int(days)} days" if days else f"{mode} {int(years or 0)} years"


def _log(bucket: Any, prefix: Any) -> str | None:
    return f"{bucket}/{prefix or ''}" if bucket else None


def _live_encryption(found: Any) -> str | None:
    for rule in (found or {}).get("Rules", ()):
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        return _encryption(
            default.get("SSEAlgorithm"), default.get("KMSMasterKeyID"), rule.get("BucketKeyEnabled")
        )
    return None


def _encryption(algorithm: Any, key: Any, bucket_key: Any) -> str:
    with_key = f" with {last_part(key)}" if key else ""
    return f"{algorithm}{with_key}{' and a bucket key' if bucket_key else ''}"


def _live_rule(rule: Mapping[str, Any]) -> str:
    noncurrent = rule.get("NoncurrentVersionExpiration") or {}
    moves = rule.get("Transitions") or ()
    return _rule(
        rule.get("ID"),
        rule.get("Status"),
        (rule.get("Filter") or {}).get("Prefix") or rule.get("Prefix"),
        {
            "expire": (rule.get("Expiration") or {}).get("Days"),
            "expire old versions": noncurrent.get("NoncurrentDays"),
            "abort uploads": (rule.get("AbortIncompleteMultipartUpload") or {}).get("DaysAfterInitiation"),
            **{f"move to {each.get('StorageClass')}": each.get("Days") for each in moves},
        },
    )


def _rule(name: Any, status: Any, prefix: Any, days: Mapping[str, Any]) -> str:
    what = ", ".join(f"{act} after {int(after)} days" for act, after in sorted(days.items()) if after)
    return f"{name} ({status}) on {prefix or 'everything'}: {what}"


def _live_replication(found: Any) -> list[str]:
    role, rules = (found or {}).get("Role"), (found or {}).get("Rules") or ()
    return [
        _copy(role, r.get("ID"), r.get("Status"), (r.get("Destination") or {}).get("Bucket")) for r in rules
    ]


def _copy(role: Any, name: Any, status: Any, bucket: Any) -> str:
    return f"{name} ({status}) to {bucket} as {role}"


def _grants(acl: Mapping[str, Any]) -> list[str]:
    """Grants to groups, such as everybody. The owner's own grant is left out."""
    grants = [each for each in acl.get("Grants") or () if each["Grantee"].get("URI")]
    return [f"{each['Permission']} to {each['Grantee']['URI']}" for each in grants]


def _declared_bucket(declared: Declared, bucket: Resource) -> Mapping[str, Any]:
    found: dict[str, Any] = {**bucket.inputs}
    for part in _PARTS:
        for one in declared.parts(bucket, part.type, "bucket"):
            found.update(_DECLARED[part.field](one.inputs))
    return found


def _declared_encryption(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    rule = block(inputs, "rules")
    default = block(rule, "applyServerSideEncryptionByDefault")
    names = default.get("sseAlgorithm"), default.get("kmsMasterKeyId")
    return {"encryption": _encryption(*names, rule.get("bucketKeyEnabled"))}


def _declared_versioning(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    found = block(inputs, "versioningConfiguration")
    return {"versioning": found.get("status"), "mfaDelete": found.get("mfaDelete")}


def _declared_lock(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = block(inputs, "rule", "defaultRetention")
    return {"objectLock": _retention(kept.get("mode"), kept.get("days"), kept.get("years"))}


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
        rules.append(_rule(rule.get("id"), rule.get("status"), prefix, days))
    return {"lifecycle": rules}


def _declared_replication(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    role, rules = inputs.get("role"), blocks(inputs.get("rules"))
    copies = [_copy(role, r.get("id"), r.get("status"), block(r, "destination").get("bucket")) for r in rules]
    return {"replication": copies}


_DECLARED: Final[Mapping[str, Any]] = {
    "publicAccess": lambda inputs: {"publicAccess": _public(inputs, str)},
    "versioning": _declared_versioning,
    "encryption": _declared_encryption,
    "ownership": lambda inputs: {"ownership": [block(inputs, "rule").get("objectOwnership")]},
    "policy": lambda inputs: {"policy": inputs.get("policy")},
    "lifecycle": _declared_lifecycle,
    "objectLock": _declared_lock,
    "accessLog": lambda inputs: {"accessLog": _log(inputs.get("targetBucket"), inputs.get("targetPrefix"))},
    "replication": _declared_replication,
    "eventbridge": lambda inputs: {"eventbridge": inputs.get("eventbridge")},
}


_PARTS: Final = (
    Part("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "bucket", "publicAccess", _BLOCKS),
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
    Part("aws:s3/bucketNotification:BucketNotification", "bucket", "eventbridge", ("eventbridge",)),
)


READERS: Final = (
    ResourceReader(
        type="aws:s3/bucket:Bucket",
        service="s3",
        read=buckets,
        key=by("bucket"),
        declare=_declared_bucket,
        fields=(
            exposure("publicAccess", unordered),
            exposure("policy", policy, default=None),
            exposure("acl", unordered, default=()),
            exposure("ownership", unordered),
            protection("encryption"),
            protection("versioning", default=None),
            protection("mfaDelete"),
            protection("objectLockEnabled", default=False),
            protection("objectLock", default=None),
            protection("accessLog", default=None),
            protection("eventbridge", default=False),
            protection("lifecycle", unordered, default=()),
            protection("replication", unordered, default=()),
            setting("bucket"),
            TAGS,
        ),
        parts=_PARTS,
    ),
)
