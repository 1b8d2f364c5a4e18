"""One kind of ECS service on Fargate: no root, no shell, images by digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext, Role
from infra.compute.application_autoscaling import ServiceScaling, ServiceScalingArgs
from infra.identity.iam_policies import Statement, allow
from infra.observability.runtime_agent import agent_repository

# Every image carries this program; it exits 0 when the service is healthy.
HEALTH = ("/usr/local/bin/health",)
# A user that no image defines: an image that needs root fails here.
_USER = "10001:10001"


@dataclass(frozen=True, slots=True)
class Container:
    """`port` is what it listens on (0: nothing). `health` is the command that exits 0 when it is healthy."""

    name: str
    image: str
    health: tuple[str, ...]
    port: int = 0
    command: tuple[str, ...] = ()
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The ECS cluster, and the Cloud Map namespace in which its services find each other.

    `repositories` are the ARNs of the ECR repositories that tasks may pull from.
    """

    arn: pulumi.Output[str]
    name: str
    namespace: pulumi.Output[str]
    repositories: Sequence[pulumi.Input[str]]


@dataclass(frozen=True, slots=True)
class FargateServiceArgs:
    """`statements` are what the containers may do; they run in `subnets` with security group `group`.

    `power` is CPU units and MiB of memory of each task; `tasks` is how many there are at least and at most.

    `targets` is the ARN of the target group that the first container's port joins, if any. The service
    waits for `after`.
    """

    context: ComponentContext
    cluster: Cluster
    containers: tuple[Container, ...]
    statements: Sequence[Statement]
    subnets: Sequence[pulumi.Input[str]]
    group: pulumi.Input[str]
    tier: str
    tasks: tuple[int, int]
    power: tuple[str, str]
    targets: pulumi.Input[str] | None = None
    after: tuple[pulumi.Resource, ...] = ()


class FargateService(pulumi.ComponentResource):
    """`role` is the IAM role of the containers, `log_group` their log; `service` is the ECS service."""

    def __init__(
        self, name: str, args: FargateServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("rampart:compute:FargateService", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self.log_group = args.context.log_group(name, self._child)
        self.role = args.context.role(name, "ecs-tasks.amazonaws.com", args.statements, self._child)
        self.service = self._service(self._task(), self._discovery())
        cluster, balanced = args.cluster.name, args.targets is not None
        scaling = ServiceScalingArgs(args.context, cluster, self.service, *args.tasks, by_calls=balanced)
        ServiceScaling(name, scaling, self._child)
        self.register_outputs({"service": self.service.name})

    def _task(self) -> aws.ecs.TaskDefinition:
        context = self._args.context
        cpu, memory = self._args.power
        definitions = [self._definition(container) for container in self._args.containers]
        return aws.ecs.TaskDefinition(
            self._name,
            family=context.environment.name(self._name),
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=cpu,
            memory=memory,
            runtime_platform={"operating_system_family": "LINUX", "cpu_architecture": "X86_64"},
            execution_role_arn=self._execution_role().arn,
            task_role_arn=self.role.arn,
            container_definitions=pulumi.Output.json_dumps(definitions),
            enable_fault_injection=False,
            # The only folder that a container may write to; it is deleted with the task.
            volumes=[{"name": "scratch"}],
            tags=context.environment.tags(self._name, tier=self._args.tier),
            opts=self._child,
        )

    def _definition(self, container: Container) -> dict[str, Any]:
        ports = [{"containerPort": container.port, "protocol": "tcp"}] if container.port else []
        return {
            "name": container.name,
            "image": container.image,
            "essential": True,
            "user": _USER,
            "privileged": False,
            "readonlyRootFilesystem": True,
            "linuxParameters": {"capabilities": {"add": [], "drop": ["ALL"]}, "initProcessEnabled": True},
            "command": list(container.command),
            "portMappings": ports,
            "mountPoints": [{"sourceVolume": "scratch", "containerPath": "/tmp", "readOnly": False}],  # noqa: S108  (in the container)
            "environment": [{"name": key, "value": value} for key, value in container.environment.items()],
            "secrets": [],
            "healthCheck": {
                "command": ["CMD", *container.health],
                "interval": 10,
                "timeout": 5,
                "retries": 3,
                "startPeriod": 15,
            },
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": self.log_group.name,
                    "awslogs-region": self._args.context.environment.region,
                    "awslogs-stream-prefix": container.name,
                    "mode": "non-blocking",
                },
            },
        }

    def _execution_role(self) -> Role:
        """What ECS needs to start a task: its images and its log, and no secret."""
        context = self._args.context
        here = {"StringEquals": {"aws:RequestedRegion": context.environment.region}}
        return context.role(
            f"{self._name}-start",
            "ecs-tasks.amazonaws.com",
            [
                allow("Login", ["ecr:GetAuthorizationToken"], ["*"], None, here),
                allow(
                    "Pull",
                    ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                    [*self._args.cluster.repositories, *self._agent()],
                ),
                allow(
                    "Log",
                    ["logs:CreateLogStream", "logs:PutLogEvents"],
                    [pulumi.Output.concat(self.log_group.arn, ":*")],
                ),
            ],
            self._child,
        )

    def _agent(self) -> list[str]:
        """The repository of GuardDuty's agent, which Runtime Monitoring adds to each task."""
        region = self._args.context.environment.region
        repository = agent_repository(region)
        return [repository] if repository else []

    def _discovery(self) -> aws.servicediscovery.Service:
        environment = self._args.context.environment
        return aws.servicediscovery.Service(
            self._name,
            name=self._name,
            dns_config={
                "namespace_id": self._args.cluster.namespace,
                "dns_records": [{"type": "A", "ttl": 10}],
                "routing_policy": "MULTIVALUE",
            },
            force_destroy=False,
            tags=environment.tags(self._name),
            opts=self._child,
        )

    def _service(
        self, task: aws.ecs.TaskDefinition, discovery: aws.servicediscovery.Service
    ) -> aws.ecs.Service:
        args, first = self._args, self._args.containers[0]
        balanced: Any = {
            "target_group_arn": args.targets,
            "container_name": first.name,
            "container_port": first.port,
        }
        return aws.ecs.Service(
            self._name,
            name=args.context.environment.name(self._name),
            cluster=args.cluster.arn,
            task_definition=task.arn,
            launch_type="FARGATE",
            platform_version="LATEST",
            desired_count=args.tasks[0],
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            deployment_circuit_breaker={"enable": True, "rollback": True},
            availability_zone_rebalancing="ENABLED",
            enable_execute_command=False,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            # An `up` that ends well has left running tasks behind: one whose images are missing fails.
            wait_for_steady_state=True,
            network_configuration={
                "subnets": list(args.subnets),
                "security_groups": [args.group],
                "assign_public_ip": False,
            },
            load_balancers=None if args.targets is None else [balanced],
            service_registries={"registry_arn": discovery.arn},
            tags=args.context.environment.tags(self._name, tier=args.tier),
            # How many run is Application Auto Scaling's to say: a release must not stop what calls need.
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=list(args.after), ignore_changes=["desiredCount"]
            ),
        )
