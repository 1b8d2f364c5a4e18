"""The private way from API Gateway to the guard: VPC link, network load balancer, TLS at both ends."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext
from infra.data.s3 import PrivateBucket
from infra.network.ports import GUARD_PORT, HTTPS
from infra.network.vpc import Network

# TLS 1.3 and 1.2 with forward secrecy and AEAD only, post-quantum key exchange; API Gateway speaks 1.2 here.
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"


@dataclass(frozen=True, slots=True)
class LoadBalancerArgs:
    """`group` is the id of the balancer's security group; `certificate` the ARN of the guard's."""

    context: ComponentContext
    network: Network
    group: pulumi.Input[str]
    certificate: pulumi.Input[str]
    access_logs: PrivateBucket


class LoadBalancer(pulumi.ComponentResource):
    """`link` is the VPC link's id, `targets` the target group's ARN; tasks wait for `listener`.

    `arn_suffix` and `targets_suffix` are the dimensions of their CloudWatch metrics.
    """

    def __init__(self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:edge:LoadBalancer", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        environment = args.context.environment
        self._balancer = self._load_balancer()
        self.arn_suffix = self._balancer.arn_suffix
        group = self._targets()
        self.targets, self.targets_suffix = group.arn, group.arn_suffix
        self.listener = aws.lb.Listener(
            "guard",
            load_balancer_arn=self._balancer.arn,
            port=HTTPS,
            protocol="TLS",
            ssl_policy=TLS_POLICY,
            certificate_arn=args.certificate,
            alpn_policy="None",
            default_actions=[{"type": "forward", "target_group_arn": self.targets}],
            tags=environment.tags("guard"),
            opts=self._child,
        )
        link = aws.apigateway.VpcLink(
            "guard",
            name=environment.name("guard"),
            description="API Gateway to the guard",
            target_arn=self._balancer.arn,
            tags=environment.tags("guard"),
            opts=self._child,
        )
        self.link = link.id
        self.register_outputs({"link": self.link})

    def _load_balancer(self) -> aws.lb.LoadBalancer:
        args, environment = self._args, self._args.context.environment
        return aws.lb.LoadBalancer(
            "guard",
            name=environment.name("guard"),
            load_balancer_type="network",
            internal=True,
            ip_address_type="ipv4",
            subnets=args.network.subnet_ids("guard"),
            security_groups=[args.group],
            # The group has no ingress rule: nothing in the VPC reaches the balancer. What comes through
            # the VPC link is PrivateLink traffic, whose senders are in no group of ours.
            enforce_security_group_inbound_rules_on_private_link_traffic="off",
            enable_cross_zone_load_balancing=True,
            enable_deletion_protection=True,
            access_logs={"bucket": args.access_logs.bucket, "prefix": "balancer", "enabled": True},
            tags=environment.tags("guard", tier="guard"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.access_logs.ready]),
        )

    def _targets(self) -> aws.lb.TargetGroup:
        environment = self._args.context.environment
        return aws.lb.TargetGroup(
            "guard",
            name=environment.name("guard"),
            vpc_id=self._args.network.vpc.id,
            target_type="ip",
            port=GUARD_PORT,
            protocol="TLS",
            preserve_client_ip="false",
            proxy_protocol_v2=False,
            connection_termination=True,
            deregistration_delay=30,
            health_check={
                "enabled": True,
                "protocol": "TCP",
                "port": "traffic-port",
                "interval": 10,
                "timeout": 5,
                "healthy_threshold": 2,
                "unhealthy_threshold": 2,
            },
            tags=environment.tags("guard"),
            opts=self._child,
        )
