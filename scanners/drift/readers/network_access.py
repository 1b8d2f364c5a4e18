"""Who may talk to whom inside a VPC: security groups and network ACLs, rule by rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks, by
from scanners.drift.fields import TAGS, exposure, setting
from scanners.drift.normalize import unordered
from scanners.drift.records import Kind, Live, Part
from scanners.policy.stack import Resource

_NUMBERS: Final = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}

_RULE_INPUTS: Final = (
    "ipProtocol",
    "fromPort",
    "toPort",
    "cidrIpv4",
    "cidrIpv6",
    "prefixListId",
    "referencedSecurityGroupId",
)
_OLD_RULE_INPUTS: Final = (
    "type",
    "protocol",
    "fromPort",
    "toPort",
    "cidrBlocks",
    "ipv6CidrBlocks",
    "prefixListIds",
    "sourceSecurityGroupId",
    "self",
)


def security_groups(view: View) -> Iterator[Live]:
    """Security groups; the one that AWS makes with each VPC is of its own type."""
    for group in view.pages("ec2", "describe_security_groups", "SecurityGroups"):
        default = group["GroupName"] == "default"
        name = "defaultSecurityGroup:DefaultSecurityGroup" if default else "securityGroup:SecurityGroup"
        yield Live(
            f"aws:ec2/{name}",
            group["GroupId"],
            {
                "name": group["GroupName"],
                "description": group.get("Description"),
                "vpcId": group.get("VpcId"),
                "ingress": _live_rules(group.get("IpPermissions"), "from"),
                "egress": _live_rules(group.get("IpPermissionsEgress"), "to"),
                "tags": group.get("Tags"),
            },
            view.region,
        )


def _live_rules(permissions: Any, way: str) -> list[str]:
    rules: list[str] = []
    for permission in permissions or ():
        ports = _ports(permission.get("IpProtocol"), permission.get("FromPort"), permission.get("ToPort"))
        peers = [
            *(each["CidrIp"] for each in permission.get("IpRanges") or ()),
            *(each["CidrIpv6"] for each in permission.get("Ipv6Ranges") or ()),
            *(each["PrefixListId"] for each in permission.get("PrefixListIds") or ()),
            *(each["GroupId"] for each in permission.get("UserIdGroupPairs") or ()),
        ]
        rules.extend(f"{ports} {way} {peer}" for peer in peers)
    return rules


def _declared_group(declared: Declared, group: Resource) -> Mapping[str, Any]:
    """A group with its rules, whether they stand in it or are resources of their own."""
    rules: dict[str, list[str]] = {"ingress": [], "egress": []}
    for way, found in rules.items():
        for rule in blocks(group.inputs.get(way)):
            found.extend(_old_rule(rule, way, group.id))
        name = way.capitalize()
        for one in declared.parts(
            group, f"aws:vpc/securityGroup{name}Rule:SecurityGroup{name}Rule", "securityGroupId"
        ):
            found.append(_new_rule(one.inputs, way))
    for one in declared.parts(group, "aws:ec2/securityGroupRule:SecurityGroupRule", "securityGroupId"):
        way = str(one.inputs.get("type"))
        rules[way].extend(_old_rule(one.inputs, way, group.id))
    return {**group.inputs, **rules}


def _new_rule(rule: Mapping[str, Any], way: str) -> str:
    peers = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
    peer = next((rule[name] for name in peers if rule.get(name)), "nobody")
    ports = _ports(rule.get("ipProtocol"), rule.get("fromPort"), rule.get("toPort"))
    # A group of another account is written as account/group.
    return f"{ports} {'from' if way == 'ingress' else 'to'} {str(peer).rsplit('/sg-', 1)[-1]}"


def _old_rule(rule: Mapping[str, Any], way: str, group: str) -> Iterator[str]:
    ports = _ports(rule.get("protocol"), rule.get("fromPort"), rule.get("toPort"))
    peers = [
        *(rule.get("cidrBlocks") or ()),
        *(rule.get("ipv6CidrBlocks") or ()),
        *(rule.get("prefixListIds") or ()),
        *(rule.get("securityGroups") or ()),
        *([rule["sourceSecurityGroupId"]] if rule.get("sourceSecurityGroupId") else ()),
        *([group] if rule.get("self") else ()),
    ]
    for peer in peers:
        yield f"{ports} {'from' if way == 'ingress' else 'to'} {peer}"


def _ports(protocol: Any, first: Any, last: Any) -> str:
    """`tcp 443`, `tcp 1024-65535`, `icmp 8/0` or `all`."""
    text = str(protocol).lower().removesuffix(".0")
    name = _NUMBERS.get(text, text)
    if name in ("-1", "all"):
        return "all"
    if first is None or (int(first), int(last if last is not None else first)) in ((-1, -1), (0, 65535)):
        return name
    low, high = int(first), int(last if last is not None else first)
    if name.startswith("icmp"):
        return f"{name} {low}/{high}"
    return f"{name} {low}" if low == high else f"{name} {low}-{high}"


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
    what = _ports(entry.get("Protocol"), ports.get("From"), ports.get("To"))
    peer = entry.get("CidrBlock") or entry.get("Ipv6CidrBlock")
    return f"{int(entry['RuleNumber'])} {entry['RuleAction']} {what} {way} {peer}"


def _declared_acl(declared: Declared, acl: Resource) -> Mapping[str, Any]:
    """An ACL with its rules, whether they stand in it or are resources of their own."""
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
    ports = _ports(rule.get("protocol"), rule.get("fromPort"), rule.get("toPort"))
    peer = rule.get("cidrBlock") or rule.get("ipv6CidrBlock")
    where = "from" if way == "ingress" else "to"
    return f"{int(rule[number])} {rule[action]} {ports} {where} {peer}"


def _only(type_: str, everything: Iterator[Live]) -> Iterator[Live]:
    return (live for live in everything if live.type == type_)


_GROUP_FIELDS = (
    exposure("ingress", unordered, default=()),
    exposure("egress", unordered, default=()),
    exposure("vpcId"),
)
_ACL_FIELDS = (exposure("ingress", unordered, default=()), exposure("egress", unordered, default=()))
_OLD_RULES = "aws:ec2/securityGroupRule:SecurityGroupRule"
_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
_DEFAULT_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
_ACL: Final = "aws:ec2/networkAcl:NetworkAcl"
_DEFAULT_ACL: Final = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"

KINDS: Final = (
    Kind(
        type=_GROUP,
        service="ec2",
        read=lambda view: _only(_GROUP, security_groups(view)),
        declare=_declared_group,
        fields=(*_GROUP_FIELDS, setting("name"), setting("description"), TAGS),
        parts=(
            Part(
                "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
                "securityGroupId",
                "ingress",
                _RULE_INPUTS,
            ),
            Part(
                "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
                "securityGroupId",
                "egress",
                _RULE_INPUTS,
            ),
            Part(_OLD_RULES, "securityGroupId", "ingress", _OLD_RULE_INPUTS),
        ),
    ),
    Kind(
        type=_DEFAULT_GROUP,
        service="ec2",
        read=lambda view: _only(_DEFAULT_GROUP, security_groups(view)),
        declare=_declared_group,
        fields=(*_GROUP_FIELDS, TAGS),
    ),
    Kind(
        type=_ACL,
        service="ec2",
        read=lambda view: _only(_ACL, network_acls(view)),
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
    Kind(
        type=_DEFAULT_ACL,
        service="ec2",
        read=lambda view: _only(_DEFAULT_ACL, network_acls(view)),
        key=by("defaultNetworkAclId"),
        declare=_declared_acl,
        fields=(*_ACL_FIELDS, TAGS),
    ),
)
