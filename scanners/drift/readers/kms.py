"""AWS KMS: customer keys and aliases (KMS API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import last_part, policy
from scanners.drift.records import Live, ResourceReader


def keys(view: View) -> Iterator[Live]:
    """Customer keys, also disabled ones (DescribeKey). Keys that AWS manages are read by id only."""
    for entry in view.pages("kms", "list_keys", "Keys"):
        key = view.ask("kms", "describe_key", KeyId=entry["KeyId"])["KeyMetadata"]
        if key.get("KeyManager") == "AWS":
            yield Live("aws:kms/key:Key", key["KeyId"], {"awsManaged": True}, view.region)
            continue
        rotation = _rotation_of_key(view, key)
        yield Live(
            "aws:kms/key:Key",
            key["KeyId"],
            {
                "description": key.get("Description"),
                "keyUsage": key.get("KeyUsage"),
                "customerMasterKeySpec": key.get("KeySpec") or key.get("CustomerMasterKeySpec"),
                "isEnabled": key.get("KeyState") == "Enabled",
                "multiRegion": key.get("MultiRegion"),
                "enableKeyRotation": rotation.get("KeyRotationEnabled"),
                "rotationPeriodInDays": rotation.get("RotationPeriodInDays"),
                "policy": view.ask("kms", "get_key_policy", KeyId=key["KeyId"], PolicyName="default")[
                    "Policy"
                ],
                "tags": view.pages("kms", "list_resource_tags", "Tags", KeyId=key["KeyId"]),
            },
            view.region,
        )


def _rotation_of_key(view: View, key: Mapping[str, Any]) -> Mapping[str, Any]:
    # Only symmetric keys with AWS's own material rotate; for others the call fails (KMS API).
    if key.get("KeySpec", "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT" or key.get("Origin") == "EXTERNAL":
        return {}
    dying = ("KMSInvalidStateException",)
    return view.ask("kms", "get_key_rotation_status", absent=dying, KeyId=key["KeyId"])


def aliases(view: View) -> Iterator[Live]:
    """Aliases and the keys that they name (ListAliases)."""
    for alias in view.pages("kms", "list_aliases", "Aliases"):
        yield Live(
            "aws:kms/alias:Alias",
            alias["AliasName"],
            {"name": alias["AliasName"], "targetKeyId": alias.get("TargetKeyId")},
            view.region,
        )


READERS: Final = (
    ResourceReader(
        type="aws:kms/key:Key",
        service="kms",
        read=keys,
        key=by("keyId"),
        fields=(
            exposure("policy", policy),
            protection("enableKeyRotation", default=False),
            protection("rotationPeriodInDays"),
            protection("isEnabled", default=True),
            protection("keyUsage", default="ENCRYPT_DECRYPT"),
            protection("customerMasterKeySpec", default="SYMMETRIC_DEFAULT"),
            setting("multiRegion", default=False),
            setting("description"),
            TAGS,
        ),
    ),
    ResourceReader(
        type="aws:kms/alias:Alias",
        service="kms",
        read=aliases,
        key=by("name"),
        fields=(protection("targetKeyId", last_part), setting("name")),
    ),
)
