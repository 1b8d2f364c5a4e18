"""Security groups whose rules refer to other groups; only the egress guard has a rule with addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.environment import Environment
from infra.network.network_acls import ANYWHERE
from infra.network.ports import EGRESS_PORT, GUARD_PORT, HTTPS, SERVICE_PORT

# group -> (tier, what it is)
GROUPS: Mapping[str, tuple[str, str]] = {
    "balancer": ("guard", "Network load balancer: reached through the VPC link only"),
    "guard": ("guard", "Guard: Envoy and policy service"),
    "egress": ("guard", "Egress guard: the one way out, to partners only"),
    "service": ("service", "OCPI service"),
    "authorizer": ("service", "Lambda authorizer"),
    "rotation": ("service", "Token rotation function"),
    "endpoints": ("data", "VPC endpoints"),
}

# (from, to, port): each becomes an egress rule of the first group and an ingress rule of the second.
FLOWS: tuple[tuple[str, str, int], ...] = (
    ("balancer", "guard", GUARD_PORT),
    ("guard", "service", SERVICE_PORT),
    ("service", "egress", EGRESS_PORT),
    ("rotation", "egress", EGRESS_PORT),
    ("guard", "endpoints", HTTPS),
    ("egress", "endpoints", HTTPS),
    ("service", "endpoints", HTTPS),
    ("authorizer", "endpoints", HTTPS),
    ("rotation", "endpoints", HTTPS),
)

# Who speaks to which gateway endpoint: ECS pulls image layers from S3, and gates read the registry there;
# tokens and ledgers are in DynamoDB.
_GATEWAY_FLOWS: Mapping[str, tuple[str, ...]] = {
    "s3": ("guard", "egress", "service", "authorizer", "rotation"),
    "dynamodb": ("guard", "service", "authorizer", "rotation"),
}


@dataclass(frozen=True, slots=True)
class SecurityGroupsArgs:
    """`partner_ports` are the ports on which partners take our calls."""

    environment: Environment
    vpc_id: pulumi.Input[str]
    partner_ports: tuple[int, ...]


class SecurityGroups(pulumi.ComponentResource):
    """One group for each thing that runs. `ids` maps its name to the group's id."""

    def __init__(
        self, name: str, args: SecurityGroupsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("rampart:network:SecurityGroups", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        groups = {group: self._group(group, *about) for group, about in GROUPS.items()}
        self.ids = {group: resource.id for group, resource in groups.items()}
        for source, target, port in FLOWS:
            self._flow(source, target, port)
        for port in args.partner_ports:
            self._partners(port)
        self.register_outputs({"ids": self.ids})

    def open_gateway_endpoint(self, service: str, prefix_list: pulumi.Input[str]) -> None:
        """Let the groups that need it reach the gateway endpoint of `service` (`s3` or `dynamodb`)."""
        for group in _GATEWAY_FLOWS[service]:
            aws.vpc.SecurityGroupEgressRule(
                f"{group}-to-{service}",
                security_group_id=self.ids[group],
                prefix_list_id=prefix_list,
                ip_protocol="tcp",
                from_port=HTTPS,
                to_port=HTTPS,
                description=f"{group} to {service} through its gateway endpoint",
                tags=self._args.environment.tags(f"{group}-to-{service}"),
                opts=self._child,
            )

    def _group(self, name: str, tier: str, about: str) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            name,
            name=self._args.environment.name(name),
            description=about,
            vpc_id=self._args.vpc_id,
            tags=self._args.environment.tags(name, tier=tier),
            opts=self._child,
        )

    def _flow(self, source: str, target: str, port: int) -> None:
        name = f"{source}-to-{target}"
        tags = self._args.environment.tags(name)
        aws.vpc.SecurityGroupEgressRule(
            name,
            security_group_id=self.ids[source],
            referenced_security_group_id=self.ids[target],
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"{source} to {target}",
            tags=tags,
            opts=self._child,
        )
        aws.vpc.SecurityGroupIngressRule(
            name,
            security_group_id=self.ids[target],
            referenced_security_group_id=self.ids[source],
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"{target} from {source}",
            tags=tags,
            opts=self._child,
        )

    def _partners(self, port: int) -> None:
        # Partners' callback hosts are names, so the egress guard's registry and the DNS firewall hold the
        # addresses down; this rule only says who may try, and on which ports.
        name = f"egress-to-partners-{port}"
        aws.vpc.SecurityGroupEgressRule(
            name,
            security_group_id=self.ids["egress"],
            cidr_ipv4=ANYWHERE,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"Egress guard to partners on {port}",
            tags=self._args.environment.tags(name),
            opts=self._child,
        )
