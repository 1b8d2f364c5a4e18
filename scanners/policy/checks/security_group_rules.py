"""What security groups let in and out, however the rules are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hardening.checks import Unverifiable
from scanners.policy.checks.reading import items, points_at, read, tag
from scanners.policy.stack import SECRET, UNKNOWN, Resource, Stack

GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroupRule:
    """One rule of one security group. `peers` are the groups that it names; `prefix_list` an AWS list."""

    where: str
    group: Resource
    cidrs: tuple[str, ...]
    peers: tuple[Resource, ...]
    prefix_list: bool
    protocol: str
    ports: tuple[int, int]


def security_group_rules(
    stack: Stack, direction: str, tiers: frozenset[str] = frozenset()
) -> Iterator[SecurityGroupRule]:
    """The `ingress` or `egress` rules of the stack's security groups (of `tiers`, if any are named).

    Raises Unverifiable where a rule belongs to no group of the stack: it could be any group's.
    """
    kind = INGRESS_RULE if direction == "ingress" else EGRESS_RULE
    groups = [g for g in stack.of_type(GROUP) if not tiers or tag(g, "rampart:tier") in tiers]
    for group in groups:
        for index, rule in enumerate(items(group, direction)):
            yield _inline(stack, group, f"{direction}.{index}", rule)
    for rule in stack.of_type(kind):
        group = _group_of(stack, rule)
        if group in groups:
            yield _separate(stack, group, rule)
    for rule in stack.of_type(OLD_RULE):
        group = _group_of(stack, rule)
        if group in groups and read(rule, "type") == direction:
            yield _old(stack, group, rule)


def _group_of(stack: Stack, rule: Resource) -> Resource:
    for group in stack.of_type(GROUP):
        if points_at(rule, "securityGroupId", group):
            return group
    raise Unverifiable(rule.urn, "the rule belongs to no security group of this stack")


def _inline(stack: Stack, group: Resource, path: str, rule: Any) -> SecurityGroupRule:
    written = [
        *rule.values(),
        *(item for value in rule.values() if isinstance(value, list) for item in value),
    ]
    if any(value is UNKNOWN or value is SECRET for value in written):
        raise Unverifiable(f"{group.urn}#{path}", "the rule is not known")
    named = (*(rule.get("securityGroups") or ()), *((group.id,) if rule.get("self") else ()))
    known = {name: g for g in stack.of_type(GROUP) for name in (g.id, g.outputs.get("name"))}
    return SecurityGroupRule(
        where=f"{group.urn}#{path}",
        group=group,
        cidrs=(*(rule.get("cidrBlocks") or ()), *(rule.get("ipv6CidrBlocks") or ())),
        # One that is not of this stack makes all of them strangers.
        peers=tuple(known[name] for name in named) if set(named) <= set(known) else (),
        prefix_list=bool(rule.get("prefixListIds")),
        protocol=str(rule.get("protocol")),
        ports=_ports(rule.get("fromPort"), rule.get("toPort")),
    )


def _separate(stack: Stack, group: Resource, rule: Resource) -> SecurityGroupRule:
    cidrs = [read(rule, name) for name in ("cidrIpv4", "cidrIpv6")]
    return SecurityGroupRule(
        where=rule.urn,
        group=group,
        cidrs=tuple(cidr for cidr in cidrs if cidr),
        peers=tuple(g for g in stack.of_type(GROUP) if points_at(rule, "referencedSecurityGroupId", g)),
        prefix_list="prefixListId" in rule.inputs,
        protocol=str(read(rule, "ipProtocol")),
        ports=_ports(read(rule, "fromPort"), read(rule, "toPort")),
    )


def _old(stack: Stack, group: Resource, rule: Resource) -> SecurityGroupRule:
    peers = [g for g in stack.of_type(GROUP) if points_at(rule, "sourceSecurityGroupId", g)]
    return SecurityGroupRule(
        where=rule.urn,
        group=group,
        cidrs=(*items(rule, "cidrBlocks"), *items(rule, "ipv6CidrBlocks")),
        peers=(*peers, *((group,) if read(rule, "self") else ())),
        prefix_list=bool(items(rule, "prefixListIds")),
        protocol=str(read(rule, "protocol")),
        ports=_ports(read(rule, "fromPort"), read(rule, "toPort")),
    )


def _ports(first: Any, last: Any) -> tuple[int, int]:
    """No port written means every port."""
    return (0 if first is None else int(first), 65535 if last is None else int(last))
