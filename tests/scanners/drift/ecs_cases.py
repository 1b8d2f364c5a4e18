"""Cases: Amazon ECS: clusters, task definitions and services."""

from __future__ import annotations

import json
from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case
from tests.scanners.drift.iam_cases import policy, role
from tests.scanners.drift.security_groups_cases import group
from tests.scanners.drift.vpc_cases import subnet, vpc


def cluster(account: Account) -> Resource:
    arn = account.ecs.create_cluster(
        clusterName="guard",
        settings=[{"name": "containerInsights", "value": "enabled"}],
        tags=[{"key": "owner", "value": "ops"}],
    )["cluster"]["clusterArn"]
    inputs = {
        "name": "guard",
        "settings": [{"name": "containerInsights", "value": "enabled"}],
        "tags": {"owner": "ops"},
    }
    return declare("aws:ecs/cluster:Cluster", arn, inputs, arn=arn)


CONTAINER = {
    "name": "envoy",
    "image": "registry.example/envoy@sha256:" + "0" * 64,
    "essential": True,
    "portMappings": [{"containerPort": 8443, "protocol": "tcp"}],
    "readonlyRootFilesystem": True,
    "user": "1000",
    "environment": [{"name": "SECRETIVE", "value": "a-value-that-no-report-may-show"}],
}


def register(account: Account, container: dict[str, Any], **more: Any) -> Any:
    made = account.ecs.register_task_definition(
        family="guard",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="512",
        memory="1024",
        containerDefinitions=[container],
        **more,
    )
    return made["taskDefinition"]["taskDefinitionArn"]


def task_case(account: Account) -> list[Resource]:
    made = role(account, policy(account))
    arn = register(account, CONTAINER, taskRoleArn=made.outputs["arn"])
    inputs = {
        "family": "guard",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "512",
        "memory": "1024",
        "taskRoleArn": made.outputs["arn"],
        "containerDefinitions": json.dumps([CONTAINER]),
    }
    return [declare("aws:ecs/taskDefinition:TaskDefinition", "guard", inputs, arn=arn)]


def service_case(account: Account) -> list[Resource]:
    network = vpc(account)
    inside, guard = subnet(account, network), group(account, network)
    home = cluster(account)
    task = task_case(account)[0]
    place = {"subnets": [inside.id], "securityGroups": [guard.id], "assignPublicIp": "DISABLED"}
    made = account.ecs.create_service(
        cluster=home.id,
        serviceName="guard",
        taskDefinition=task.outputs["arn"],
        desiredCount=2,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": place},
        enableExecuteCommand=False,
        tags=[{"key": "owner", "value": "ops"}],
    )["service"]
    inputs = {
        "name": "guard",
        "cluster": home.id,
        "taskDefinition": task.outputs["arn"],
        "desiredCount": 2.0,
        "launchType": "FARGATE",
        "networkConfiguration": {
            "subnets": [inside.id],
            "securityGroups": [guard.id],
            "assignPublicIp": False,
        },
        "tags": {"owner": "ops"},
    }
    return [declare("aws:ecs/service:Service", made["serviceArn"], inputs), home]


def run_other(account: Account, resource: Resource) -> object:
    arn = register(account, {**CONTAINER, "user": "0"})
    return account.ecs.update_service(cluster=resource.inputs["cluster"], service="guard", taskDefinition=arn)


CASES = {
    "cluster": Case(
        lambda a: [cluster(a)],
        {
            "settings": lambda a, r: a.ecs.update_cluster(
                cluster=r.id, settings=[{"name": "containerInsights", "value": "disabled"}]
            ),
            "tags": lambda a, r: a.ecs.untag_resource(resourceArn=r.id, tagKeys=["owner"]),
        },
        lambda a, r: a.ecs.delete_cluster(cluster=r.id),
        lambda a: a.ecs.create_cluster(clusterName="more")["cluster"]["clusterArn"],
    ),
    "task definition": Case(task_case),
    "service": Case(
        service_case,
        {
            "desiredCount": lambda a, r: a.ecs.update_service(
                cluster=r.inputs["cluster"], service="guard", desiredCount=0
            ),
            "taskDefinition": run_other,
        },
        lambda a, r: a.ecs.delete_service(cluster=r.inputs["cluster"], service="guard", force=True),
    ),
}
