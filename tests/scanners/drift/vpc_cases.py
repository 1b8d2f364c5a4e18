"""Cases: Amazon VPC: VPCs, subnets and internet gateways."""

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


def other_resolver(account: Account, resource: Resource) -> object:
    told = [{"Key": "domain-name-servers", "Values": ["192.0.2.53"]}]
    options = account.ec2.create_dhcp_options(DhcpConfigurations=told)["DhcpOptions"]["DhcpOptionsId"]
    return account.ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=resource.id)


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
            "cidrBlocks": lambda a, r: a.ec2.associate_vpc_cidr_block(VpcId=r.id, CidrBlock="10.99.0.0/16"),
            "dhcpOptions": other_resolver,
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
}
