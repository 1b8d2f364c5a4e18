"""Checks of the VPC and its subnets: tiers, zones, flow logs, addresses."""

from __future__ import annotations

from typing import Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.reading import attached, must_be, points_at, read, tag
from scanners.policy.samples.network import NETWORK
from scanners.policy.samples.sample_stack import aws, plus, weaken, without
from scanners.policy.stack import Resource, Stack

TIERS: Final = ("edge", "guard", "service", "data")


VPC: Final = "aws:ec2/vpc:Vpc"


SUBNET: Final = "aws:ec2/subnet:Subnet"


@check("tiers-span-zones", good=NETWORK, bad=without(NETWORK, "subnet-guard-b"))
def tiers_span_zones(stack: Stack) -> Verdicts:
    """Each tier has subnets in two zones at least, and each subnet a tier."""
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
    """No peering, transit gateway, VPN or direct connection joins the VPC to another network."""
    joints = stack.of_type(*_JOINED)
    for joint in joints:
        yield joint.urn, "joins the network to another"
    if not joints:
        yield from ((vpc.urn, None) for vpc in stack.of_type(VPC))


@check("flow-logs-on", good=NETWORK, bad=weaken(NETWORK, "fl-1", "trafficType", "ACCEPT"))
def flow_logs_on(stack: Stack) -> Verdicts:
    """Each VPC has a flow log of ALL traffic, with a destination."""
    for vpc in stack.of_type(VPC):
        logs = attached(stack, vpc, "aws:ec2/flowLog:FlowLog", "vpcId")
        complete = [
            log for log in logs if read(log, "trafficType") == "ALL" and "logDestination" in log.inputs
        ]
        yield vpc.urn, None if complete else "no flow log of ALL traffic with a destination"


@check(
    "no-public-addresses", good=NETWORK, bad=weaken(NETWORK, "subnet-guard-a", "mapPublicIpOnLaunch", True)
)
def subnets_give_no_public_address(stack: Stack) -> Verdicts:
    """`mapPublicIpOnLaunch` is written as false."""
    yield from must_be(stack.of_type(SUBNET), "mapPublicIpOnLaunch", False)


def tiers_of(stack: Stack, workload: Resource, name: str = "networkConfiguration") -> set[str]:
    """The tiers of the subnets to which a workload's property `name` refers. Raises Unverifiable if none."""
    subnets = [s for s in stack.of_type(SUBNET) if points_at(workload, name, s)]
    if not subnets:
        raise Unverifiable(f"{workload.urn}#{name}", "its subnets are not in this stack")
    return {tag(subnet, "rampart:tier") for subnet in subnets}
