"""Route 53 Resolver DNS Firewall: rule groups, domain lists and fail-open settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared
from scanners.drift.fields import TAGS, exposure, setting
from scanners.drift.normalize import caseless, dump, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource

# As the API names them; Pulumi's names begin with a small letter, but for one.
_RULE_FIELDS: Final = (
    "Priority",
    "Action",
    "FirewallDomainListId",
    "BlockResponse",
    "FirewallDomainRedirectionAction",
    # An answer of our own, which is whoever's machine; and which of all questions the rule is about.
    "BlockOverrideDomain",
    "BlockOverrideDnsType",
    "BlockOverrideTtl",
    "Qtype",
    "DnsThreatProtection",
    "ConfidenceThreshold",
)
_PULUMI: Final = {"Qtype": "qType"}
_RULE: Final = "aws:route53/resolverFirewallRule:ResolverFirewallRule"


_ASSOCIATION: Final = "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation"


def rule_groups(view: View) -> Iterator[Live]:
    """The account's own rule groups with their rules, and their VPCs (ListFirewallRuleGroups)."""
    associations = view.pages(
        "route53resolver", "list_firewall_rule_group_associations", "FirewallRuleGroupAssociations"
    )
    for found in view.pages("route53resolver", "list_firewall_rule_groups", "FirewallRuleGroups"):
        key = found["Id"]
        rules = view.pages("route53resolver", "list_firewall_rules", "FirewallRules", FirewallRuleGroupId=key)
        yield Live(
            "aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup",
            key,
            {
                "name": found.get("Name"),
                "rules": [_rule(*(each.get(n) for n in _RULE_FIELDS)) + _kind(each) for each in rules],
                "guards": [
                    _guard(each.get("VpcId"), each.get("Priority"), each.get("MutationProtection"))
                    for each in associations
                    if each.get("FirewallRuleGroupId") == key
                ],
                "shared": found.get("ShareStatus") == "SHARED_WITH_ME",
                "tags": _tags(view, found["Arn"]),
            },
            view.region,
        )


def _tags(view: View, arn: str) -> Any:
    return view.pages("route53resolver", "list_tags_for_resource", "Tags", ResourceArn=arn)


def _rule(priority: Any, action: Any, names: Any, response: Any, redirection: Any, *others: Any) -> str:
    trusted = ", aliases trusted" if redirection == "TRUST_REDIRECTION_DOMAIN" else ""
    rest = "".join(
        f", {name} {int(value) if name == 'BlockOverrideTtl' else value}"
        for name, value in zip(_RULE_FIELDS[5:], others, strict=True)
        if value
    )
    return f"{int(priority)} {action} {names}{f' with {response}' if response else ''}{trusted}{rest}"


def _kind(rule: Mapping[str, Any]) -> str:
    """Of a rule that no list of domains decides: what does. Pulumi's provider cannot declare those."""
    kinds = (rule.get("FirewallRuleType") or {}).items()
    return "".join(f", {kind} {dump(value)}" for kind, value in kinds if kind != "DnsThreatProtection")


def _guard(vpc: Any, priority: Any, protection_: Any) -> str:
    return f"{vpc} at {int(priority)}, mutation protection {protection_ or 'DISABLED'}"


def _declared_group(declared: Declared, group: Resource) -> Mapping[str, Any]:
    rules = declared.parts(group, _RULE, "firewallRuleGroupId")
    associations = declared.parts(group, _ASSOCIATION, "firewallRuleGroupId")
    names = [_pulumi(name) for name in _RULE_FIELDS]
    return {
        **group.inputs,
        "rules": [_rule(*(one.inputs.get(n) for n in names)) for one in rules],
        "guards": [
            _guard(*(one.inputs.get(n) for n in ("vpcId", "priority", "mutationProtection")))
            for one in associations
        ],
    }


def _pulumi(name: str) -> str:
    return _PULUMI.get(name) or name[0].lower() + name[1:]


def domain_lists(view: View) -> Iterator[Live]:
    """Domain lists (ListFirewallDomainLists). Those that AWS manages are read by name only."""
    for entry in view.pages("route53resolver", "list_firewall_domain_lists", "FirewallDomainLists"):
        key = entry["Id"]
        facts: dict[str, Any] = {"name": entry.get("Name"), "managedBy": entry.get("ManagedOwnerName")}
        if not entry.get("ManagedOwnerName"):
            facts["domains"] = view.pages(
                "route53resolver", "list_firewall_domains", "Domains", FirewallDomainListId=key
            )
            facts["tags"] = _tags(view, entry["Arn"])
        yield Live(
            "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList", key, facts, view.region
        )


def firewall_configs(view: View) -> Iterator[Live]:
    """Whether each VPC fails open when the firewall does not answer (ListFirewallConfigs)."""
    for found in view.pages("route53resolver", "list_firewall_configs", "FirewallConfigs"):
        yield Live(
            "aws:route53/resolverFirewallConfig:ResolverFirewallConfig",
            found["ResourceId"],
            {"firewallFailOpen": found.get("FirewallFailOpen")},
            view.region,
        )


READERS: Final = (
    ResourceReader(
        type="aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup",
        service="route53resolver",
        read=rule_groups,
        declare=_declared_group,
        fields=(
            exposure("rules", unordered, default=()),
            exposure("guards", unordered, default=()),
            setting("name"),
            TAGS,
        ),
        parts=(
            Part(
                _RULE,
                "firewallRuleGroupId",
                "rules",
                tuple(map(_pulumi, _RULE_FIELDS)),
            ),
            Part(_ASSOCIATION, "firewallRuleGroupId", "guards", ("vpcId", "priority", "mutationProtection")),
        ),
    ),
    ResourceReader(
        type="aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList",
        service="route53resolver",
        read=domain_lists,
        fields=(exposure("domains", caseless, default=()), setting("name"), TAGS),
    ),
    ResourceReader(
        type="aws:route53/resolverFirewallConfig:ResolverFirewallConfig",
        service="route53resolver",
        read=firewall_configs,
        key=lambda resource: str(resource.inputs.get("resourceId") or ""),
        fields=(exposure("firewallFailOpen", default="DISABLED"),),
        unlisted="every VPC has one",
    ),
)
