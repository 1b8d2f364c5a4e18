"""Checks of the security groups: who may reach a tier, and where a tier may go."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import are_open, attached, read, tag
from scanners.policy.checks.security_group_rules import GROUP, SecurityGroupRule, security_group_rules
from scanners.policy.checks.vpc import VPC
from scanners.policy.samples.network import NETWORK
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken
from scanners.policy.stack import Stack

_SERVICE: Final = frozenset({"service"})
_INNER: Final = frozenset({"service", "data"})


def _to_the_world(rule: SecurityGroupRule) -> bool:
    return are_open(rule.cidrs)


def _ingress_from(cidr: str) -> Stack:
    by_address = weaken(NETWORK, "sgr-into-guard", "referencedSecurityGroupId", ABSENT)
    return weaken(by_address, "sgr-into-guard", "cidrIpv4", cidr)


@check("no-ingress-from-world", good=NETWORK, bad=_ingress_from("0.0.0.0/0"))
def no_ingress_from_world(stack: Stack) -> Verdicts:
    """No security group lets in a large part of the internet."""
    for rule in security_group_rules(stack, "ingress"):
        yield rule.where, "lets the world in" if _to_the_world(rule) else None


@check("ingress-by-reference", good=NETWORK, bad=_ingress_from("10.20.0.0/16"))
def ingress_by_reference(stack: Stack) -> Verdicts:
    """Security groups let in other groups of the stack, not addresses."""
    for rule in security_group_rules(stack, "ingress"):
        if rule.cidrs or rule.prefix_list:
            yield rule.where, "admits addresses, not a security group"
        elif rule.peers:
            yield rule.where, None
        else:
            yield rule.where, "names no security group of this stack"


@check(
    "service-not-exposed",
    good=NETWORK,
    bad=weaken(NETWORK, "sgr-into-service", "referencedSecurityGroupId", "sg-edge"),
)
def service_admits_the_guard_alone(stack: Stack) -> Verdicts:
    """The service tier lets in the guard and itself."""
    for rule in security_group_rules(stack, "ingress", _SERVICE):
        tiers = {tag(peer, "rampart:tier") for peer in rule.peers}
        guarded = tiers and tiers <= {"guard", "service"} and not rule.cidrs and not rule.prefix_list
        yield rule.where, None if guarded else "the service admits others than the guard"
    if stack.of_type(GROUP) and not any(tag(g, "rampart:tier") == "service" for g in stack.of_type(GROUP)):
        yield stack.name, "no security group belongs to the service tier (tag rampart:tier)"


_EXIT = plus(
    NETWORK,
    aws(
        "vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "sgr-out",
        securityGroupId="sg-guard",
        cidrIpv4="0.0.0.0/0",
        ipProtocol="tcp",
        fromPort=443,
        toPort=443,
    ),
)


@check(
    "egress-through-guard-only",
    good=_EXIT,
    bad=weaken(_EXIT, "sgr-out", "securityGroupId", "sg-service"),
)
def inner_tiers_have_no_way_out(stack: Stack) -> Verdicts:
    """The service and data tiers reach no part of the internet."""
    for rule in security_group_rules(stack, "egress", _INNER):
        yield rule.where, "leads to the world, past the egress guard" if _to_the_world(rule) else None


@check("egress-through-guard-only", good=_EXIT, bad=weaken(_EXIT, "sgr-out", "toPort", 65535))
def the_way_out_is_one_port(stack: Stack) -> Verdicts:
    """Only the guard tier reaches the internet, on one TCP port a rule."""
    for rule in security_group_rules(stack, "egress"):
        if not _to_the_world(rule):
            continue
        tier = tag(rule.group, "rampart:tier")
        narrow = tier == "guard" and rule.protocol == "tcp" and rule.ports[0] == rule.ports[1]
        yield (
            rule.where,
            None if narrow else "only the guard tier may reach the world, on one TCP port a rule",
        )


@check(
    "egress-through-guard-only",
    good=_EXIT,
    bad=plus(
        _EXIT,
        aws("ec2/securityGroup:SecurityGroup", "sg-egress", tags={"rampart:tier": "guard"}),
        aws(
            "vpc/securityGroupEgressRule:SecurityGroupEgressRule",
            "sgr-second-way",
            securityGroupId="sg-egress",
            cidrIpv4="0.0.0.0/0",
            ipProtocol="tcp",
            fromPort=443,
            toPort=443,
        ),
    ),
)
def one_group_leads_out(stack: Stack) -> Verdicts:
    """The egress guard's: who takes over the guard beside it reaches nobody."""
    rules = [rule for rule in security_group_rules(stack, "egress") if _to_the_world(rule)]
    groups = {rule.group.urn for rule in rules}
    for rule in rules:
        problem = f"{len(groups)} security groups lead to the world, not one"
        yield rule.where, None if len(groups) == 1 else problem


@check(
    "security-groups-name-ports",
    good=NETWORK,
    bad={
        "every protocol": weaken(NETWORK, "sgr-into-guard", "ipProtocol", "-1"),
        "many ports": weaken(NETWORK, "sgr-into-guard", "toPort", 65535),
        "on the way out": weaken(NETWORK, "sgr-guard-to-service", "ipProtocol", "-1"),
    },
)
def rules_name_one_port(stack: Stack) -> Verdicts:
    """In and out: what one group may reach of another is one port of TCP or UDP."""
    for direction in ("ingress", "egress"):
        for rule in security_group_rules(stack, direction):
            one = rule.ports[0] == rule.ports[1] and rule.protocol in ("tcp", "udp", "6", "17")
            yield rule.where, None if one else "the rule is for more than one port of TCP or UDP"


@check(
    "default-security-group-closed",
    good=NETWORK,
    bad=weaken(NETWORK, "sg-default", "egress", [{"protocol": "-1", "cidrBlocks": ["0.0.0.0/0"]}]),
)
def default_security_group_closed(stack: Stack) -> Verdicts:
    """The VPC's default security group is taken over, without rules."""
    for vpc in stack.of_type(VPC):
        groups = attached(stack, vpc, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "vpcId")
        if not groups:
            yield vpc.urn, "the VPC's default security group is not taken over and emptied"
        for group in groups:
            for direction in ("ingress", "egress"):
                closed = read(group, direction) == []
                yield (
                    f"{group.urn}#{direction}",
                    None if closed else f"{direction} is not written as an empty list",
                )
