"""Cases: containers."""

from __future__ import annotations

import json
from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.access_cases import group
from tests.scanners.drift.drift_cases import Case
from tests.scanners.drift.keeping_cases import allow
from tests.scanners.drift.network_cases import subnet, vpc
from tests.scanners.drift.role_cases import policy, role


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


def repository_case(account: Account) -> list[Resource]:
    made = account.ecr.create_repository(
        repositoryName="guard/envoy",
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        tags=[{"Key": "owner", "Value": "ops"}],
    )["repository"]
    inputs = {
        "name": "guard/envoy",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "tags": {"owner": "ops"},
    }
    return [declare("aws:ecr/repository:Repository", "guard/envoy", inputs, arn=made["repositoryArn"])]


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
    "repository": Case(
        repository_case,
        {
            "imageTagMutability": lambda a, r: a.ecr.put_image_tag_mutability(
                repositoryName=r.id, imageTagMutability="MUTABLE"
            ),
            "imageScanningConfiguration": lambda a, r: a.ecr.put_image_scanning_configuration(
                repositoryName=r.id, imageScanningConfiguration={"scanOnPush": False}
            ),
            "policy": lambda a, r: a.ecr.set_repository_policy(
                repositoryName=r.id,
                policyText=allow("*", "ecr:*").replace(', "Resource": "*"', ""),
            ),
            "tags": lambda a, r: a.ecr.untag_resource(resourceArn=r.outputs["arn"], tagKeys=["owner"]),
        },
        lambda a, r: a.ecr.delete_repository(repositoryName=r.id),
        lambda a: a.ecr.create_repository(repositoryName="more")["repository"]["repositoryName"],
    ),
}
