"""Checks of the web application firewall: what stands before the API, and what it blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from ipaddress import ip_network
from typing import Any, Final

from hardening.checks import Unverifiable, Verdicts, check
from hardening.registry.networks import SHORTEST_PREFIX, is_too_wide
from scanners.policy.checks.reading import attached, items, points_at, read, verdict
from scanners.policy.samples.edge import EDGE, FIREWALL_RULES
from scanners.policy.samples.sample_stack import weaken, without
from scanners.policy.stack import UNKNOWN, Resource, Stack

ACL: Final = "aws:wafv2/webAcl:WebAcl"
IP_SET: Final = "aws:wafv2/ipSet:IpSet"
STAGE: Final = "aws:apigateway/stage:Stage"

_MANAGED: Final = (
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesAnonymousIpList",
    "AWSManagedRulesSQLiRuleSet",
)
# Rules that would refuse what OCPI allows: bodies above 8 kB (a size rule of our own stands in), callers
# without a User-Agent, which no version of OCPI or HTTP demands, and hosting providers: partners run there.
_TOO_STRICT: Final = frozenset({"SizeRestrictions_BODY", "NoUserAgent_HEADER", "HostingProviderIPList"})

# WAF's name of an address family -> the IP version. An IP set holds one family (IPSet, IPAddressVersion).
_FAMILIES: Final = {"IPV4": 4, "IPV6": 6}


def rules_of(acl: Resource) -> list[Mapping[str, Any]]:
    """The rules of a web ACL. Raises Unverifiable where they are not known."""
    if "ruleJson" in acl.inputs:
        raise Unverifiable(f"{acl.urn}#ruleJson", "ruleJson is not read; write the rules as rules")
    return items(acl, "rules")


def _blocking(acl: Resource) -> Iterator[Mapping[str, Any]]:
    """The statements of the rules that block what they match."""
    for rule in rules_of(acl):
        if "block" in (rule.get("action") or {}):
            yield rule.get("statement") or {}


def _parts(statement: Any) -> Iterator[tuple[str, Any]]:
    """Every named part of a statement, at any depth."""
    if isinstance(statement, Mapping):
        for name, part in statement.items():
            yield name, part
            yield from _parts(part)
    elif isinstance(statement, list | tuple):
        for part in statement:
            yield from _parts(part)


def _without_rule(name: str) -> Stack:
    return weaken(EDGE, "waf-1", "rules", [rule for rule in FIREWALL_RULES if rule["name"] != name])


@check("firewall-before-every-stage", good=EDGE, bad=without(EDGE, "waf-stage"))
def firewall_before_every_stage(stack: Stack) -> Verdicts:
    """A web ACL of this stack is associated with each stage."""
    for stage in stack.of_type(STAGE):
        links = attached(stack, stage, "aws:wafv2/webAclAssociation:WebAclAssociation", "resourceArn")
        guarded = any(points_at(link, "webAclArn", acl) for link in links for acl in stack.of_type(ACL))
        yield verdict(stage.urn, guarded, "no web ACL of this stack is associated with the stage")


@check("partners-only-from-their-networks", good=EDGE, bad=_without_rule("strangers"))
def strangers_are_blocked(stack: Stack) -> Verdicts:
    """A rule blocks every address outside the partners' IP sets."""
    for acl in stack.of_type(ACL):
        sets = [ip_set for ip_set in stack.of_type(IP_SET) if points_at(acl, "rules", ip_set)]
        ours = {ip_set.outputs.get("arn") for ip_set in sets}
        ours |= {UNKNOWN} if sets else set()
        blocked = any(_outside_of_sets(statement, ours) for statement in _blocking(acl))
        holds = blocked or _admits_nobody(acl)
        yield verdict(f"{acl.urn}#rules", holds, "no rule blocks what is outside the partners' IP sets")


def _outside_of_sets(statement: Mapping[str, Any], ours: Set[object]) -> bool:
    """`not <IP set>`, or `not (<IP set> or <IP set>)`: nothing else may soften it.

    Sets of ours, by the caller's own address: a forwarded one is what the caller writes
    (WAFV2 API Reference, IPSetForwardedIPConfig).
    """
    if set(statement) != {"notStatement"}:
        return False
    parts = list(_parts(statement["notStatement"]))
    sets = [part for name, part in parts if name == "ipSetReferenceStatement"]
    others = {name for name, _ in parts if name.endswith("Statement")} - {
        "ipSetReferenceStatement",
        "orStatement",
    }
    return bool(sets) and not others and all(set(one) == {"arn"} and one["arn"] in ours for one in sets)


def _admits_nobody(acl: Resource) -> bool:
    """Everything is blocked, as before the first partner: no rule allows, and the default blocks."""
    allowing = [rule for rule in rules_of(acl) if "allow" in (rule.get("action") or {})]
    return "block" in (read(acl, "defaultAction") or {}) and not allowing


@check("partner-networks-narrow", good=EDGE, bad=weaken(EDGE, "partners-4", "addresses", ["128.0.0.0/2"]))
def partner_networks_are_narrow(stack: Stack) -> Verdicts:
    """The width is the registry's own rule."""
    for ip_set in stack.of_type(IP_SET):
        where = f"{ip_set.urn}#addresses"
        version = _FAMILIES.get(read(ip_set, "ipAddressVersion"))
        if version is None:
            yield where, "ipAddressVersion is not written as IPV4 or IPV6"
            continue
        wide = [a for a in items(ip_set, "addresses") if is_too_wide(ip_network(a, strict=False))]
        yield verdict(where, not wide, f"holds {', '.join(wide)}: wider than /{SHORTEST_PREFIX[version]}")


@check(
    "managed-firewall-rules", good=EDGE, bad=weaken(EDGE, "waf-1", "rules.1.overrideAction", {"count": {}})
)
def managed_rules_block(stack: Stack) -> Verdicts:
    """AWS's managed rule groups are there, block, and are not softened."""
    for acl in stack.of_type(ACL):
        for name in _MANAGED:
            rules = [rule for rule in rules_of(acl) if _managed_group(rule).get("name") == name]
            blocking = any("none" in (rule.get("overrideAction") or {}) for rule in rules)
            yield verdict(f"{acl.urn}#{name}", blocking, "the rule group is missing, or only counts")
            softened = [o for rule in rules for o in _overrides(rule) if o not in _TOO_STRICT]
            if softened:
                yield f"{acl.urn}#{name}", f"rules of the group are overridden: {', '.join(sorted(softened))}"


def _managed_group(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    return (rule.get("statement") or {}).get("managedRuleGroupStatement") or {}


def _overrides(rule: Mapping[str, Any]) -> list[str]:
    """Names of the rules in a managed group that were given another action than to block."""
    changed = _managed_group(rule).get("ruleActionOverrides") or []
    return [str(o.get("name")) for o in changed if "block" not in (o.get("actionToUse") or {})]


_SECOND_RATE: Final = "rules.5.statement.rateBasedStatement"


_SHORT_CUT = {"name": "friends", "priority": 0, "action": {"allow": {}}, "statement": {}}


@check(
    "managed-firewall-rules",
    good=EDGE,
    bad=weaken(EDGE, "waf-1", "rules", [_SHORT_CUT, *FIREWALL_RULES]),
)
def no_rule_allows_before_the_others_have_judged(stack: Stack) -> Verdicts:
    """WAF stops at the first rule that allows: what comes behind it never judges."""
    for acl in stack.of_type(ACL):
        allowing = [r for r in rules_of(acl) if "allow" in (r.get("action") or {})]
        others = [_priority(r) for r in rules_of(acl) if r not in allowing]
        early = [str(r.get("name")) for r in allowing if any(_priority(r) < other for other in others)]
        problem = f"allow before others judge: {', '.join(early)}" if early else "no rule is written"
        yield verdict(f"{acl.urn}#rules", bool(rules_of(acl)) and not early, problem)


def _priority(rule: Mapping[str, Any]) -> float:
    return float(rule.get("priority") or 0)


@check("rate-limited-by-address", good=EDGE, bad=_without_rule("by-address"))
def rate_is_limited_by_address(stack: Stack) -> Verdicts:
    """A blocking rate rule counts by source address."""
    for acl in stack.of_type(ACL):
        limited = any(rate.get("aggregateKeyType") == "IP" for rate in _rates(acl))
        yield verdict(f"{acl.urn}#rules", limited, "no blocking rate rule counts by address")


@check(
    "rate-limited-by-token",
    good=EDGE,
    bad=weaken(EDGE, "waf-1", f"{_SECOND_RATE}.customKeys.0.header.name", "x-request-id"),
)
def rate_is_limited_by_token(stack: Stack) -> Verdicts:
    """A blocking rate rule counts by the Authorization header."""
    for acl in stack.of_type(ACL):
        limited = any(_counts_tokens(rate) for rate in _rates(acl))
        yield verdict(f"{acl.urn}#rules", limited, "no blocking rate rule counts by the Authorization header")


def _rates(acl: Resource) -> Iterator[Mapping[str, Any]]:
    for statement in _blocking(acl):
        if "rateBasedStatement" in statement:
            yield statement["rateBasedStatement"]


def _counts_tokens(rate: Mapping[str, Any]) -> bool:
    """By the header alone: a second key would let one token multiply its share."""
    keys = rate.get("customKeys") or []
    names = [str((key.get("header") or {}).get("name")).lower() for key in keys]
    return rate.get("aggregateKeyType") == "CUSTOM_KEYS" and names == ["authorization"]


@check("request-size-limited", good=EDGE, bad=_without_rule("size"))
def request_size_is_limited(stack: Stack) -> Verdicts:
    """A rule blocks bodies above a size."""
    for acl in stack.of_type(ACL):
        parts = [part for statement in _blocking(acl) for part in _parts(statement)]
        limits = [part for name, part in parts if name == "sizeConstraintStatement"]
        over = any(_is_of_bodies(one) and one.get("comparisonOperator") in ("GT", "GE") for one in limits)
        yield verdict(f"{acl.urn}#rules", over, "no rule blocks bodies above a size")


def _is_of_bodies(limit: Mapping[str, Any]) -> bool:
    """WAF sees the first 16 KB of a body, and what is longer matches only if it is told so (MATCH)."""
    field = limit.get("fieldToMatch") or {}
    bodies = [field[name] for name in ("body", "jsonBody") if name in field]
    return any(body.get("oversizeHandling") == "MATCH" for body in bodies)


@check("methods-allow-listed", good=EDGE, bad=_without_rule("methods"))
def methods_are_allow_listed(stack: Stack) -> Verdicts:
    """A rule blocks every method that is not listed."""
    for acl in stack.of_type(ACL):
        negated = [s["notStatement"] for s in _blocking(acl) if "notStatement" in s]
        named = any(name == "method" for statement in negated for name, _ in _parts(statement))
        yield verdict(f"{acl.urn}#rules", named, "no rule blocks all methods but those that are listed")
