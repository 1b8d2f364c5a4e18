"""Amazon ECR (Elastic Container Registry)."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, Row, table
from infra.program_run.monitor import Created


def repository(desired: DesiredResource) -> Created:
    """CreateRepository."""
    name = desired.physical_name()
    desired.take("forceDelete")
    made = desired.create(
        "ecr",
        "CreateRepository",
        {
            "encryptionConfigurations": "encryptionConfiguration",
            "kmsKey": "kmsKey",
        },
        repositoryName=name,
    )["repository"]
    return Created(
        name,
        {
            "name": name,
            "arn": made["repositoryArn"],
            "repositoryUrl": made["repositoryUri"],
            "registryId": made["registryId"],
        },
    )


ADAPTERS: dict[str, Adapter] = {
    "aws:ecr/repository:Repository": repository,
} | table(
    [
        Row(
            type="aws:ecr/lifecyclePolicy:LifecyclePolicy",
            service="ecr",
            operation="PutLifecyclePolicy",
            renames={"repository": "repositoryName", "policy": "lifecyclePolicyText"},
            id="=repository",
        ),
    ]
)
