"""Amazon VPC: networks, subnets, gateways, addresses and flow logs."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, Row, at, table
from infra.program_run.monitor import Created


def vpc(desired: DesiredResource) -> Created:
    """CreateVpc, its attributes, and the ids of what AWS makes along with it."""
    switches = desired.pick("enableDnsSupport", "enableDnsHostnames", "enableNetworkAddressUsageMetrics")
    made = desired.create(
        "ec2", "CreateVpc", {"assignGeneratedIpv6CidrBlock": "AmazonProvidedIpv6CidrBlock"}
    )["Vpc"]
    identifier = made["VpcId"]
    for name, value in switches.items():
        desired.call("ec2", "ModifyVpcAttribute", {name: {"value": value}}, VpcId=identifier)
    return Created(
        identifier,
        {
            "arn": desired.arn("ec2", f"vpc/{identifier}"),
            "ownerId": made["OwnerId"],
            "dhcpOptionsId": made["DhcpOptionsId"],
            **_vpc_defaults(desired, identifier),
        },
    )


def _vpc_defaults(desired: DesiredResource, vpc_id: str) -> dict[str, str]:
    """The ids of the route table, security group and network ACL that AWS makes with every VPC."""
    client = desired.clients.get("ec2", desired.region)
    own = {"Name": "vpc-id", "Values": [vpc_id]}
    main = {"Name": "association.main", "Values": ["true"]}
    tables = client.describe_route_tables(Filters=[own, main])
    groups = client.describe_security_groups(Filters=[own, {"Name": "group-name", "Values": ["default"]}])
    acls = client.describe_network_acls(Filters=[own, {"Name": "default", "Values": ["true"]}])
    route_table = at(tables, "RouteTables.0.RouteTableId")
    return {
        "mainRouteTableId": route_table,
        "defaultRouteTableId": route_table,
        "defaultSecurityGroupId": at(groups, "SecurityGroups.0.GroupId"),
        "defaultNetworkAclId": at(acls, "NetworkAcls.0.NetworkAclId"),
    }


def subnet(desired: DesiredResource) -> Created:
    """CreateSubnet, then its attributes."""
    switches = desired.pick(
        "mapPublicIpOnLaunch", "assignIpv6AddressOnCreation", "enableDns64", "privateDnsHostnameTypeOnLaunch"
    )
    made = desired.create("ec2", "CreateSubnet")["Subnet"]
    identifier = made["SubnetId"]
    for name, value in switches.items():
        setting = value if isinstance(value, str) else {"value": value}
        desired.call("ec2", "ModifySubnetAttribute", {name: setting}, SubnetId=identifier)
    return Created(
        identifier,
        {"arn": desired.arn("ec2", f"subnet/{identifier}"), "availabilityZoneId": made["AvailabilityZoneId"]},
    )


def internet_gateway(desired: DesiredResource) -> Created:
    """CreateInternetGateway, and its attachment where a VPC is declared."""
    vpc_id = desired.take("vpcId")
    identifier = desired.create("ec2", "CreateInternetGateway")["InternetGateway"]["InternetGatewayId"]
    if vpc_id:
        desired.call("ec2", "AttachInternetGateway", InternetGatewayId=identifier, VpcId=vpc_id)
    return Created(identifier, {"arn": desired.arn("ec2", f"internet-gateway/{identifier}")})


def elastic_ip(desired: DesiredResource) -> Created:
    """AllocateAddress."""
    made = desired.create("ec2", "AllocateAddress")
    identifier = made["AllocationId"]
    return Created(
        identifier,
        {
            "allocationId": identifier,
            "publicIp": made["PublicIp"],
            "arn": desired.arn("ec2", f"elastic-ip/{identifier}"),
        },
    )


def flow_log(desired: DesiredResource) -> Created:
    """CreateFlowLogs, for one network, subnet or interface."""
    targets = desired.pick("vpcId", "subnetId", "eniId", "transitGatewayId")
    kinds = {"vpcId": "VPC", "subnetId": "Subnet", "eniId": "NetworkInterface"}
    ((kind, target),) = targets.items()
    made = desired.create(
        "ec2",
        "CreateFlowLogs",
        {"iamRoleArn": "DeliverLogsPermissionArn", "deliverCrossAccountRole": "DeliverCrossAccountRole"},
        ResourceIds=[target],
        ResourceType=kinds[kind],
    )
    if made.get("Unsuccessful"):
        raise ValueError(made["Unsuccessful"][0]["Error"]["Message"])
    identifier = made["FlowLogIds"][0]
    return Created(identifier, {"arn": desired.arn("ec2", f"vpc-flow-log/{identifier}")})


ADAPTERS: dict[str, Adapter] = {
    "aws:ec2/vpc:Vpc": vpc,
    "aws:ec2/subnet:Subnet": subnet,
    "aws:ec2/internetGateway:InternetGateway": internet_gateway,
    "aws:ec2/eip:Eip": elastic_ip,
    "aws:ec2/flowLog:FlowLog": flow_log,
} | table(
    [
        Row(
            type="aws:ec2/natGateway:NatGateway",
            service="ec2",
            operation="CreateNatGateway",
            id="NatGateway.NatGatewayId",
        ),
    ]
)
