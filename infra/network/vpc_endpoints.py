"""VPC endpoints: the AWS services that we use, reached without the internet and for our account only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext
from infra.data.registry_object import PURPOSE
from infra.data.s3 import own_bucket
from infra.identity.iam_policies import Statement, allow, document
from infra.network.security_groups import SecurityGroups
from infra.network.vpc import Network

_PULL = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
)
# Interface endpoint -> what may be done through it. None leads to KMS: no program here calls it. Secrets
# Manager, DynamoDB and Parameter Store call it for their caller (KMS Developer Guide, `kms:ViaService`).
_INTERFACES: Mapping[str, tuple[str, ...]] = {
    "ecr.api": _PULL,
    "ecr.dkr": _PULL,
    # For GuardDuty's agent in each task (GuardDuty User Guide, Runtime Monitoring).
    "guardduty-data": ("guardduty:SendSecurityTelemetry",),
    "logs": ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
    "secretsmanager": (
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
    ),
    "ssm": ("ssm:GetParameter",),
    "xray": (
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ),
}
_TABLE_ACTIONS = (
    "dynamodb:ConditionCheckItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
)


@dataclass(frozen=True, slots=True)
class VpcEndpointsArgs:
    """Interface endpoints go into the data tier of `network`, and open to the `groups` that need them.

    They stand in the first `zones` zones, and answer callers of all.
    """

    context: ComponentContext
    network: Network
    groups: SecurityGroups
    zones: int


class VpcEndpoints(pulumi.ComponentResource):
    """Gateway and interface endpoints, each with a policy, and the flow log of the VPC."""

    def __init__(self, name: str, args: VpcEndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:network:VpcEndpoints", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        environment = args.context.environment
        tables = environment.arn("dynamodb", f"table/{environment.name('*')}")
        self._gateway("dynamodb", self._own_principals(_TABLE_ACTIONS, tables))
        self._gateway("s3", self._image_layers(), self._registry())
        for service_name, actions in _INTERFACES.items():
            self._interface(service_name, self._own_principals(actions, "*"))
        self._flow_log()
        self.register_outputs({})

    def _own_principals(self, actions: tuple[str, ...], resource: str) -> Statement:
        account = self._args.context.environment.account
        return allow(
            "OwnAccount", actions, [resource], "*", {"StringEquals": {"aws:PrincipalAccount": account}}
        )

    def _image_layers(self) -> Statement:
        # ECR hands out signed links to layers in this bucket of AWS's own, so the caller is not an
        # identity of this account.
        region = self._args.context.environment.region
        layers = f"arn:aws:s3:::prod-{region}-starport-layer-bucket/*"
        here = {"StringEquals": {"aws:SourceVpc": self._args.network.vpc.id}}
        return allow("ImageLayers", ["s3:GetObject"], [layers], "*", here)

    def _registry(self) -> Statement:
        context = self._args.context
        objects = f"arn:aws:s3:::{own_bucket(context, PURPOSE)}/*"
        own = {"StringEquals": {"aws:PrincipalAccount": context.environment.account}}
        return allow("Registry", ["s3:GetObjectVersion"], [objects], "*", own)

    def _gateway(self, service_name: str, *statements: Statement) -> None:
        environment, network = self._args.context.environment, self._args.network
        tables = [table.id for tier in ("guard", "service") for table in network.route_tables[tier]]
        endpoint = aws.ec2.VpcEndpoint(
            service_name,
            vpc_id=network.vpc.id,
            service_name=f"com.amazonaws.{environment.region}.{service_name}",
            vpc_endpoint_type="Gateway",
            route_table_ids=tables,
            policy=document(*statements),
            tags=environment.tags(service_name),
            opts=self._child,
        )
        self._args.groups.open_gateway_endpoint(service_name, endpoint.prefix_list_id)

    def _interface(self, service_name: str, statement: Statement) -> None:
        environment, network = self._args.context.environment, self._args.network
        name = service_name.replace(".", "-")
        aws.ec2.VpcEndpoint(
            name,
            vpc_id=network.vpc.id,
            service_name=f"com.amazonaws.{environment.region}.{service_name}",
            vpc_endpoint_type="Interface",
            subnet_ids=network.subnet_ids("data", self._args.zones),
            security_group_ids=[self._args.groups.ids["endpoints"]],
            private_dns_enabled=True,
            policy=document(statement),
            tags=environment.tags(name, tier="data"),
            opts=self._child,
        )

    def _flow_log(self) -> None:
        context = self._args.context
        group = context.log_group("flow-logs", self._child)
        role = context.role(
            "flow-logs",
            "vpc-flow-logs.amazonaws.com",
            [
                allow(
                    "Write",
                    ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    [pulumi.Output.concat(group.arn, ":*")],
                ),
                # Listing cannot be granted for one group (Amazon VPC User Guide, "IAM role for publishing
                # flow logs to CloudWatch Logs").
                allow("Find", ["logs:DescribeLogGroups"], [context.environment.arn("logs", "log-group:*")]),
            ],
            self._child,
        )
        aws.ec2.FlowLog(
            "all",
            vpc_id=self._args.network.vpc.id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=60,
            tags=context.environment.tags("flow-logs"),
            opts=self._child,
        )
