"""AWS KMS, Secrets Manager and the SSM parameter store."""

from __future__ import annotations

from infra.lab.adapters.desired import Adapter, DesiredResource, Row, table
from infra.lab.monitor import Created


def key(desired: DesiredResource) -> Created:
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
    name = desired.take("name") or f"alias/{desired.title}"
    target = desired.take("targetKeyId")
    desired.create("kms", "CreateAlias", AliasName=name, TargetKeyId=target)
    arn = desired.arn("kms", name)
    target_arn = target if target.startswith("arn:") else desired.arn("kms", f"key/{target}")
    return Created(name, {"arn": arn, "name": name, "targetKeyArn": target_arn})


def secret(desired: DesiredResource) -> Created:
    name = desired.physical_name()
    desired.take("forceOverwriteReplicaSecret")
    policy = desired.take("policy")
    arn = desired.create("secretsmanager", "CreateSecret", Name=name)["ARN"]
    if policy:
        desired.call("secretsmanager", "PutResourcePolicy", SecretId=arn, ResourcePolicy=policy)
    return Created(arn, {"arn": arn, "name": name})


def secret_version(desired: DesiredResource) -> Created:
    secret_id = desired.left["secretId"]
    version = desired.create("secretsmanager", "PutSecretValue")["VersionId"]
    return Created(f"{secret_id}|{version}", {"arn": secret_id, "versionId": version})


def secret_rotation(desired: DesiredResource) -> Created:
    secret_id = desired.left["secretId"]
    # The emulator would run the function, which has nothing to talk to here.
    desired.take("rotateImmediately")
    # AWS lets the function make the first version; the emulator cannot rotate a secret without one.
    found = desired.clients.get("secretsmanager", desired.region).describe_secret(SecretId=secret_id)
    if not found.get("VersionIdsToStages"):
        desired.call("secretsmanager", "PutSecretValue", SecretId=secret_id, SecretString="{}")
    desired.create("secretsmanager", "RotateSecret", RotateImmediately=False)
    return Created(secret_id, {"rotationEnabled": True})


ADAPTERS: dict[str, Adapter] = {
    "aws:kms/key:Key": key,
    "aws:kms/alias:Alias": alias,
    "aws:secretsmanager/secret:Secret": secret,
    "aws:secretsmanager/secretVersion:SecretVersion": secret_version,
    "aws:secretsmanager/secretRotation:SecretRotation": secret_rotation,
} | table(
    [
        Row(
            type="aws:secretsmanager/secretPolicy:SecretPolicy",
            service="secretsmanager",
            operation="PutResourcePolicy",
            renames={"secretArn": "SecretId", "policy": "ResourcePolicy"},
            id="=secretArn",
        ),
        Row(
            type="aws:ssm/parameter:Parameter",
            service="ssm",
            operation="PutParameter",
            named="name",
            id="=name",
            outputs={"arn": "arn:aws:ssm:{region}:{account}:parameter{name}", "version": "Version"},
        ),
    ]
)
