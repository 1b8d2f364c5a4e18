"""The sample's workloads: guard and service on Fargate, and the function that rotates tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from scanners.policy.samples.network import NETWORK
from scanners.policy.samples.sample_stack import aws, plus, waiting, weaken
from scanners.policy.stack import Resource, Stack

_WAYS = [r for r in NETWORK.resources if r.type.startswith(("aws:vpc/", "aws:ec2/vpcEndpoint:"))]
_TAGS = {"rampart:environment": "production"}
_DIGEST = "sha256:" + "5" * 64


def container(**changes: Any) -> str:
    """The guard's container definitions, as text; `changes` replace members of the one container."""
    return json.dumps(
        [
            {
                "name": "guard",
                "image": f"111122223333.dkr.ecr.eu-central-1.amazonaws.com/guard@{_DIGEST}",
                "user": "65532:65532",
                "privileged": False,
                "readonlyRootFilesystem": True,
                "linuxParameters": {"capabilities": {"drop": ["ALL"]}, "initProcessEnabled": True},
                "environment": [{"name": "RAMPART_ENVIRONMENT", "value": "production"}],
                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "log-guard"}},
                **changes,
            }
        ]
    )


def _service(name: str) -> Iterator[Resource]:
    yield aws(
        "ecs/taskDefinition:TaskDefinition",
        f"task-{name}",
        family=name,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        enableFaultInjection=False,
        containerDefinitions=container(name=name),
        tags=_TAGS,
    )
    service = aws(
        "ecs/service:Service",
        f"ecs-{name}",
        cluster="arn:cluster-1",
        taskDefinition=f"arn:task-{name}",
        launchType="FARGATE",
        platformVersion="1.4.0",
        desiredCount=2,
        enableExecuteCommand=False,
        deploymentCircuitBreaker={"enable": True, "rollback": True},
        waitForSteadyState=True,
        networkConfiguration={
            "assignPublicIp": False,
            "subnets": [f"subnet-{name}-a", f"subnet-{name}-b"],
            "securityGroups": [f"sg-{name}"],
        },
        loadBalancers=[{"targetGroupArn": "arn:tg-guard"}] if name == "guard" else [],
        tags=_TAGS,
    )
    yield waiting(service, *_WAYS)


WORKLOAD = plus(
    NETWORK,
    aws("ecs/cluster:Cluster", "cluster-1", tags=_TAGS),
    aws(
        "ecr/repository:Repository",
        "repo-guard",
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        tags=_TAGS,
    ),
    aws("cloudwatch/logGroup:LogGroup", "log-guard", retentionInDays=400),
    *_service("guard"),
    *_service("service"),
    aws(
        "lambda/codeSigningConfig:CodeSigningConfig",
        "signing-1",
        policies={"untrustedArtifactOnDeployment": "Enforce"},
    ),
    waiting(
        aws(
            "lambda/function:Function",
            "fn-rotation",
            codeSigningConfigArn="arn:signing-1",
            runtime="python3.13",
            timeout=60,
            vpcConfig={
                "subnetIds": ["subnet-service-a", "subnet-service-b"],
                "securityGroupIds": ["sg-service"],
            },
            environment={"variables": {"RAMPART_ENVIRONMENT": "production", "RAMPART_OVERLAP_MINUTES": "60"}},
            tags=_TAGS,
        ),
        *_WAYS,
    ),
    aws(
        "lambda/permission:Permission",
        "fn-rotation-call",
        function="fn-rotation",
        action="lambda:InvokeFunction",
        principal="secretsmanager.amazonaws.com",
        sourceAccount="111122223333",
    ),
)


def with_container(**changes: Any) -> Stack:
    """The workloads, with the guard's container changed."""
    return weaken(WORKLOAD, "task-guard", "containerDefinitions", container(**changes))
