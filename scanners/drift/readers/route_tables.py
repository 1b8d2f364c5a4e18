"""Route tables with their routes and associations (EC2 API reference, DescribeRouteTables)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks, by
from scanners.drift.fields import TAGS, exposure, only
from scanners.drift.normalize import unordered
from scanners.drift.readers.vpc import default_vpcs
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource

_TARGETS: Final = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "transitGatewayId": "TransitGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
    "networkInterfaceId": "NetworkInterfaceId",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "localGatewayId": "LocalGatewayId",
    "carrierGatewayId": "CarrierGatewayId",
    "vpcEndpointId": "GatewayId",
}


_WHERE_TO: Final = ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId")


_WHERE_TO_INLINE: Final = ("cidrBlock", "ipv6CidrBlock", "destinationPrefixListId")


def route_tables(view: View) -> Iterator[Live]:
    """Route tables; the main one, which AWS makes with each VPC, is of its own type."""
    default = default_vpcs(view)
    for table in view.pages("ec2", "describe_route_tables", "RouteTables"):
        associations = table.get("Associations") or ()
        main = any(each.get("Main") for each in associations)
        name = "defaultRouteTable:DefaultRouteTable" if main else "routeTable:RouteTable"
        yield Live(
            f"aws:ec2/{name}",
            table["RouteTableId"],
            {
                "vpcId": table["VpcId"],
                "routes": [text for route in table.get("Routes") or () if (text := _live_route(route))],
                "associations": [
                    each.get("SubnetId") or each.get("GatewayId")
                    for each in associations
                    if not each.get("Main")
                ],
                "inDefaultVpc": table["VpcId"] in default,
                "tags": table.get("Tags"),
            },
            view.region,
        )


def _live_route(route: Mapping[str, Any]) -> str:
    """`destination -> target`; nothing for the VPC's own route, and for those that endpoints bring."""
    target = next((str(route[name]) for name in _TARGETS.values() if route.get(name)), "nowhere")
    if target == "local" or target.startswith("vpce-"):
        return ""
    names = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    where = next((str(route[name]) for name in names if route.get(name)), "?")
    return f"{where} -> {target}"


def _declared_table(declared: Declared, table: Resource) -> Mapping[str, Any]:
    routes = [_route(route, _WHERE_TO_INLINE) for route in blocks(table.inputs.get("routes"))]
    routes += [
        _route(one.inputs, _WHERE_TO) for one in declared.parts(table, "aws:ec2/route:Route", "routeTableId")
    ]
    associations = [
        one.inputs.get("subnetId") or one.inputs.get("gatewayId")
        for one in declared.parts(
            table, "aws:ec2/routeTableAssociation:RouteTableAssociation", "routeTableId"
        )
    ]
    return {**table.inputs, "routes": routes, "associations": associations}


def _route(route: Mapping[str, Any], destinations: tuple[str, ...]) -> str:
    where = next((str(route[name]) for name in destinations if route.get(name)), "?")
    target = next((str(route[name]) for name in _TARGETS if route.get(name)), "nowhere")
    return f"{where} -> {target}"


_TABLE: Final = "aws:ec2/routeTable:RouteTable"


_DEFAULT_TABLE: Final = "aws:ec2/defaultRouteTable:DefaultRouteTable"


_ROUTE_PARTS: Final = (
    Part("aws:ec2/route:Route", "routeTableId", "routes", (*_WHERE_TO, *_TARGETS)),
    Part(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "routeTableId",
        "associations",
        ("subnetId", "gatewayId"),
    ),
)


_ROUTE_FIELDS: Final = (
    exposure("routes", unordered, default=()),
    exposure("associations", unordered, default=()),
    TAGS,
)


READERS: Final = (
    ResourceReader(
        type=_TABLE,
        service="ec2",
        read=only(_TABLE, route_tables),
        declare=_declared_table,
        fields=(*_ROUTE_FIELDS, exposure("vpcId")),
        parts=_ROUTE_PARTS,
    ),
    ResourceReader(
        type=_DEFAULT_TABLE,
        service="ec2",
        read=only(_DEFAULT_TABLE, route_tables),
        key=by("defaultRouteTableId"),
        declare=_declared_table,
        fields=_ROUTE_FIELDS,
        parts=_ROUTE_PARTS,
    ),
)
