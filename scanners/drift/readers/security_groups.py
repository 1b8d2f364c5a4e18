"""Security groups, rule by rule (EC2 API reference, DescribeSecurityGroups)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks
from scanners.drift.fields import TAGS, exposure, only, setting
from scanners.drift.normalize import unordered
from scanners.drift.records import Live, Part, ResourceReader
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
        ports = port_range(permission.get("IpProtocol"), permission.get("FromPort"), permission.get("ToPort"))
        peers = [
            *(each["CidrIp"] for each in permission.get("IpRanges") or ()),
            *(each["CidrIpv6"] for each in permission.get("Ipv6Ranges") or ()),
            *(each["PrefixListId"] for each in permission.get("PrefixListIds") or ()),
            *(each["GroupId"] for each in permission.get("UserIdGroupPairs") or ()),
        ]
        rules.extend(f"{ports} {way} {peer}" for peer in peers)
    return rules


def _declared_group(declared: Declared, group: Resource) -> Mapping[str, Any]:
    """A group with its rules, whether they are its inputs or resources of their own."""
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
    ports = port_range(rule.get("ipProtocol"), rule.get("fromPort"), rule.get("toPort"))
    # A group of another account is written as account/group.
    return f"{ports} {'from' if way == 'ingress' else 'to'} {str(peer).rsplit('/sg-', 1)[-1]}"


def _old_rule(rule: Mapping[str, Any], way: str, group: str) -> Iterator[str]:
    ports = port_range(rule.get("protocol"), rule.get("fromPort"), rule.get("toPort"))
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


def port_range(protocol: Any, first: Any, last: Any) -> str:
    """`tcp 443`, `tcp 1024-65535`, `icmp 8/0` (type and code) or `all`."""
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


_GROUP_FIELDS = (
    exposure("ingress", unordered, default=()),
    exposure("egress", unordered, default=()),
    exposure("vpcId"),
)


_OLD_RULES = "aws:ec2/securityGroupRule:SecurityGroupRule"


_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"


_DEFAULT_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"


READERS: Final = (
    ResourceReader(
        type=_GROUP,
        service="ec2",
        read=only(_GROUP, security_groups),
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
    ResourceReader(
        type=_DEFAULT_GROUP,
        service="ec2",
        read=only(_DEFAULT_GROUP, security_groups),
        declare=_declared_group,
        fields=(*_GROUP_FIELDS, TAGS),
    ),
)
