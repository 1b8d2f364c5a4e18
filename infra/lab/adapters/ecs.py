"""Amazon ECS (Elastic Container Service)."""

from __future__ import annotations

import json
from typing import Any

from infra.lab.adapters.desired_resource import Adapter, DesiredResource
from infra.program_run.monitor import Created


def cluster(desired: DesiredResource) -> Created:
    """CreateCluster."""
    name = desired.physical_name()
    made = desired.create(
        "ecs", "CreateCluster", {"serviceConnectDefaults": "serviceConnectDefaults"}, clusterName=name
    )["cluster"]
    return Created(made["clusterArn"], {"name": name, "arn": made["clusterArn"]})


def task_definition(desired: DesiredResource) -> Created:
    """RegisterTaskDefinition; Pulumi hands the containers over as JSON text."""
    containers = json.loads(desired.take("containerDefinitions"))
    desired.take("skipDestroy")
    desired.take("trackLatest")
    made = desired.create(
        "ecs", "RegisterTaskDefinition", {"volumes.name": "name"}, containerDefinitions=containers
    )["taskDefinition"]
    arn = made["taskDefinitionArn"]
    return Created(
        made["family"],
        {
            "arn": arn,
            "arnWithoutRevision": arn.rpartition(":")[0],
            "revision": made["revision"],
        },
    )


def service(desired: DesiredResource) -> Created:
    """CreateService."""
    name = desired.physical_name()
    # Whether the provider waits, and what makes it deploy again, are not settings of the service.
    desired.pick("waitForSteadyState", "forceNewDeployment", "forceDelete", "triggers", "iamRole")
    circuit = desired.take("deploymentCircuitBreaker")
    shares = {
        "maximumPercent": desired.take("deploymentMaximumPercent"),
        "minimumHealthyPercent": desired.take("deploymentMinimumHealthyPercent"),
        "deploymentCircuitBreaker": circuit,
    }
    deployment = {key: value for key, value in shares.items() if value is not None}
    made = desired.create(
        "ecs",
        "CreateService",
        {"networkConfiguration": "networkConfiguration"},
        serviceName=name,
        **({"deploymentConfiguration": deployment} if deployment else {}),
        **_network(desired.take("networkConfiguration")),
    )["service"]
    return Created(made["serviceArn"], {"name": name, "arn": made["serviceArn"]})


def _network(declared: dict[str, Any] | None) -> dict[str, Any]:
    """Pulumi flattens `awsvpcConfiguration`, and shows the public address as a boolean."""
    if not declared:
        return {}
    public = declared.pop("assignPublicIp", None)
    if public is not None:
        declared["assignPublicIp"] = "ENABLED" if public else "DISABLED"
    return {"networkConfiguration": {"awsvpcConfiguration": declared}}


ADAPTERS: dict[str, Adapter] = {
    "aws:ecs/cluster:Cluster": cluster,
    "aws:ecs/taskDefinition:TaskDefinition": task_definition,
    "aws:ecs/service:Service": service,
}
