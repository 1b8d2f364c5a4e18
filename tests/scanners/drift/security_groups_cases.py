"""Cases: Security groups, rule by rule."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import ANYWHERE, Case
from tests.scanners.drift.vpc_cases import tag, vpc


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


def group_case(account: Account) -> list[Resource]:
    network = vpc(account)
    return [group(account, network), network]


def ruled_group_case(account: Account) -> list[Resource]:
    """A group whose rules are resources of their own."""
    network = vpc(account)
    inline = group(account, network)
    other = group(account, network, "clients")
    account.ec2.authorize_security_group_egress(
        GroupId=inline.id,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 8443,
                "ToPort": 8443,
                "UserIdGroupPairs": [{"GroupId": other.id}],
            }
        ],
    )
    bare = {name: value for name, value in inline.inputs.items() if name != "ingress"}
    ingress = {
        "securityGroupId": inline.id,
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "cidrIpv4": "10.0.0.0/16",
    }
    egress = {
        "securityGroupId": inline.id,
        "ipProtocol": "tcp",
        "fromPort": 8443,
        "toPort": 8443,
        "referencedSecurityGroupId": other.id,
    }
    return [
        declare("aws:ec2/securityGroup:SecurityGroup", inline.id, bare),
        declare("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "sgr-1", ingress),
        declare("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "sgr-2", egress),
        other,
        network,
    ]


def open_to_the_world(account: Account, resource: Resource) -> object:
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": ANYWHERE}]}
    return account.ec2.authorize_security_group_ingress(GroupId=resource.id, IpPermissions=[rule])


def let_out(account: Account, resource: Resource) -> object:
    rule = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANYWHERE}]}
    return account.ec2.authorize_security_group_egress(GroupId=resource.id, IpPermissions=[rule])


def default_group_case(account: Account) -> list[Resource]:
    network = vpc(account)
    wanted = [{"Name": "vpc-id", "Values": [network.id]}]
    found = account.ec2.describe_security_groups(Filters=wanted)["SecurityGroups"][0]
    account.ec2.revoke_security_group_egress(
        GroupId=found["GroupId"], IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANYWHERE}]}]
    )
    if found["IpPermissions"]:
        account.ec2.revoke_security_group_ingress(
            GroupId=found["GroupId"], IpPermissions=found["IpPermissions"]
        )
    inputs = {"vpcId": network.id, "ingress": [], "egress": []}
    return [declare("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", found["GroupId"], inputs), network]


CASES = {
    "security group": Case(
        group_case,
        {"ingress": open_to_the_world, "egress": let_out, "tags": tag},
        lambda a, r: a.ec2.delete_security_group(GroupId=r.id),
        lambda a: a.ec2.create_security_group(GroupName="new", Description="new")["GroupId"],
    ),
    "security group with rules apart": Case(
        ruled_group_case, {"ingress": open_to_the_world, "egress": let_out}
    ),
    "default security group": Case(default_group_case, {"ingress": open_to_the_world, "egress": let_out}),
}
