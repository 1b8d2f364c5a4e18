"""Cases: networks."""

from __future__ import annotations

import json

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.drift_cases import Case

ANYWHERE = "0.0.0.0/0"


ALLOW_ALL = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
    }
)


READ_ONLY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["s3:GetObject"], "Resource": ["*"]}
        ],
    }
)


def tag(account: Account, resource: Resource) -> object:
    return account.ec2.create_tags(Resources=[resource.id], Tags=[{"Key": "owner", "Value": "nobody"}])


def vpc(account: Account) -> Resource:
    id_ = account.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    account.ec2.modify_vpc_attribute(VpcId=id_, EnableDnsHostnames={"Value": True})
    return declare("aws:ec2/vpc:Vpc", id_, {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True})


def subnet(account: Account, network: Resource, block: str = "10.0.1.0/24") -> Resource:
    zone = "eu-central-1a"
    id_ = account.ec2.create_subnet(VpcId=network.id, CidrBlock=block, AvailabilityZone=zone)["Subnet"][
        "SubnetId"
    ]
    inputs = {"vpcId": network.id, "cidrBlock": block, "availabilityZone": zone, "mapPublicIpOnLaunch": False}
    return declare("aws:ec2/subnet:Subnet", id_, inputs)


def vpc_case(account: Account) -> list[Resource]:
    return [vpc(account)]


def subnet_case(account: Account) -> list[Resource]:
    network = vpc(account)
    return [subnet(account, network), network]


def group(account: Account, network: Resource, name: str = "gateway") -> Resource:
    id_ = account.ec2.create_security_group(GroupName=name, Description="Gateway", VpcId=network.id)[
        "GroupId"
    ]
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANYWHERE}]}
    account.ec2.revoke_security_group_egress(GroupId=id_, IpPermissions=[everything])
    account.ec2.authorize_security_group_ingress(
        GroupId=id_,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
        ],
    )
    inputs = {
        "name": name,
        "description": "Gateway",
        "vpcId": network.id,
        "ingress": [
            {
                "protocol": "tcp",
                "fromPort": 443.0,
                "toPort": 443.0,
                "cidrBlocks": ["10.0.0.0/16"],
                "self": False,
            }
        ],
    }
    return declare("aws:ec2/securityGroup:SecurityGroup", id_, inputs)


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


def nat_case(account: Account) -> list[Resource]:
    network = vpc(account)
    inside = subnet(account, network)
    address = account.ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = account.ec2.create_nat_gateway(SubnetId=inside.id, AllocationId=address, ConnectivityType="public")
    id_ = made["NatGateway"]["NatGatewayId"]
    return [
        declare("aws:ec2/natGateway:NatGateway", id_, {"subnetId": inside.id, "allocationId": address}),
        declare("aws:ec2/eip:Eip", address, {"domain": "vpc"}),
        inside,
        network,
    ]


def endpoint_case(account: Account) -> list[Resource]:
    network = vpc(account)
    inside = subnet(account, network)
    guard = group(account, network)
    service = "com.amazonaws.eu-central-1.secretsmanager"
    made = account.ec2.create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=network.id,
        ServiceName=service,
        SubnetIds=[inside.id],
        SecurityGroupIds=[guard.id],
        PolicyDocument=READ_ONLY,
        PrivateDnsEnabled=True,
    )
    inputs = {
        "vpcId": network.id,
        "vpcEndpointType": "Interface",
        "serviceName": service,
        "subnetIds": [inside.id],
        "securityGroupIds": [guard.id],
        "policy": READ_ONLY,
        "privateDnsEnabled": True,
    }
    id_ = made["VpcEndpoint"]["VpcEndpointId"]
    return [declare("aws:ec2/vpcEndpoint:VpcEndpoint", id_, inputs), guard, inside, network]


def flow_log_case(account: Account) -> list[Resource]:
    network = vpc(account)
    bucket = "arn:aws:s3:::flow-logs-of-tests"
    account.s3.create_bucket(
        Bucket="flow-logs-of-tests", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    made = account.ec2.create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[network.id],
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination=bucket,
        MaxAggregationInterval=60,
    )
    inputs = {
        "vpcId": network.id,
        "trafficType": "ALL",
        "logDestinationType": "s3",
        "logDestination": bucket,
        "maxAggregationInterval": 60,
    }
    return [declare("aws:ec2/flowLog:FlowLog", made["FlowLogIds"][0], inputs), network]


CASES = {
    "vpc": Case(
        vpc_case,
        {
            "enableDnsSupport": lambda a, r: a.ec2.modify_vpc_attribute(
                VpcId=r.id, EnableDnsSupport={"Value": False}
            ),
            "enableDnsHostnames": lambda a, r: a.ec2.modify_vpc_attribute(
                VpcId=r.id, EnableDnsHostnames={"Value": False}
            ),
            "tags": tag,
        },
        lambda a, r: a.ec2.delete_vpc(VpcId=r.id),
        lambda a: a.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"],
    ),
    "subnet": Case(
        subnet_case,
        {
            "mapPublicIpOnLaunch": lambda a, r: a.ec2.modify_subnet_attribute(
                SubnetId=r.id, MapPublicIpOnLaunch={"Value": True}
            ),
            "tags": tag,
        },
        lambda a, r: a.ec2.delete_subnet(SubnetId=r.id),
    ),
    "nat gateway": Case(nat_case, {"tags": tag}, lambda a, r: a.ec2.delete_nat_gateway(NatGatewayId=r.id)),
    "vpc endpoint": Case(
        endpoint_case,
        {
            "policy": lambda a, r: a.ec2.modify_vpc_endpoint(VpcEndpointId=r.id, PolicyDocument=ALLOW_ALL),
            "tags": tag,
        },
        lambda a, r: a.ec2.delete_vpc_endpoints(VpcEndpointIds=[r.id]),
    ),
    "flow log": Case(flow_log_case, {"tags": tag}, lambda a, r: a.ec2.delete_flow_logs(FlowLogIds=[r.id])),
    "route table": Case(table_case, {"routes": way_out, "associations": forget_subnet, "tags": tag}),
    "default route table": Case(default_table_case, {"routes": default_way_out}),
}
