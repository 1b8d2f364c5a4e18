"""Amazon VPC: route tables."""

from __future__ import annotations

from typing import Any

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, Row, table, tag_ec2
from infra.program_run.monitor import Created


def route_table(desired: DesiredResource) -> Created:
    """CreateRouteTable, then its routes."""
    routes = desired.take("routes", [])
    identifier = desired.create("ec2", "CreateRouteTable")["RouteTable"]["RouteTableId"]
    for route in routes:
        _route(desired, identifier, route)
    return Created(identifier, {"arn": desired.arn("ec2", f"route-table/{identifier}")})


def default_route_table(desired: DesiredResource) -> Created:
    """Takes over the main route table that AWS made: only the declared routes remain."""
    identifier = desired.take("defaultRouteTableId")
    client = desired.clients.get("ec2", desired.region)
    found = client.describe_route_tables(RouteTableIds=[identifier])["RouteTables"][0]
    for route in found["Routes"]:
        if route.get("GatewayId") != "local":
            client.delete_route(RouteTableId=identifier, DestinationCidrBlock=route["DestinationCidrBlock"])
    for route in desired.take("routes", []):
        _route(desired, identifier, route)
    tag_ec2(desired, identifier)
    return Created(
        identifier, {"arn": desired.arn("ec2", f"route-table/{identifier}"), "vpcId": found["VpcId"]}
    )


def _route(desired: DesiredResource, route_table_id: str, route: dict[str, Any]) -> None:
    desired.call(
        "ec2",
        "CreateRoute",
        {key: value for key, value in route.items() if value},
        {"cidrBlock": "DestinationCidrBlock", "ipv6CidrBlock": "DestinationIpv6CidrBlock"},
        RouteTableId=route_table_id,
    )


def route(desired: DesiredResource) -> Created:
    """CreateRoute."""
    table_id = desired.take("routeTableId")
    target = desired.left.get("destinationCidrBlock") or desired.left.get("destinationPrefixListId", "")
    desired.create("ec2", "CreateRoute", RouteTableId=table_id)
    return Created(f"r-{table_id}{target}", {"state": "active", "origin": "CreateRoute"})


ADAPTERS: dict[str, Adapter] = {
    "aws:ec2/routeTable:RouteTable": route_table,
    "aws:ec2/defaultRouteTable:DefaultRouteTable": default_route_table,
    "aws:ec2/route:Route": route,
} | table(
    [
        Row(
            type="aws:ec2/routeTableAssociation:RouteTableAssociation",
            service="ec2",
            operation="AssociateRouteTable",
            id="AssociationId",
        ),
    ]
)
