"""Checks of the routes: which tiers have a way to the internet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import are_open, attached, items, points_at, tag
from scanners.policy.checks.vpc import SUBNET
from scanners.policy.samples.network import NETWORK
from scanners.policy.samples.sample_stack import aws, plus, weaken
from scanners.policy.stack import Resource, Stack

_CIDRS: Final = {"cidrBlock", "destinationCidrBlock", "ipv6CidrBlock", "destinationIpv6CidrBlock"}
# What a prefix list holds is not in the stack: it may be the world.
_LISTS: Final = {"destinationPrefixListId"}
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
    """Only the edge tier has a route to the internet; the guard's leads through a NAT gateway."""
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
        written = {name for name, value in route.items() if value}
        if written & _LISTS or are_open(route[name] for name in _CIDRS & written):
            targets = {name for name in written if name.endswith(("Id", "Arn"))} - _LISTS - {"routeTableId"}
            yield ", ".join(sorted(targets)) or "no target"
