"""Checks of the doors: who may reach a tier, and where a tier may go."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import is_open, tag
from scanners.policy.checks.security_group_rules import GROUP, Opening, openings
from scanners.policy.samples.network import NETWORK
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken
from scanners.policy.stack import Stack

_SERVICE: Final = frozenset({"service"})
_INNER: Final = frozenset({"service", "data"})


def _to_the_world(opening: Opening) -> bool:
    return any(is_open(cidr) for cidr in opening.cidrs)


def _ingress_from(cidr: str) -> Stack:
    by_address = weaken(NETWORK, "sgr-into-guard", "referencedSecurityGroupId", ABSENT)
    return weaken(by_address, "sgr-into-guard", "cidrIpv4", cidr)


@check("no-ingress-from-world", good=NETWORK, bad=_ingress_from("0.0.0.0/0"))
def no_ingress_from_world(stack: Stack) -> Verdicts:
    for opening in openings(stack, "ingress"):
        yield opening.where, "lets the world in" if _to_the_world(opening) else None


@check("ingress-by-reference", good=NETWORK, bad=_ingress_from("10.20.0.0/16"))
def ingress_by_reference(stack: Stack) -> Verdicts:
    for opening in openings(stack, "ingress"):
        if opening.cidrs or opening.prefix_list:
            yield opening.where, "admits addresses, not a security group"
        elif opening.peers:
            yield opening.where, None
        else:
            yield opening.where, "names no security group of this stack"


@check(
    "service-not-exposed",
    good=NETWORK,
    bad=weaken(NETWORK, "sgr-into-service", "referencedSecurityGroupId", "sg-edge"),
)
def service_admits_the_guard_alone(stack: Stack) -> Verdicts:
    for opening in openings(stack, "ingress", _SERVICE):
        tiers = {tag(peer, "rampart:tier") for peer in opening.peers}
        guarded = tiers and tiers <= {"guard", "service"} and not opening.cidrs and not opening.prefix_list
        yield opening.where, None if guarded else "the service admits others than the guard"
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
    "egress-through-proxy-only",
    good=_EXIT,
    bad=weaken(_EXIT, "sgr-out", "securityGroupId", "sg-service"),
)
def inner_tiers_have_no_way_out(stack: Stack) -> Verdicts:
    for opening in openings(stack, "egress", _INNER):
        yield opening.where, "leads to the world, past the egress proxy" if _to_the_world(opening) else None


@check("egress-through-proxy-only", good=_EXIT, bad=weaken(_EXIT, "sgr-out", "toPort", 65535))
def the_way_out_is_one_port(stack: Stack) -> Verdicts:
    for opening in openings(stack, "egress"):
        if not _to_the_world(opening):
            continue
        tier = tag(opening.group, "rampart:tier")
        narrow = tier == "guard" and opening.protocol == "tcp" and opening.ports[0] == opening.ports[1]
        yield (
            opening.where,
            None if narrow else "only the guard tier may reach the world, on one TCP port a rule",
        )
