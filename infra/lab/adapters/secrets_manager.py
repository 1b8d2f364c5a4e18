"""AWS Secrets Manager."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, Row, table
from infra.lab.monitor import Created


def secret(desired: DesiredResource) -> Created:
    """CreateSecret, and its resource policy where one is declared."""
    name = desired.physical_name()
    desired.take("forceOverwriteReplicaSecret")
    policy = desired.take("policy")
    arn = desired.create("secretsmanager", "CreateSecret", Name=name)["ARN"]
    if policy:
        desired.call("secretsmanager", "PutResourcePolicy", SecretId=arn, ResourcePolicy=policy)
    return Created(arn, {"arn": arn, "name": name})


def secret_version(desired: DesiredResource) -> Created:
    """PutSecretValue."""
    secret_id = desired.left["secretId"]
    version = desired.create("secretsmanager", "PutSecretValue")["VersionId"]
    return Created(f"{secret_id}|{version}", {"arn": secret_id, "versionId": version})


def secret_rotation(desired: DesiredResource) -> Created:
    """RotateSecret, without running the function at once."""
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
    ]
)
