"""Cases: who may talk to whom inside a network."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.drift_cases import Case
from tests.scanners.drift.network_cases import ANYWHERE, group, subnet, tag, vpc


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


def acl_case(account: Account) -> list[Resource]:
    network = vpc(account)
    inside = subnet(account, network)
    id_ = account.ec2.create_network_acl(VpcId=network.id)["NetworkAcl"]["NetworkAclId"]
    entry(account, id_, 100, "10.0.0.0/16")
    wanted = [{"Name": "association.subnet-id", "Values": [inside.id]}]
    old = account.ec2.describe_network_acls(Filters=wanted)["NetworkAcls"][0]
    association = next(a for a in old["Associations"] if a["SubnetId"] == inside.id)
    account.ec2.replace_network_acl_association(
        AssociationId=association["NetworkAclAssociationId"], NetworkAclId=id_
    )
    rule = {
        "ruleNo": 100,
        "action": "allow",
        "protocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "cidrBlock": "10.0.0.0/16",
    }
    inputs = {"vpcId": network.id, "subnetIds": [inside.id], "ingress": [rule]}
    return [declare("aws:ec2/networkAcl:NetworkAcl", id_, inputs), inside, network]


def entry(account: Account, id_: str, number: int, block: str, egress: bool = False) -> object:
    return account.ec2.create_network_acl_entry(
        NetworkAclId=id_,
        RuleNumber=number,
        Protocol="6",
        RuleAction="allow",
        Egress=egress,
        CidrBlock=block,
        PortRange={"From": 443, "To": 443},
    )


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
    "network acl": Case(
        acl_case,
        {
            "ingress": lambda a, r: entry(a, r.id, 90, ANYWHERE),
            "egress": lambda a, r: entry(a, r.id, 90, ANYWHERE, egress=True),
            "tags": tag,
        },
    ),
}
