"""Network ACLs, rule by rule (EC2 API reference, DescribeNetworkAcls)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks, by
from scanners.drift.fields import TAGS, exposure, only
from scanners.drift.normalize import unordered
from scanners.drift.readers.security_groups import port_range
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def network_acls(view: View) -> Iterator[Live]:
    """Network ACLs; the one that AWS makes with each VPC is of its own type."""
    for acl in view.pages("ec2", "describe_network_acls", "NetworkAcls"):
        name = "defaultNetworkAcl:DefaultNetworkAcl" if acl.get("IsDefault") else "networkAcl:NetworkAcl"
        # AWS adds the last rule, which denies the rest, to every list.
        entries = [entry for entry in acl.get("Entries") or () if int(entry["RuleNumber"]) < 32767]
        yield Live(
            f"aws:ec2/{name}",
            acl["NetworkAclId"],
            {
                "vpcId": acl.get("VpcId"),
                "ingress": [_live_entry(entry, "from") for entry in entries if not entry["Egress"]],
                "egress": [_live_entry(entry, "to") for entry in entries if entry["Egress"]],
                "subnetIds": [each["SubnetId"] for each in acl.get("Associations") or ()],
                "tags": acl.get("Tags"),
            },
            view.region,
        )


def _live_entry(entry: Mapping[str, Any], way: str) -> str:
    ports = entry.get("PortRange") or {}
    what = port_range(entry.get("Protocol"), ports.get("From"), ports.get("To"))
    peer = entry.get("CidrBlock") or entry.get("Ipv6CidrBlock")
    return f"{int(entry['RuleNumber'])} {entry['RuleAction']} {what} {way} {peer}"


def _declared_acl(declared: Declared, acl: Resource) -> Mapping[str, Any]:
    """An ACL with its rules, whether they are its inputs or resources of their own."""
    rules = {
        way: [_entry(rule, way, "ruleNo", "action") for rule in blocks(acl.inputs.get(way))]
        for way in ("ingress", "egress")
    }
    for one in declared.parts(acl, "aws:ec2/networkAclRule:NetworkAclRule", "networkAclId"):
        way = "egress" if one.inputs.get("egress") else "ingress"
        rules[way].append(_entry(one.inputs, way, "ruleNumber", "ruleAction"))
    subnets = [
        *(acl.inputs.get("subnetIds") or ()),
        *(
            one.inputs.get("subnetId")
            for one in declared.parts(
                acl, "aws:ec2/networkAclAssociation:NetworkAclAssociation", "networkAclId"
            )
        ),
    ]
    return {**acl.inputs, **rules, "subnetIds": subnets}


def _entry(rule: Mapping[str, Any], way: str, number: str, action: str) -> str:
    ports = port_range(rule.get("protocol"), rule.get("fromPort"), rule.get("toPort"))
    peer = rule.get("cidrBlock") or rule.get("ipv6CidrBlock")
    where = "from" if way == "ingress" else "to"
    return f"{int(rule[number])} {rule[action]} {ports} {where} {peer}"


_ACL_FIELDS = (exposure("ingress", unordered, default=()), exposure("egress", unordered, default=()))


_ACL: Final = "aws:ec2/networkAcl:NetworkAcl"


_DEFAULT_ACL: Final = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"


READERS: Final = (
    ResourceReader(
        type=_ACL,
        service="ec2",
        read=only(_ACL, network_acls),
        declare=_declared_acl,
        fields=(*_ACL_FIELDS, exposure("subnetIds", unordered, default=()), exposure("vpcId"), TAGS),
        parts=(
            Part(
                "aws:ec2/networkAclRule:NetworkAclRule",
                "networkAclId",
                "ingress",
                (
                    "egress",
                    "protocol",
                    "fromPort",
                    "toPort",
                    "cidrBlock",
                    "ipv6CidrBlock",
                    "ruleNumber",
                    "ruleAction",
                ),
            ),
            Part(
                "aws:ec2/networkAclAssociation:NetworkAclAssociation",
                "networkAclId",
                "subnetIds",
                ("subnetId",),
            ),
        ),
    ),
    ResourceReader(
        type=_DEFAULT_ACL,
        service="ec2",
        read=only(_DEFAULT_ACL, network_acls),
        key=by("defaultNetworkAclId"),
        declare=_declared_acl,
        fields=(*_ACL_FIELDS, TAGS),
    ),
)
