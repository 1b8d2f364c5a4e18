"""Checks of the network access lists of the tiers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import attached, is_open, items, read, tag, verdict
from scanners.policy.checks.vpc import SUBNET
from scanners.policy.samples.network import NETWORK
from scanners.policy.samples.sample_stack import weaken
from scanners.policy.stack import Resource, Stack

ACL: Final = "aws:ec2/networkAcl:NetworkAcl"


ACL_RULE: Final = "aws:ec2/networkAclRule:NetworkAclRule"


# Ports from which a reply comes back: RFC 6056, 3.2 (and what AWS's NAT gateways use).
_EPHEMERAL: Final = 1024


@check(
    "tiers-have-access-lists",
    good=NETWORK,
    bad=weaken(NETWORK, "acl-data", "subnetIds.1", "subnet-elsewhere"),
)
def each_subnet_has_its_tiers_access_list(stack: Stack) -> Verdicts:
    """The network ACL of each subnet is that of its tier."""
    for subnet in stack.of_type(SUBNET):
        tier = tag(subnet, "rampart:tier")
        lists = attached(stack, subnet, ACL, "subnetIds")
        if not lists:
            yield subnet.urn, "no network ACL of this stack holds the subnet"
        elif any(tag(acl, "rampart:tier") != tier for acl in lists):
            yield subnet.urn, f"its network ACL is not that of the {tier} tier"
        else:
            yield subnet.urn, None


@check(
    "tiers-have-access-lists",
    good=NETWORK,
    bad=weaken(NETWORK, "acl-edge", "ingress.0.cidrBlock", "0.0.0.0/0"),
)
def access_lists_are_closed_to_the_world(stack: Stack) -> Verdicts:
    """From anywhere, only replies (ports from 1024) may come in."""
    for where, rule in _rules(stack, "ingress"):
        yield where, _list_problem(rule)


def _rules(stack: Stack, direction: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Where each rule of a direction is, and what it says: in an access list, or a resource of its own."""
    for acl in stack.of_type(ACL):
        for index, rule in enumerate(items(acl, direction)):
            yield f"{acl.urn}#{direction}.{index}", rule
    for apart in stack.of_type(ACL_RULE):
        if _direction(apart) == direction:
            yield apart.urn, {**apart.inputs, "action": read(apart, "ruleAction")}


def _direction(apart: Resource) -> str:
    return "egress" if read(apart, "egress") is True else "ingress"


def _list_problem(rule: Mapping[str, Any]) -> str | None:
    replies = not _is_any_protocol(rule) and int(rule.get("fromPort") or 0) >= _EPHEMERAL
    if replies or not _admits_the_world(rule):
        return None
    return "admits the world to a service port; only replies (ports from 1024) may come from anywhere"


def _admits_the_world(rule: Mapping[str, Any]) -> bool:
    cidrs = [cidr for cidr in (rule.get("cidrBlock"), rule.get("ipv6CidrBlock")) if cidr]
    return str(rule.get("action")).lower() != "deny" and any(map(is_open, cidrs))


def _is_any_protocol(rule: Mapping[str, Any]) -> bool:
    return str(rule.get("protocol")).lower() in ("-1", "all")


_EVERY_WAY = [{"ruleNo": 100, "protocol": "-1", "action": "allow", "cidrBlock": "0.0.0.0/0"}]


@check(
    "tiers-have-access-lists",
    good=NETWORK,
    bad={
        "everything": weaken(NETWORK, "acl-data", "egress", _EVERY_WAY),
        "every port": weaken(
            NETWORK,
            "acl-data",
            "egress",
            [{**_EVERY_WAY[0], "protocol": "tcp", "fromPort": 1, "toPort": 65535}],
        ),
    },
    also_good={"denied": weaken(NETWORK, "acl-data", "egress", [{**_EVERY_WAY[0], "action": "deny"}])},
)
def access_lists_name_the_ways_out(stack: Stack) -> Verdicts:
    """To anywhere, only single ports lead out."""
    for where, rule in _rules(stack, "egress"):
        one_port = rule.get("fromPort") == rule.get("toPort") and not _is_any_protocol(rule)
        yield verdict(where, one_port or not _admits_the_world(rule), "leads anywhere on many ports")


# The default quota, each way and for each address family; the rule that AWS ends a list with counts too
# (Amazon VPC User Guide, "Amazon VPC quotas").
_QUOTA: Final = 20
_TWENTY = [{"ruleNo": number, "protocol": "tcp", "cidrBlock": "10.20.0.0/16"} for number in range(1, 21)]


@check("accepted-by-new-account", good=NETWORK, bad=weaken(NETWORK, "acl-guard", "egress", _TWENTY))
def access_lists_stay_within_the_quota(stack: Stack) -> Verdicts:
    """No network ACL has more than 19 rules of its own in one direction, for one address family."""
    for acl in stack.of_type(ACL):
        apart = attached(stack, acl, ACL_RULE, "networkAclId")
        for direction in ("ingress", "egress"):
            rules = [*items(acl, direction)]
            rules += [r.inputs for r in apart if _direction(r) == direction]
            if not rules:
                continue
            most = max(sum(bool(r.get(f)) for r in rules) for f in ("cidrBlock", "ipv6CidrBlock"))
            problem = f"{most} rules and the last one are more than the quota of {_QUOTA}"
            yield verdict(f"{acl.urn}#{direction}", most < _QUOTA, problem)
