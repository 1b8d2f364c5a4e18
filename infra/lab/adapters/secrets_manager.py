"""AWS Secrets Manager."""

from __future__ import annotations

from typing import Any

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, Row, table
from infra.program_run.monitor import Created


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
    client = desired.clients.get("secretsmanager", desired.region)
    # AWS lets the function make the first version; the emulator cannot rotate a secret without one.
    empty = not client.describe_secret(SecretId=secret_id).get("VersionIdsToStages")
    if empty:
        desired.call("secretsmanager", "PutSecretValue", SecretId=secret_id, SecretString="{}")
    desired.create("secretsmanager", "RotateSecret", RotateImmediately=False)
    if empty:
        _without_versions(client, secret_id)
    return Created(secret_id, {"rotationEnabled": True})


def _without_versions(client: Any, secret_id: str) -> None:
    """Take the labels off all versions: the secret then has no value, as before."""
    for version, stages in client.describe_secret(SecretId=secret_id)["VersionIdsToStages"].items():
        for stage in set(stages) & {"AWSCURRENT", "AWSPENDING"}:
            client.update_secret_version_stage(
                SecretId=secret_id, VersionStage=stage, RemoveFromVersionId=version
            )


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
