"""Cases: Network ACLs, rule by rule."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import ANYWHERE, Case
from tests.scanners.drift.vpc_cases import subnet, tag, vpc


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
    "network acl": Case(
        acl_case,
        {
            "ingress": lambda a, r: entry(a, r.id, 90, ANYWHERE),
            "egress": lambda a, r: entry(a, r.id, 90, ANYWHERE, egress=True),
            "tags": tag,
        },
    ),
}
