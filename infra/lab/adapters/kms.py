"""AWS KMS (Key Management Service)."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource
from infra.program_run.monitor import Created


def key(desired: DesiredResource) -> Created:
    """CreateKey, then its rotation and whether it is enabled."""
    rotates = desired.take("enableKeyRotation", False)
    period = desired.take("rotationPeriodInDays")
    enabled = desired.take("isEnabled", True)
    usage = desired.take("keyUsage", "ENCRYPT_DECRYPT")
    made = desired.create("kms", "CreateKey", {"customerMasterKeySpec": "KeySpec"}, KeyUsage=usage)[
        "KeyMetadata"
    ]
    identifier = made["KeyId"]
    if rotates:
        days = {"rotationPeriodInDays": period} if period else {}
        desired.call("kms", "EnableKeyRotation", days, KeyId=identifier)
    if not enabled:
        desired.call("kms", "DisableKey", KeyId=identifier)
    return Created(identifier, {"arn": made["Arn"], "keyId": identifier})


def alias(desired: DesiredResource) -> Created:
    """CreateAlias."""
    name = desired.take("name") or f"alias/{desired.title}"
    target = desired.take("targetKeyId")
    desired.create("kms", "CreateAlias", AliasName=name, TargetKeyId=target)
    arn = desired.arn("kms", name)
    target_arn = target if target.startswith("arn:") else desired.arn("kms", f"key/{target}")
    return Created(name, {"arn": arn, "name": name, "targetKeyArn": target_arn})


ADAPTERS: dict[str, Adapter] = {
    "aws:kms/key:Key": key,
    "aws:kms/alias:Alias": alias,
}
