"""S3 buckets, with the settings that Pulumi declares apart (Amazon S3 API reference)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.buckets import (
    PARTS,
    copy_rule,
    declared_bucket,
    encryption,
    inventory,
    lifecycle_rule,
    log_place,
    notice,
    off_blocks,
    retention,
)
from scanners.drift.declared import by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import camel, policy, unordered
from scanners.drift.records import Live, ResourceReader

# What S3 answers for its two oldest regions (S3 API, GetBucketLocation).
_LOCATIONS: Final = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}


def buckets(view: View) -> Iterator[Live]:
    """The account's buckets, in whatever region they are (ListBuckets, GetBucketLocation)."""
    # Only an answer to a question with a parameter names the regions of the buckets.
    for bucket in view.pages("s3", "list_buckets", "Buckets", MaxBuckets=1000):
        yield Live("aws:s3/bucket:Bucket", bucket["Name"], partial(_settings, view, bucket))


def _settings(view: View, bucket: Mapping[str, Any]) -> Mapping[str, Any]:
    name, region = bucket["Name"], _region(view, bucket)
    there = view.narrowed_to((), region)
    asked = {key: partial(_setting, there, name, *how) for key, how in _SETTINGS.items()}
    return {
        "bucket": name,
        "about": f"in {region}",
        **asked,
        "tags": there.tags_or(f"arn:{view.partition}:s3:::{name}", partial(_setting, there, name, *_TAGS_OF)),
    }


def _region(view: View, bucket: Mapping[str, Any]) -> str:
    if bucket.get("BucketRegion"):
        return str(bucket["BucketRegion"])
    found = view.ask("s3", "get_bucket_location", Bucket=bucket["Name"]).get("LocationConstraint")
    return str(_LOCATIONS.get(found, found))


def _setting(view: View, bucket: str, question: str, absent: str, form: Callable[[Any], Any]) -> Any:
    return form(view.ask("s3", question, absent=tuple(absent.split()), Bucket=bucket))


def _only(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda found: found.get(name)


def _live_lifecycle(found: Mapping[str, Any]) -> list[str]:
    return [_live_rule(each) for each in found.get("Rules", ())]


def _live_public(found: Mapping[str, Any]) -> list[str]:
    return off_blocks(found.get("PublicAccessBlockConfiguration"), lambda name: name[0].upper() + name[1:])


def _live_owners(found: Mapping[str, Any]) -> list[Any]:
    return [each["ObjectOwnership"] for each in found.get("OwnershipControls", {}).get("Rules", ())]


def _live_log(found: Mapping[str, Any]) -> str | None:
    logging = found.get("LoggingEnabled") or {}
    return log_place(logging.get("TargetBucket"), logging.get("TargetPrefix"))


def _live_notices(found: Mapping[str, Any]) -> list[str]:
    texts = []
    for kind, where in _TOLD.items():
        for each in found.get(kind) or ():
            rules = ((each.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ()
            only = {str(rule.get("Name")).lower(): rule.get("Value") for rule in rules}
            texts.append(notice(each.get(where), each["Events"], only.get("prefix"), only.get("suffix")))
    return texts


_TOLD: Final = {
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
    "QueueConfigurations": "QueueArn",
    "TopicConfigurations": "TopicArn",
}


def _live_website(found: Mapping[str, Any]) -> Any:
    """Whatever is served over plain HTTP, and to where calls are sent on."""
    return camel({name: value for name, value in found.items() if name != "ResponseMetadata"}) or None


def _live_inventories(found: Mapping[str, Any]) -> list[str]:
    return [
        inventory(each["Id"], each.get("IsEnabled"), each["Destination"]["S3BucketDestination"]["Bucket"])
        for each in found.get("InventoryConfigurationList") or ()
    ]


def _live_lock(found: Mapping[str, Any]) -> str | None:
    lock = found.get("ObjectLockConfiguration") or {}
    kept = (lock.get("Rule") or {}).get("DefaultRetention")
    return retention(kept.get("Mode"), kept.get("Days"), kept.get("Years")) if kept else None


def _live_encryption(found: Mapping[str, Any]) -> str | None:
    for rule in (found.get("ServerSideEncryptionConfiguration") or {}).get("Rules", ()):
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        return encryption(
            default.get("SSEAlgorithm"), default.get("KMSMasterKeyID"), rule.get("BucketKeyEnabled")
        )
    return None


def _live_rule(rule: Mapping[str, Any]) -> str:
    noncurrent = rule.get("NoncurrentVersionExpiration") or {}
    moves = rule.get("Transitions") or ()
    return lifecycle_rule(
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


def _live_replication(answer: Mapping[str, Any]) -> list[str]:
    found = answer.get("ReplicationConfiguration") or {}
    role, rules = found.get("Role"), found.get("Rules") or ()
    return [
        copy_rule(role, r.get("ID"), r.get("Status"), (r.get("Destination") or {}).get("Bucket"))
        for r in rules
    ]


def _live_acceleration(found: Mapping[str, Any]) -> str:
    return str(found.get("Status") or "Suspended")


def _grants(acl: Mapping[str, Any]) -> list[str]:
    """Grants to groups, such as everybody. The owner's own grant is left out."""
    grants = [each for each in acl.get("Grants") or () if each["Grantee"].get("URI")]
    return [f"{each['Permission']} to {each['Grantee']['URI']}" for each in grants]


# Property -> the question for a bucket, the errors that say there is none, and the form of the answer.
_NOTICES: Final = ("get_bucket_notification_configuration", "")
_LOCK: Final = ("get_object_lock_configuration", "ObjectLockConfigurationNotFoundError")
_SETTINGS: Final[Mapping[str, tuple[str, str, Callable[[Any], Any]]]] = {
    "publicAccess": ("get_public_access_block", "NoSuchPublicAccessBlockConfiguration", _live_public),
    "versioning": ("get_bucket_versioning", "", _only("Status")),
    "mfaDelete": ("get_bucket_versioning", "", _only("MFADelete")),
    "ownership": ("get_bucket_ownership_controls", "OwnershipControlsNotFoundError", _live_owners),
    "objectLock": (*_LOCK, _live_lock),
    "objectLockEnabled": (*_LOCK, lambda found: bool(found.get("ObjectLockConfiguration"))),
    "accessLog": ("get_bucket_logging", "", _live_log),
    "eventbridge": (*_NOTICES, lambda found: "EventBridgeConfiguration" in found),
    "notifications": (*_NOTICES, _live_notices),
    "encryption": (
        "get_bucket_encryption",
        "ServerSideEncryptionConfigurationNotFoundError",
        _live_encryption,
    ),
    "lifecycle": ("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration", _live_lifecycle),
    "replication": ("get_bucket_replication", "ReplicationConfigurationNotFoundError", _live_replication),
    "policy": ("get_bucket_policy", "NoSuchBucketPolicy", _only("Policy")),
    "website": ("get_bucket_website", "NoSuchWebsiteConfiguration", _live_website),
    "inventory": ("list_bucket_inventory_configurations", "", _live_inventories),
    # Where no edge leads to a region, S3 refuses the question (eu-north-1, GovCloud and China).
    "accelerateConfiguration": (
        "get_bucket_accelerate_configuration",
        "MethodNotAllowed UnsupportedArgument",
        _live_acceleration,
    ),
    "acl": ("get_bucket_acl", "", _grants),
}
_TAGS_OF: Final = ("get_bucket_tagging", "NoSuchTagSet", _only("TagSet"))


READERS: Final = (
    ResourceReader(
        type="aws:s3/bucket:Bucket",
        service="s3",
        read=buckets,
        key=by("bucket"),
        declare=declared_bucket,
        is_global=True,
        fields=(
            exposure("publicAccess", unordered),
            exposure("policy", policy, default=None),
            exposure("acl", unordered, default=()),
            exposure("ownership", unordered),
            exposure("notifications", unordered, default=()),
            exposure("website", unordered, default=None),
            exposure("inventory", unordered, default=()),
            protection("encryption"),
            # Objects are also reached by an edge location.
            exposure("accelerateConfiguration", default="Suspended"),
            protection("versioning", default=None),
            protection("mfaDelete", default=None),
            protection("objectLockEnabled", default=False),
            protection("objectLock", default=None),
            protection("accessLog", default=None),
            protection("eventbridge", default=False),
            protection("lifecycle", unordered, default=()),
            protection("replication", unordered, default=()),
            setting("bucket"),
            TAGS,
        ),
        parts=PARTS,
    ),
)
