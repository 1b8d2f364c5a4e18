"""Checks of the network behind the edge: tiers, access lists, routes, endpoints, flow logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import (
    attached,
    is_open,
    items,
    must_be,
    points_at,
    read,
    statements,
    tag,
    texts,
)
from scanners.policy.samples.network import NETWORK
from scanners.policy.samples.sample_stack import aws, plus, weaken, without
from scanners.policy.stack import Resource, Stack

TIERS: Final = ("edge", "guard", "service", "data")
VPC: Final = "aws:ec2/vpc:Vpc"
SUBNET: Final = "aws:ec2/subnet:Subnet"
ACL: Final = "aws:ec2/networkAcl:NetworkAcl"
ACL_RULE: Final = "aws:ec2/networkAclRule:NetworkAclRule"
ROUTE_TABLE: Final = "aws:ec2/routeTable:RouteTable"
ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"

# Ports from which a reply comes back: RFC 6056, 3.2 (and what AWS's NAT gateways use).
_EPHEMERAL: Final = 1024

# What uses an AWS service, and the endpoints over which it is then reached.
_USES: Final = {
    "aws:secretsmanager/secret:Secret": ("secretsmanager",),
    "aws:kms/key:Key": ("kms",),
    "aws:dynamodb/table:Table": ("dynamodb",),
    "aws:ecs/service:Service": ("ecr.api", "ecr.dkr", "s3", "logs"),
}


@check("tiers-span-zones", good=NETWORK, bad=without(NETWORK, "subnet-guard-b"))
def tiers_span_zones(stack: Stack) -> Verdicts:
    for vpc in stack.of_type(VPC):
        subnets = attached(stack, vpc, SUBNET, "vpcId")
        for tier in TIERS:
            zones = {read(s, "availabilityZone") for s in subnets if tag(s, "rampart:tier") == tier}
            found = len(zones - {None})
            yield (
                f"{vpc.urn}#{tier}",
                None if found >= 2 else f"the {tier} tier stands in {found} zones, not 2",
            )
        for subnet in subnets:
            if tag(subnet, "rampart:tier") not in TIERS:
                yield subnet.urn, "the subnet belongs to no tier (tag rampart:tier)"


@check(
    "tiers-have-access-lists",
    good=NETWORK,
    bad=weaken(NETWORK, "acl-data", "subnetIds.1", "subnet-elsewhere"),
)
def each_subnet_has_its_tiers_access_list(stack: Stack) -> Verdicts:
    for subnet in stack.of_type(SUBNET):
        tier = tag(subnet, "rampart:tier")
        lists = attached(stack, subnet, ACL, "subnetIds")
        if not lists:
            yield subnet.urn, "no network ACL of this stack holds the subnet"
        elif any(tag(acl, "rampart:tier") != tier for acl in lists):
            yield subnet.urn, f"its network ACL is not that of the {tier} tier"
        else:
            yield subnet.urn, None


@check(
    "tiers-have-access-lists",
    good=NETWORK,
    bad=weaken(NETWORK, "acl-edge", "ingress.0.cidrBlock", "0.0.0.0/0"),
)
def access_lists_are_closed_to_the_world(stack: Stack) -> Verdicts:
    for acl in stack.of_type(ACL):
        for index, rule in enumerate(items(acl, "ingress")):
            yield f"{acl.urn}#ingress.{index}", _list_problem(rule)
    for rule in stack.of_type(ACL_RULE):
        if read(rule, "egress") is not True:
            yield rule.urn, _list_problem({**rule.inputs, "action": read(rule, "ruleAction")})


def _list_problem(rule: Any) -> str | None:
    cidrs = [cidr for cidr in (rule.get("cidrBlock"), rule.get("ipv6CidrBlock")) if cidr]
    if str(rule.get("action")).lower() == "deny" or not any(is_open(cidr) for cidr in cidrs):
        return None
    if str(rule.get("protocol")) in ("-1", "all") or int(rule.get("fromPort") or 0) < _EPHEMERAL:
        return "admits the world to a service port; only replies (ports from 1024) may come from anywhere"
    return None


@check(
    "default-security-group-closed",
    good=NETWORK,
    bad=weaken(NETWORK, "sg-default", "egress", [{"protocol": "-1", "cidrBlocks": ["0.0.0.0/0"]}]),
)
def default_security_group_closed(stack: Stack) -> Verdicts:
    for vpc in stack.of_type(VPC):
        groups = attached(stack, vpc, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "vpcId")
        if not groups:
            yield vpc.urn, "the VPC's default security group is not taken over and emptied"
        for group in groups:
            for direction in ("ingress", "egress"):
                closed = read(group, direction) == []
                yield (
                    f"{group.urn}#{direction}",
                    None if closed else f"{direction} is not written as an empty list",
                )


_JOINED: Final = (
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
    "aws:ec2/vpnConnection:VpnConnection",
    "aws:ec2/vpnGateway:VpnGateway",
    "aws:ec2clientvpn/endpoint:Endpoint",
    "aws:ec2clientvpn/networkAssociation:NetworkAssociation",
    "aws:directconnect/gatewayAssociation:GatewayAssociation",
    "aws:vpclattice/serviceNetworkVpcAssociation:ServiceNetworkVpcAssociation",
)
_PEERED = plus(NETWORK, aws("ec2/vpcPeeringConnection:VpcPeeringConnection", "to-finance", vpcId="vpc-1"))


@check("network-stands-alone", good=NETWORK, bad=_PEERED)
def the_network_is_joined_to_no_other(stack: Stack) -> Verdicts:
    joints = stack.of_type(*_JOINED)
    for joint in joints:
        yield joint.urn, "joins the network to another"
    if not joints:
        yield from ((vpc.urn, None) for vpc in stack.of_type(VPC))


@check("flow-logs-on", good=NETWORK, bad=weaken(NETWORK, "fl-1", "trafficType", "ACCEPT"))
def flow_logs_on(stack: Stack) -> Verdicts:
    for vpc in stack.of_type(VPC):
        logs = attached(stack, vpc, "aws:ec2/flowLog:FlowLog", "vpcId")
        complete = [
            log for log in logs if read(log, "trafficType") == "ALL" and "logDestination" in log.inputs
        ]
        yield vpc.urn, None if complete else "no flow log of ALL traffic with a destination"


@check("aws-through-private-endpoints", good=NETWORK, bad=without(NETWORK, "vpce-dynamodb"))
def services_in_use_have_endpoints(stack: Stack) -> Verdicts:
    if not stack.of_type(VPC):
        return
    used = {service for kind, services in _USES.items() if stack.of_type(kind) for service in services}
    names = [str(read(endpoint, "serviceName")) for endpoint in stack.of_type(ENDPOINT)]
    for service in sorted(used or {service for services in _USES.values() for service in services}):
        there = any(name.endswith(f".{service}") for name in names)
        yield f"{stack.name}#{service}", None if there else f"no VPC endpoint for {service}"


@check(
    "aws-through-private-endpoints",
    good=NETWORK,
    bad=weaken(NETWORK, "vpce-kms", "policy", '{"Statement": [{"Effect": "Allow", "Principal": "*"}]}'),
)
def endpoints_name_whom_they_serve(stack: Stack) -> Verdicts:
    for endpoint in stack.of_type(ENDPOINT):
        rules = statements(endpoint, "policy")
        anyone = [rule for rule in rules if rule.get("Effect") == "Allow" and _serves_anyone(rule)]
        problem = "the policy serves any principal, on any resource" if anyone else None
        yield f"{endpoint.urn}#policy", problem if rules else "no endpoint policy is written"


def _serves_anyone(rule: Any) -> bool:
    principal = rule.get("Principal")
    named = principal.get("AWS") if isinstance(principal, dict) else principal
    narrowed = bool(rule.get("Condition")) or ("Resource" in rule and "*" not in texts(rule["Resource"]))
    return "*" in texts(named) and not narrowed


@check(
    "no-public-addresses", good=NETWORK, bad=weaken(NETWORK, "subnet-guard-a", "mapPublicIpOnLaunch", True)
)
def subnets_give_no_public_address(stack: Stack) -> Verdicts:
    yield from must_be(stack.of_type(SUBNET), "mapPublicIpOnLaunch", False)


_INTERNET = plus(
    NETWORK,
    aws("ec2/internetGateway:InternetGateway", "igw-1", vpcId="vpc-1"),
    aws("ec2/natGateway:NatGateway", "nat-1", subnetId="subnet-edge-a"),
    aws(
        "ec2/route:Route",
        "route-out",
        routeTableId="rtb-guard",
        destinationCidrBlock="0.0.0.0/0",
        natGatewayId="nat-1",
    ),
)


@check(
    "inner-tiers-have-no-internet-route",
    good=_INTERNET,
    bad=weaken(_INTERNET, "route-out", "routeTableId", "rtb-service"),
)
def inner_tiers_have_no_internet_route(stack: Stack) -> Verdicts:
    for subnet in stack.of_type(SUBNET):
        tier = tag(subnet, "rampart:tier")
        if tier == "edge":
            continue
        tables = [
            table for table in stack.of_type("aws:ec2/routeTable:RouteTable") if _routes(stack, subnet, table)
        ]
        if not tables:
            yield subnet.urn, "no route table of this stack is associated with the subnet"
        for table in tables:
            ways_out = [way for way in _ways_out(stack, table) if tier != "guard" or way != "natGatewayId"]
            yield subnet.urn, f"a route leads to the internet ({ways_out[0]})" if ways_out else None


def _routes(stack: Stack, subnet: Resource, table: Resource) -> bool:
    links = attached(stack, subnet, "aws:ec2/routeTableAssociation:RouteTableAssociation", "subnetId")
    return any(points_at(link, "routeTableId", table) for link in links)


def _ways_out(stack: Stack, table: Resource) -> Iterator[str]:
    """The kind of target of every route of `table` that leads to the world."""
    routes = [dict(route) for route in items(table, "routes")]
    routes += [dict(route.inputs) for route in attached(stack, table, "aws:ec2/route:Route", "routeTableId")]
    for route in routes:
        names = ("cidrBlock", "destinationCidrBlock", "ipv6CidrBlock", "destinationIpv6CidrBlock")
        if any(is_open(route[name]) for name in names if route.get(name)):
            yield next(
                (name for name in route if name.endswith(("Id", "Arn")) and name != "routeTableId"), "?"
            )
