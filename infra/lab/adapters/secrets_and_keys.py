"""AWS KMS, Secrets Manager and the SSM parameter store."""

from __future__ import annotations

from infra.lab.adapters.wanted import Adapter, Row, Wanted, table
from infra.lab.monitor import Created


def key(wanted: Wanted) -> Created:
    rotates = wanted.take("enableKeyRotation", False)
    period = wanted.take("rotationPeriodInDays")
    enabled = wanted.take("isEnabled", True)
    usage = wanted.take("keyUsage", "ENCRYPT_DECRYPT")
    made = wanted.create("kms", "CreateKey", {"customerMasterKeySpec": "KeySpec"}, KeyUsage=usage)[
        "KeyMetadata"
    ]
    identifier = made["KeyId"]
    if rotates:
        days = {"rotationPeriodInDays": period} if period else {}
        wanted.call("kms", "EnableKeyRotation", days, KeyId=identifier)
    if not enabled:
        wanted.call("kms", "DisableKey", KeyId=identifier)
    return Created(identifier, {"arn": made["Arn"], "keyId": identifier})


def alias(wanted: Wanted) -> Created:
    name = wanted.take("name") or f"alias/{wanted.title}"
    target = wanted.take("targetKeyId")
    wanted.create("kms", "CreateAlias", AliasName=name, TargetKeyId=target)
    arn = wanted.arn("kms", name)
    target_arn = target if target.startswith("arn:") else wanted.arn("kms", f"key/{target}")
    return Created(name, {"arn": arn, "name": name, "targetKeyArn": target_arn})


def secret(wanted: Wanted) -> Created:
    name = wanted.physical_name()
    wanted.take("forceOverwriteReplicaSecret")
    policy = wanted.take("policy")
    arn = wanted.create("secretsmanager", "CreateSecret", Name=name)["ARN"]
    if policy:
        wanted.call("secretsmanager", "PutResourcePolicy", SecretId=arn, ResourcePolicy=policy)
    return Created(arn, {"arn": arn, "name": name})


def secret_version(wanted: Wanted) -> Created:
    secret_id = wanted.left["secretId"]
    version = wanted.create("secretsmanager", "PutSecretValue")["VersionId"]
    return Created(f"{secret_id}|{version}", {"arn": secret_id, "versionId": version})


def secret_rotation(wanted: Wanted) -> Created:
    secret_id = wanted.left["secretId"]
    # The emulator would run the function, which has nothing to talk to here.
    wanted.take("rotateImmediately")
    # AWS lets the function make the first version; the emulator cannot rotate a secret without one.
    found = wanted.clients.get("secretsmanager", wanted.region).describe_secret(SecretId=secret_id)
    if not found.get("VersionIdsToStages"):
        wanted.call("secretsmanager", "PutSecretValue", SecretId=secret_id, SecretString="{}")
    wanted.create("secretsmanager", "RotateSecret", RotateImmediately=False)
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
