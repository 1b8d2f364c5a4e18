"""The VPC: four tiers of subnets over several availability zones, and their routes.

edge     NAT gateways only; the one tier with a route to the internet gateway
guard    load balancer, guard and egress guard; out through NAT
service  the OCPI service and the Lambda functions; no route out
data     VPC endpoints; no route out
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.environment import Environment
from infra.network.network_acls import acl_rules

TIERS = ("edge", "guard", "service", "data")
_MOST_ZONES = 4


@dataclass(frozen=True, slots=True)
class NetworkArgs:
    """`partner_ports` are the ports on which partners take our calls.

    The first `nat_zones` zones have a NAT gateway of their own; the others go out through the first.
    """

    environment: Environment
    cidr: str
    zones: tuple[str, ...]
    partner_ports: tuple[int, ...]
    nat_zones: int


class Network(pulumi.ComponentResource):
    """VPC, subnets, routes and network ACLs; the VPC's default group, ACL and route table are closed.

    `subnets` and `route_tables` map a tier to its subnets and tables, `cidrs` to its address ranges.
    """

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:network:Network", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.cidrs = tier_cidrs(args.cidr, len(args.zones))
        self.vpc = aws.ec2.Vpc(
            "vpc",
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=args.environment.tags("vpc"),
            opts=self._child,
        )
        self._close_defaults()
        self.subnets = {tier: self._tier_subnets(tier) for tier in TIERS}
        self.route_tables = self._routes()
        for tier in TIERS:
            self._acl(tier)
        self.register_outputs({"vpcId": self.vpc.id})

    def subnet_ids(self, tier: str, zones: int = _MOST_ZONES) -> list[pulumi.Output[str]]:
        """The ids of a tier's subnets, one a zone, of the first `zones`."""
        return [subnet.id for subnet in self.subnets[tier][:zones]]

    def _close_defaults(self) -> None:
        """VPC defaults allow everything. Closed, they give nothing to what is put into them by mistake."""
        tags = self._args.environment.tags("closed-default")
        aws.ec2.DefaultSecurityGroup(
            "closed", vpc_id=self.vpc.id, ingress=[], egress=[], tags=tags, opts=self._child
        )
        aws.ec2.DefaultNetworkAcl(
            "closed",
            default_network_acl_id=self.vpc.default_network_acl_id,
            ingress=[],
            egress=[],
            tags=tags,
            opts=self._child,
        )
        aws.ec2.DefaultRouteTable(
            "closed",
            default_route_table_id=self.vpc.default_route_table_id,
            routes=[],
            tags=tags,
            opts=self._child,
        )

    def _tier_subnets(self, tier: str) -> list[aws.ec2.Subnet]:
        return [
            aws.ec2.Subnet(
                f"{tier}-{zone[-1]}",
                vpc_id=self.vpc.id,
                availability_zone=zone,
                cidr_block=cidr,
                map_public_ip_on_launch=False,
                tags=self._args.environment.tags(f"{tier}-{zone[-1]}", tier=tier),
                opts=self._child,
            )
            for zone, cidr in zip(self._args.zones, self.cidrs[tier], strict=True)
        ]

    def _routes(self) -> dict[str, list[aws.ec2.RouteTable]]:
        """The guard tier goes out through NAT; service and data tiers stay local."""
        gateway = aws.ec2.InternetGateway(
            "internet", vpc_id=self.vpc.id, tags=self._args.environment.tags("internet"), opts=self._child
        )
        tables = {tier: [self._table(tier, 0)] for tier in TIERS if tier != "guard"}
        tables["guard"] = [self._table("guard", index) for index in range(len(self._args.zones))]
        self._route("edge-out", tables["edge"][0], gateway_id=gateway.id)
        outer = list(zip(self._args.zones, self.subnets["edge"], strict=True))[: self._args.nat_zones]
        ways_out = [self._nat(zone, subnet, gateway).id for zone, subnet in outer]
        for index, (zone, table) in enumerate(zip(self._args.zones, tables["guard"], strict=True)):
            way = ways_out[index if index < len(ways_out) else 0]
            self._route(f"guard-out-{zone[-1]}", table, nat_gateway_id=way)
        for tier in TIERS:
            for index, subnet in enumerate(self.subnets[tier]):
                aws.ec2.RouteTableAssociation(
                    f"{tier}-{self._args.zones[index][-1]}",
                    subnet_id=subnet.id,
                    route_table_id=tables[tier][index % len(tables[tier])].id,
                    opts=self._child,
                )
        return tables

    def _table(self, tier: str, index: int) -> aws.ec2.RouteTable:
        name = f"{tier}-{self._args.zones[index][-1]}" if tier == "guard" else tier
        tags = self._args.environment.tags(name, tier=tier)
        return aws.ec2.RouteTable(name, vpc_id=self.vpc.id, tags=tags, opts=self._child)

    def _route(
        self,
        name: str,
        table: aws.ec2.RouteTable,
        gateway_id: pulumi.Input[str] | None = None,
        nat_gateway_id: pulumi.Input[str] | None = None,
    ) -> None:
        aws.ec2.Route(
            name,
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway_id,
            nat_gateway_id=nat_gateway_id,
            opts=self._child,
        )

    def _nat(self, zone: str, subnet: aws.ec2.Subnet, gateway: aws.ec2.InternetGateway) -> aws.ec2.NatGateway:
        tags = self._args.environment.tags(f"nat-{zone[-1]}", tier="edge")
        address = aws.ec2.Eip(f"nat-{zone[-1]}", domain="vpc", tags=tags, opts=self._child)
        return aws.ec2.NatGateway(
            f"nat-{zone[-1]}",
            subnet_id=subnet.id,
            allocation_id=address.allocation_id,
            connectivity_type="public",
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[gateway]),
        )

    def _acl(self, tier: str) -> None:
        ingress, egress = acl_rules(tier, tier_ranges(self._args.cidr), self._args.partner_ports)
        aws.ec2.NetworkAcl(
            tier,
            vpc_id=self.vpc.id,
            subnet_ids=self.subnet_ids(tier),
            ingress=[aws.ec2.NetworkAclIngressArgs(**vars(rule)) for rule in ingress],
            egress=[aws.ec2.NetworkAclEgressArgs(**vars(rule)) for rule in egress],
            tags=self._args.environment.tags(tier, tier=tier),
            opts=self._child,
        )


def tier_cidrs(cidr: str, zones: int) -> dict[str, tuple[str, ...]]:
    """The address ranges of each tier, one a zone. There is room for four: a new zone moves no range."""
    blocks = list(ipaddress.IPv4Network(cidr).subnets(prefixlen_diff=4))
    return {
        tier: tuple(str(blocks[index * _MOST_ZONES + zone]) for zone in range(zones))
        for index, tier in enumerate(TIERS)
    }


def tier_ranges(cidr: str) -> dict[str, str]:
    """The range of each tier that holds its subnets of all zones, also of those to come."""
    quarters = ipaddress.IPv4Network(cidr).subnets(prefixlen_diff=2)
    return {tier: str(quarter) for tier, quarter in zip(TIERS, quarters, strict=True)}
