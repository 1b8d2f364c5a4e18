"""AWS KMS: customer keys and aliases (KMS API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import last_part, policy, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource

_GRANT: Final = "aws:kms/grant:Grant"


def keys(view: View) -> Iterator[Live]:
    """Customer keys, also disabled ones (ListKeys, DescribeKey). Of those that AWS manages, only the id."""
    for entry in view.pages("kms", "list_keys", "Keys"):
        yield Live("aws:kms/key:Key", entry["KeyId"], partial(_key, view, entry["KeyId"]), view.region)


def _key(view: View, key_id: str) -> Mapping[str, Any]:
    key = view.ask("kms", "describe_key", KeyId=key_id)["KeyMetadata"]
    if key.get("KeyManager") == "AWS":
        return {"awsManaged": True}
    return {
        "description": key.get("Description"),
        "keyUsage": key.get("KeyUsage"),
        "customerMasterKeySpec": key.get("KeySpec") or key.get("CustomerMasterKeySpec"),
        "isEnabled": key.get("KeyState") == "Enabled",
        "multiRegion": key.get("MultiRegion"),
        "enableKeyRotation": partial(_rotation, view, key, "KeyRotationEnabled"),
        "rotationPeriodInDays": partial(_rotation, view, key, "RotationPeriodInDays"),
        "policy": view.later("kms", "get_key_policy", "Policy", KeyId=key_id, PolicyName="default"),
        "grants": partial(_grants, view, key_id),
        "tags": view.tags_or(
            key["Arn"], partial(view.pages, "kms", "list_resource_tags", "Tags", KeyId=key_id)
        ),
    }


def _grants(view: View, key_id: str) -> list[str]:
    """Who may use the key by a grant. Services of AWS make grants for themselves, and retire them."""
    found = []
    for grant in view.pages("kms", "list_grants", "Grants", KeyId=key_id):
        whose = (grant.get("GranteePrincipal"), grant.get("RetiringPrincipal"))
        if not any(str(name).endswith(".amazonaws.com") for name in whose):
            found.append(_grant(grant.get("GranteePrincipal"), grant.get("Operations")))
    return found


def _grant(who: Any, operations: Any) -> str:
    return f"{who} may {', '.join(sorted(operations or ()))}"


def _declared_key(declared: Declared, key: Resource) -> Mapping[str, Any]:
    parts = declared.parts(key, _GRANT, "keyId")
    grants = [_grant(one.inputs.get("granteePrincipal"), one.inputs.get("operations")) for one in parts]
    return {**key.inputs, "grants": grants}


def _rotation(view: View, key: Mapping[str, Any], name: str) -> Any:
    return _rotation_of_key(view, key).get(name)


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
        declare=_declared_key,
        parts=(Part(_GRANT, "keyId", "grants", ("granteePrincipal", "operations")),),
        fields=(
            exposure("policy", policy),
            exposure("grants", unordered, default=()),
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
