"""Amazon ECS: clusters, task definitions and services (ECS API reference)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, blocks, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import number, plain, unordered
from scanners.drift.records import Live, ResourceReader
from scanners.drift.scaling import bounds_of
from scanners.policy.stack import Resource


def clusters(view: View) -> Iterator[Live]:
    """Clusters that are not deleted (DescribeClusters)."""
    for arn in view.pages("ecs", "list_clusters", "clusterArns"):
        yield Live("aws:ecs/cluster:Cluster", arn, partial(_cluster, view, arn), view.region)


def _cluster(view: View, arn: str) -> Mapping[str, Any] | None:
    include = ["SETTINGS", "CONFIGURATIONS", "TAGS"]
    found = view.ask("ecs", "describe_clusters", clusters=[arn], include=include)["clusters"][0]
    if found.get("status") == "INACTIVE":
        return None
    command = (found.get("configuration") or {}).get("executeCommandConfiguration") or {}
    return {
        "name": found.get("clusterName"),
        "settings": [f"{each['name']}={each['value']}" for each in found.get("settings") or ()],
        "configuration": _command(command),
        "tags": found.get("tags"),
    }


def _command(command: Mapping[str, Any]) -> Any:
    log = command.get("logConfiguration") or {}
    return plain(
        {
            "kmsKeyId": command.get("kmsKeyId"),
            "logging": command.get("logging"),
            "logGroup": log.get("cloudWatchLogGroupName"),
            "encrypted": log.get("cloudWatchEncryptionEnabled"),
        }
    )


def _declared_cluster(_: Declared, cluster: Resource) -> Mapping[str, Any]:
    configuration = block(cluster.inputs.get("configuration"))
    command = dict(block(configuration.get("executeCommandConfiguration")))
    command["logConfiguration"] = block(command.get("logConfiguration"))
    settings = [f"{each.get('name')}={each.get('value')}" for each in blocks(cluster.inputs.get("settings"))]
    return {**cluster.inputs, "settings": settings, "configuration": _command(command)}


def task_definitions(view: View) -> Iterator[Live]:
    """The newest active revision of each family (ListTaskDefinitions, DescribeTaskDefinition)."""
    newest: dict[str, str] = {}
    for arn in view.pages("ecs", "list_task_definitions", "taskDefinitionArns", status="ACTIVE", sort="ASC"):
        family, _, revision = arn.rpartition(":")
        if int(revision) >= int(newest.get(family, ":0").rpartition(":")[2]):
            newest[family] = arn
    for family, arn in newest.items():
        name = family.rpartition("/")[2]
        yield Live("aws:ecs/taskDefinition:TaskDefinition", name, partial(_task, view, arn), view.region)


def _task(view: View, arn: str) -> Mapping[str, Any]:
    answer = view.ask("ecs", "describe_task_definition", taskDefinition=arn, include=["TAGS"])
    found = answer["taskDefinition"]
    return {
        "family": found["family"],
        "revision": arn,
        "taskRoleArn": found.get("taskRoleArn"),
        "executionRoleArn": found.get("executionRoleArn"),
        "networkMode": found.get("networkMode"),
        "requiresCompatibilities": found.get("requiresCompatibilities"),
        "cpu": found.get("cpu"),
        "memory": found.get("memory"),
        "pidMode": found.get("pidMode"),
        "volumes": [each.get("name") for each in found.get("volumes") or ()],
        "enableFaultInjection": found.get("enableFaultInjection"),
        "runtimePlatform": found.get("runtimePlatform"),
        "containerDefinitions": found.get("containerDefinitions"),
        "images": images(found.get("containerDefinitions")),
        "tags": answer.get("tags"),
    }


def containers(value: Any) -> Any:
    """Container definitions without the defaults that AWS fills in (API reference, ContainerDefinition).

    Without their images too, which are shown and no secret: see `images`.
    """
    parsed = json.loads(value) if isinstance(value, str) else value
    found = []
    for container in parsed or ():
        one = {name: item for name, item in container.items() if name not in ("portMappings", "image")}
        if one.get("essential", True):
            one.pop("essential", None)
        ports = container.get("portMappings") or ()
        one["ports"] = [f"{each.get('containerPort')}/{each.get('protocol') or 'tcp'}" for each in ports]
        found.append(one)
    return unordered(found)


def images(value: Any) -> Any:
    """The image of each container; what is no list of them (a secret, an unknown value) stays as it is."""
    parsed = json.loads(value) if isinstance(value, str) else value
    if not isinstance(parsed, list):
        return value
    return [f"{each.get('name')}: {each.get('image')}" for each in parsed]


def _declared_task(_: Declared, task: Resource) -> Mapping[str, Any]:
    platform = block(task.inputs.get("runtimePlatform"))
    return {
        **task.inputs,
        "revision": task.outputs.get("arn"),
        "runtimePlatform": dict(platform),
        "volumes": [each.get("name") for each in blocks(task.inputs.get("volumes"))],
        "containerDefinitions": task.inputs.get("containerDefinitions"),
        "images": images(task.inputs.get("containerDefinitions")),
    }


def services(view: View) -> Iterator[Live]:
    """Services of all clusters that are not deleted (DescribeServices)."""
    for cluster in view.pages("ecs", "list_clusters", "clusterArns"):
        for arn in view.pages("ecs", "list_services", "serviceArns", cluster=cluster):
            yield Live("aws:ecs/service:Service", arn, partial(_service, view, cluster, arn), view.region)


def _service(view: View, cluster: str, arn: str) -> Mapping[str, Any] | None:
    answer = view.ask("ecs", "describe_services", cluster=cluster, services=[arn], include=["TAGS"])
    found = answer["services"][0]
    if found.get("status") == "INACTIVE":
        return None
    network = (found.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    return {
        "name": found.get("serviceName"),
        "cluster": found.get("clusterArn"),
        "taskDefinition": found.get("taskDefinition"),
        "desiredCount": found.get("desiredCount"),
        "launchType": found.get("launchType"),
        "platformVersion": found.get("platformVersion"),
        "enableExecuteCommand": found.get("enableExecuteCommand"),
        "networkConfiguration.assignPublicIp": network.get("assignPublicIp") == "ENABLED",
        "networkConfiguration.subnets": network.get("subnets"),
        "networkConfiguration.securityGroups": network.get("securityGroups"),
        "propagateTags": found.get("propagateTags"),
        "loadBalancers": [
            f"{x.get('targetGroupArn')} {x.get('containerName')}:{x.get('containerPort')}"
            for x in found.get("loadBalancers") or ()
        ],
        "serviceRegistries": [each.get("registryArn") for each in found.get("serviceRegistries") or ()],
        "tags": found.get("tags"),
    }


def _declared_service(declared: Declared, service: Resource) -> Mapping[str, Any]:
    inputs = service.inputs
    network = block(inputs.get("networkConfiguration"))
    balancers = [
        f"{x.get('targetGroupArn')} {x.get('containerName')}:{int(x.get('containerPort') or 0)}"
        for x in blocks(inputs.get("loadBalancers"))
    ]
    return {
        **inputs,
        # Of a service that scales, any number within its bounds is as declared; fewer is not.
        "desiredCount": bounds_of(declared.stack, service) or inputs.get("desiredCount"),
        "networkConfiguration.assignPublicIp": bool(network.get("assignPublicIp")),
        "networkConfiguration.subnets": network.get("subnets"),
        "networkConfiguration.securityGroups": network.get("securityGroups"),
        "loadBalancers": balancers,
        "serviceRegistries": [each.get("registryArn") for each in blocks(inputs.get("serviceRegistries"))],
    }


READERS: Final = (
    ResourceReader(
        type="aws:ecs/cluster:Cluster",
        service="ecs",
        read=clusters,
        key=by("arn"),
        declare=_declared_cluster,
        fields=(
            protection("settings", unordered),
            protection("configuration", default=()),
            setting("name"),
            TAGS,
        ),
    ),
    ResourceReader(
        type="aws:ecs/taskDefinition:TaskDefinition",
        service="ecs",
        read=task_definitions,
        key=by("family"),
        declare=_declared_task,
        fields=(
            exposure("taskRoleArn", default=None),
            exposure("executionRoleArn", default=None),
            exposure("networkMode"),
            exposure("pidMode", default=None),
            # They hold environment variables, and so perhaps a secret.
            protection("containerDefinitions", containers, sealed=True),
            protection("images", unordered),
            protection("revision"),
            exposure("volumes", unordered, default=()),
            protection("enableFaultInjection", default=False),
            setting("requiresCompatibilities", unordered),
            setting("cpu", number),
            setting("memory", number),
            setting("runtimePlatform", plain),
            setting("family"),
            TAGS,
        ),
    ),
    ResourceReader(
        type="aws:ecs/service:Service",
        service="ecs",
        read=services,
        declare=_declared_service,
        fields=(
            exposure("networkConfiguration.assignPublicIp", default=False),
            exposure("enableExecuteCommand", default=False),
            exposure("networkConfiguration.securityGroups", unordered),
            exposure("networkConfiguration.subnets", unordered),
            exposure("loadBalancers", unordered, default=()),
            protection("taskDefinition"),
            protection("desiredCount", number),
            setting("propagateTags"),
            setting("platformVersion"),
            setting("launchType"),
            setting("serviceRegistries", unordered, default=()),
            setting("cluster"),
            setting("name"),
            TAGS,
        ),
    ),
)
