"""Checks of the way out: which names the VPC can resolve, and so which hosts the egress guard can reach."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from hardening.registry.callback_host import dns_name
from scanners.policy.checks.reading import (
    attached,
    items,
    must_be,
    number,
    points_at,
    read,
    verdict,
)
from scanners.policy.checks.vpc import VPC
from scanners.policy.samples.network import NETWORK
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken
from scanners.policy.stack import Resource, Stack

GROUP: Final = "aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup"
LINK: Final = "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation"
RULE: Final = "aws:route53/resolverFirewallRule:ResolverFirewallRule"
NAMES: Final = "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList"
CONFIG: Final = "aws:route53/resolverFirewallConfig:ResolverFirewallConfig"


_EGRESS = plus(
    NETWORK,
    aws("route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup", "names-1"),
    aws(
        "route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation",
        "names-vpc",
        firewallRuleGroupId="names-1",
        vpcId="vpc-1",
        priority=101,
        mutationProtection="ENABLED",
    ),
    aws(
        "route53/resolverFirewallDomainList:ResolverFirewallDomainList",
        "names-partners",
        domains=["ocpi.volta.example", "*.eu-central-1.amazonaws.com"],
    ),
    aws("route53/resolverFirewallDomainList:ResolverFirewallDomainList", "names-others", domains=["*"]),
    aws(
        "route53/resolverFirewallRule:ResolverFirewallRule",
        "names-allow",
        action="ALLOW",
        priority=100,
        firewallDomainRedirectionAction="TRUST_REDIRECTION_DOMAIN",
        firewallDomainListId="names-partners",
        firewallRuleGroupId="names-1",
    ),
    aws(
        "route53/resolverFirewallRule:ResolverFirewallRule",
        "names-block",
        action="BLOCK",
        priority=200,
        firewallDomainListId="names-others",
        firewallRuleGroupId="names-1",
    ),
    aws(
        "route53/resolverFirewallConfig:ResolverFirewallConfig",
        "names-config",
        resourceId="vpc-1",
        firewallFailOpen="DISABLED",
    ),
)


def _domains(stack: Stack, rule: Resource) -> list[str]:
    lists = [names for names in stack.of_type(NAMES) if points_at(rule, "firewallDomainListId", names)]
    return [dns_name(str(domain)) for names in lists for domain in items(names, "domains")]


def _rules(stack: Stack, vpc: Resource, action: str) -> list[Resource]:
    """The rules of `action` in the rule groups that hold for `vpc`."""
    links = attached(stack, vpc, LINK, "vpcId")
    groups = [
        g for g in stack.of_type(GROUP) if any(points_at(each, "firewallRuleGroupId", g) for each in links)
    ]
    rules = [r for r in stack.of_type(RULE) if any(points_at(r, "firewallRuleGroupId", g) for g in groups)]
    return [rule for rule in rules if read(rule, "action") == action]


@check("egress-hosts-listed", good=_EGRESS, bad=weaken(_EGRESS, "names-block", "action", "ALERT"))
def unlisted_names_do_not_resolve(stack: Stack) -> Verdicts:
    """A DNS firewall rule blocks every name (`*`) that no rule before it allows."""
    for vpc in stack.of_type(VPC):
        blocks = any("*" in _domains(stack, rule) for rule in _rules(stack, vpc, "BLOCK"))
        yield verdict(vpc.urn, blocks, "no DNS firewall rule blocks the names that are not listed")


@check("egress-hosts-listed", good=_EGRESS, bad=weaken(_EGRESS, "names-partners", "domains", ["*.com"]))
def listed_names_are_narrow(stack: Stack) -> Verdicts:
    """A wildcard must stand for the hosts of one domain: two labels at least behind it."""
    for vpc in stack.of_type(VPC):
        for rule in _rules(stack, vpc, "ALLOW"):
            wide = [d for d in _domains(stack, rule) if "*" in d and d.count(".") < 2]
            yield verdict(rule.urn, not wide, f"allows {', '.join(wide)}")


_REDIRECTION: Final = "firewallDomainRedirectionAction"


@check("egress-hosts-listed", good=_EGRESS, bad=weaken(_EGRESS, "names-allow", _REDIRECTION, ABSENT))
def aliases_of_listed_names_resolve(stack: Stack) -> Verdicts:
    """A listed name may be an alias (CNAME): by default its target must be listed too, and is blocked.

    Route 53 Developer Guide, "Rule settings in DNS Firewall" (domain redirection).
    """
    for vpc in stack.of_type(VPC):
        yield from must_be(_rules(stack, vpc, "ALLOW"), _REDIRECTION, "TRUST_REDIRECTION_DOMAIN")


@check(
    "egress-hosts-listed", good=_EGRESS, bad=weaken(_EGRESS, "names-config", "firewallFailOpen", "ENABLED")
)
def dns_firewall_fails_closed(stack: Stack) -> Verdicts:
    """Where the DNS firewall does not answer, names do not resolve."""
    for vpc in stack.of_type(VPC):
        configs = attached(stack, vpc, CONFIG, "resourceId")
        closed = any(read(config, "firewallFailOpen") == "DISABLED" for config in configs)
        yield verdict(vpc.urn, closed, "names resolve when the DNS firewall does not answer")


@check(
    "egress-hosts-listed",
    good=_EGRESS,
    bad={
        "the block is first": weaken(_EGRESS, "names-block", "priority", 5),
        "the list is last": weaken(_EGRESS, "names-allow", "priority", 999),
        "unwritten": weaken(_EGRESS, "names-allow", "priority", ABSENT),
        "the block's unwritten": weaken(_EGRESS, "names-block", "priority", ABSENT),
        "anybody may lift it": weaken(_EGRESS, "names-vpc", "mutationProtection", "DISABLED"),
    },
)
def listed_names_come_before_the_rest(stack: Stack) -> Verdicts:
    """The lowest number is asked first: what is listed is allowed before everything else is blocked.

    Mutation protection keeps the group on the VPC (Route 53 Resolver, AssociateFirewallRuleGroup).
    """
    for vpc in stack.of_type(VPC):
        blocks = [number(rule, "priority") or 0 for rule in _rules(stack, vpc, "BLOCK")]
        for rule in _rules(stack, vpc, "ALLOW"):
            own = number(rule, "priority") or 0
            before = bool(blocks) and all(0 < own < block for block in blocks)
            yield verdict(f"{rule.urn}#priority", before, "names that are not listed are judged before it")
        yield from must_be(attached(stack, vpc, LINK, "vpcId"), "mutationProtection", "ENABLED")
