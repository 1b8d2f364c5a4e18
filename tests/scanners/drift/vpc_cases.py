"""Cases: Amazon VPC: VPCs, subnets, gateways, Elastic IP addresses and flow logs."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case


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
    "flow log": Case(flow_log_case, {"tags": tag}, lambda a, r: a.ec2.delete_flow_logs(FlowLogIds=[r.id])),
}
