"""Cases: Route tables with their routes and associations."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import ANYWHERE, Case
from tests.scanners.drift.vpc_cases import subnet, tag, vpc


def table_case(account: Account) -> list[Resource]:
    network = vpc(account)
    inside = subnet(account, network)
    gateway = account.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    account.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network.id)
    id_ = account.ec2.create_route_table(VpcId=network.id)["RouteTable"]["RouteTableId"]
    account.ec2.create_route(RouteTableId=id_, DestinationCidrBlock="192.0.2.0/24", GatewayId=gateway)
    association = account.ec2.associate_route_table(RouteTableId=id_, SubnetId=inside.id)["AssociationId"]
    route = {"routeTableId": id_, "destinationCidrBlock": "192.0.2.0/24", "gatewayId": gateway}
    return [
        declare("aws:ec2/routeTable:RouteTable", id_, {"vpcId": network.id}),
        declare("aws:ec2/route:Route", "r-1", route),
        declare(
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            association,
            {"routeTableId": id_, "subnetId": inside.id},
        ),
        declare("aws:ec2/internetGateway:InternetGateway", gateway, {"vpcId": network.id}),
        inside,
        network,
    ]


def way_out(account: Account, resource: Resource) -> object:
    gateway = account.ec2.describe_internet_gateways()["InternetGateways"]
    mine = next(g for g in gateway if g["Attachments"][0]["VpcId"] == resource.inputs["vpcId"])
    return account.ec2.create_route(
        RouteTableId=resource.id, DestinationCidrBlock=ANYWHERE, GatewayId=mine["InternetGatewayId"]
    )


def forget_subnet(account: Account, resource: Resource) -> object:
    table = account.ec2.describe_route_tables(RouteTableIds=[resource.id])["RouteTables"][0]
    return account.ec2.disassociate_route_table(
        AssociationId=table["Associations"][0]["RouteTableAssociationId"]
    )


def default_table_case(account: Account) -> list[Resource]:
    network = vpc(account)
    wanted = [{"Name": "vpc-id", "Values": [network.id]}]
    id_ = account.ec2.describe_route_tables(Filters=wanted)["RouteTables"][0]["RouteTableId"]
    kind = "aws:ec2/defaultRouteTable:DefaultRouteTable"
    gateway = account.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    account.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network.id)
    return [
        declare(kind, id_, {"defaultRouteTableId": id_, "routes": []}, vpcId=network.id),
        network,
        declare("aws:ec2/internetGateway:InternetGateway", gateway, {"vpcId": network.id}),
    ]


def default_way_out(account: Account, resource: Resource) -> object:
    gateways = account.ec2.describe_internet_gateways()["InternetGateways"]
    mine = next(g for g in gateways if g["Attachments"][0]["VpcId"] == resource.outputs["vpcId"])
    return account.ec2.create_route(
        RouteTableId=resource.id, DestinationCidrBlock=ANYWHERE, GatewayId=mine["InternetGatewayId"]
    )


CASES = {
    "route table": Case(table_case, {"routes": way_out, "associations": forget_subnet, "tags": tag}),
    "default route table": Case(default_table_case, {"routes": default_way_out}),
}
