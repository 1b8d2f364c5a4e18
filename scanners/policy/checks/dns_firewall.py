"""Checks of the way out: which names the VPC can resolve, and so which hosts the proxy can reach."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hardening.checks import Verdicts, check
from hardening.registry.callback_host import dns_name
from scanners.policy.checks.reading import (
    attached,
    containers,
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


def proxy(host: str) -> str:
    """The container definitions of an egress proxy that connects to `host`."""
    endpoint = {"endpoint": {"address": {"socket_address": {"address": host, "port_value": 443}}}}
    cluster = {"name": host, "load_assignment": {"endpoints": [{"lb_endpoints": [endpoint]}]}}
    config = json.dumps({"static_resources": {"clusters": [cluster]}})
    return json.dumps([{"name": "envoy", "command": ["envoy", "--config-yaml", config]}])


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
            before = 0 < (number(rule, "priority") or 0) < min(blocks, default=0)
            yield verdict(f"{rule.urn}#priority", before, "names that are not listed are judged before it")
        yield from must_be(attached(stack, vpc, LINK, "vpcId"), "mutationProtection", "ENABLED")


_PROXY = plus(
    _EGRESS,
    aws("ecs/taskDefinition:TaskDefinition", "task-proxy", containerDefinitions=proxy("ocpi.volta.example")),
)


@check(
    "egress-hosts-listed",
    good=_PROXY,
    bad=weaken(_PROXY, "task-proxy", "containerDefinitions", proxy("attacker.example")),
)
def the_proxy_names_its_hosts(stack: Stack) -> Verdicts:
    """Every host in the egress proxy's configuration is one that the DNS firewall allows by name."""
    vpcs = stack.of_type(VPC)
    allowed = {d for vpc in vpcs for rule in _rules(stack, vpc, "ALLOW") for d in _domains(stack, rule)}
    for task in stack.of_type("aws:ecs/taskDefinition:TaskDefinition"):
        for container in containers(task):
            where = f"{task.urn}#{container.get('name')}"
            for config in _proxy_configs(container):
                loose = sorted(host for host in _hosts(config) if "*" in host or host not in allowed)
                yield verdict(where, not loose, f"may connect to {', '.join(loose)}")


def _proxy_configs(container: Mapping[str, Any]) -> Iterator[Any]:
    """The Envoy configurations that stand in a container's command as JSON; the guard's own is YAML."""
    for word in container.get("command") or ():
        if str(word).lstrip().startswith("{"):
            yield json.loads(word)


def _hosts(config: Any) -> Iterator[str]:
    """The addresses of all clusters of an Envoy configuration: what it can connect to at all."""
    for cluster in config["static_resources"]["clusters"]:
        for endpoints in cluster["load_assignment"]["endpoints"]:
            for endpoint in endpoints["lb_endpoints"]:
                yield dns_name(endpoint["endpoint"]["address"]["socket_address"]["address"])
