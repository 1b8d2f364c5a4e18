"""Checks of the firewall's rules one by one: that none only counts, is scoped down, or limits nothing.

Source: AWS WAF Developer Guide, "Using scope-down statements", "Rate-based rule statement" and "Setting rule
action overrides".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import must_be, read, verdict
from scanners.policy.checks.waf import ACL, rules_of
from scanners.policy.samples.edge import EDGE, FIREWALL_RULES
from scanners.policy.samples.sample_stack import ABSENT, weaken
from scanners.policy.stack import Resource, Stack

_PER_SECOND: Final = 100  # calls of one address or token
_LARGEST: Final = 1 << 20  # bytes; an OCPI object is far smaller
_UNUSED: Final = ("TRACE", "CONNECT", "PROPFIND", "PURGE")
_FAR_AWAY: Final = {"geoMatchStatement": {"countryCodes": ["AQ"]}}


def _rules(acl: Resource) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """(where, rule, statement) of each rule. Raises Unverifiable."""
    for rule in rules_of(acl):
        yield f"{acl.urn}#{rule.get('name')}", rule, rule.get("statement") or {}


@check(
    "managed-firewall-rules",
    good=EDGE,
    bad={
        "an action": weaken(EDGE, "waf-1", "rules.6.action", {"count": {}}),
        "an override": weaken(EDGE, "waf-1", "rules.3.overrideAction", {"count": {}}),
        "an override beside an action": weaken(EDGE, "waf-1", "rules.6.overrideAction", {"count": {}}),
        "an action beside an override": weaken(EDGE, "waf-1", "rules.3.action", {"count": {}}),
        "nothing": weaken(EDGE, "waf-1", "rules.6.action", ABSENT),
    },
)
def every_rule_acts(stack: Stack) -> Verdicts:
    """A rule that only counts lets through what it matches."""
    for acl in stack.of_type(ACL):
        for where, rule, _ in _rules(acl):
            action, override = rule.get("action") or {}, rule.get("overrideAction") or {}
            acts = bool(action.keys() & {"block", "allow"}) or "none" in override
            counts = "count" in action or "count" in override
            yield verdict(where, acts and not counts, "the rule counts only")


@check(
    "managed-firewall-rules",
    good=EDGE,
    bad={
        "a managed group": weaken(
            EDGE, "waf-1", "rules.1.statement.managedRuleGroupStatement.scopeDownStatement", _FAR_AWAY
        ),
        "a rate": weaken(EDGE, "waf-1", "rules.4.statement.rateBasedStatement.scopeDownStatement", _FAR_AWAY),
        "another vendor": weaken(
            EDGE, "waf-1", "rules.1.statement.managedRuleGroupStatement.vendorName", "Other"
        ),
    },
)
def no_rule_is_scoped_down(stack: Stack) -> Verdicts:
    """Managed groups are AWS's, and they and rate rules look at every request."""
    for acl in stack.of_type(ACL):
        for where, _, statement in _rules(acl):
            parts = [statement.get(f"{kind}Statement") or {} for kind in ("managedRuleGroup", "rateBased")]
            whole = not any("scopeDownStatement" in part for part in parts)
            ours = (parts[0].get("vendorName") or "AWS") == "AWS"
            yield verdict(where, whole and ours, "it looks at a part of the requests, or is not AWS's")


@check(
    "rate-limited-by-address",
    good=EDGE,
    bad={
        "limit": weaken(EDGE, "waf-1", "rules.4.statement.rateBasedStatement.limit", 2_000_000_000),
        "window": weaken(EDGE, "waf-1", "rules.4.statement.rateBasedStatement.evaluationWindowSec", 1),
        "unwritten": weaken(EDGE, "waf-1", "rules.4.statement.rateBasedStatement.limit", ABSENT),
    },
)
def rate_limits_limit(stack: Stack) -> Verdicts:
    """No rate rule admits more than 100 requests a second. Its window is 300 seconds unless written."""
    for acl in stack.of_type(ACL):
        for where, _, statement in _rules(acl):
            if "rateBasedStatement" in statement:
                rate = statement["rateBasedStatement"]
                least = float(rate.get("limit") or 0) / float(rate.get("evaluationWindowSec") or 300)
                yield verdict(where, 0 < least <= _PER_SECOND, f"more than {_PER_SECOND} requests a second")


@check(
    "request-size-limited",
    good=EDGE,
    bad={
        "size": weaken(EDGE, "waf-1", "rules.6.statement.sizeConstraintStatement.size", 1 << 30),
        "comparison": weaken(
            EDGE, "waf-1", "rules.6.statement.sizeConstraintStatement.comparisonOperator", "LT"
        ),
    },
)
def size_limits_limit(stack: Stack) -> Verdicts:
    """Each size rule blocks what is larger than a size, and that of 1 MiB at most."""
    for acl in stack.of_type(ACL):
        for where, _, statement in _rules(acl):
            if "sizeConstraintStatement" in statement:
                size = statement["sizeConstraintStatement"]
                over = size.get("comparisonOperator") in ("GT", "GE")
                yield verdict(where, over and float(size.get("size") or 0) <= _LARGEST, "it limits nothing")


_METHODS: Final = "rules.7.statement.notStatement.statements.0.regexMatchStatement.regexString"


@check(
    "methods-allow-listed",
    good=EDGE,
    bad={
        "any": weaken(EDGE, "waf-1", _METHODS, ".*"),
        "one more": weaken(EDGE, "waf-1", _METHODS, "^(GET|TRACE)$"),
        "unwritten": weaken(EDGE, "waf-1", _METHODS, ABSENT),
    },
)
def the_list_of_methods_is_short(stack: Stack) -> Verdicts:
    """The expression of allowed methods matches none that OCPI does not use."""
    for acl in stack.of_type(ACL):
        for where, _, statement in _rules(acl):
            for part in (statement.get("notStatement") or {}).get("statements") or []:
                match = part.get("regexMatchStatement") or {}
                if "method" in (match.get("fieldToMatch") or {}):
                    allowed = re.compile(str(match.get("regexString") or ".*"))
                    admitted = [name for name in _UNUSED if allowed.search(name)]
                    yield verdict(where, not admitted, f"admits {', '.join(admitted)}")


_PARTS: Final = ("uriPath", "queryString", "body")


@check(
    "request-size-limited",
    good=EDGE,
    bad={
        "path": weaken(EDGE, "waf-1", "rules.8.statement.sizeConstraintStatement.fieldToMatch", {"body": {}}),
        "query": weaken(EDGE, "waf-1", "rules.9.action", {"allow": {}}),
    },
)
def every_part_of_a_request_is_limited(stack: Stack) -> Verdicts:
    """Path, query string and body have a size each above which a rule blocks."""
    for acl in stack.of_type(ACL):
        sizes = [
            statement["sizeConstraintStatement"]
            for _, rule, statement in _rules(acl)
            if "sizeConstraintStatement" in statement and "block" in (rule.get("action") or {})
        ]
        limited = {name for size in sizes for name in size.get("fieldToMatch") or {}}
        missing = [name for name in _PARTS if name not in limited]
        yield verdict(f"{acl.urn}#rules", not missing, f"no rule limits {', '.join(missing)}")


_PREFIX: Final = "rules.10.statement.notStatement.statements.0.byteMatchStatement"


@check(
    "methods-allow-listed",
    good=EDGE,
    bad={
        "every path": weaken(EDGE, "waf-1", f"{_PREFIX}.searchString", "/"),
        "anywhere in it": weaken(EDGE, "waf-1", f"{_PREFIX}.positionalConstraint", "CONTAINS"),
        "no rule": weaken(EDGE, "waf-1", "rules.10.action", {"allow": {}}),
    },
)
def paths_outside_ocpi_are_blocked(stack: Stack) -> Verdicts:
    """A rule blocks every path that does not start with a name of ours."""
    for acl in stack.of_type(ACL):
        matches = [
            part.get("byteMatchStatement") or {}
            for _, rule, statement in _rules(acl)
            if "block" in (rule.get("action") or {})
            for part in (statement.get("notStatement") or {}).get("statements") or []
        ]
        named = any(
            "uriPath" in (match.get("fieldToMatch") or {})
            and match.get("positionalConstraint") == "STARTS_WITH"
            and str(match.get("searchString")).strip("/") != ""
            for match in matches
        )
        yield verdict(f"{acl.urn}#rules", named, "no rule blocks paths that OCPI does not have")


@check(
    "firewall-logged",
    good=EDGE,
    bad={
        "of the whole": weaken(EDGE, "waf-1", "visibilityConfig.cloudwatchMetricsEnabled", False),
        "of one rule": weaken(EDGE, "waf-1", "rules.3.visibilityConfig.cloudwatchMetricsEnabled", ABSENT),
    },
)
def what_rules_match_is_measured(stack: Stack) -> Verdicts:
    """Without its metric no alarm and no person sees what a rule blocks (Security Hub WAF.12)."""
    for acl in stack.of_type(ACL):
        configs = [rule.get("visibilityConfig") or {} for _, rule, _ in _rules(acl)]
        configs.append(read(acl, "visibilityConfig") or {})
        measured = all(config.get("cloudwatchMetricsEnabled") is True for config in configs)
        yield verdict(f"{acl.urn}#visibilityConfig", measured, "a rule without a metric")


@check("firewall-before-every-stage", good=EDGE, bad=weaken(EDGE, "waf-1", "scope", "CLOUDFRONT"))
def the_firewall_is_regional(stack: Stack) -> Verdicts:
    """Only a regional web ACL can stand before a regional API."""
    yield from must_be(stack.of_type(ACL), "scope", "REGIONAL")


_FRIENDS: Final = {"name": "friends", "priority": 9, "action": {"allow": {}}, "statement": {}}
_LISTED = weaken(EDGE, "waf-1", "rules", [*FIREWALL_RULES, _FRIENDS])


@check(
    "partners-only-from-their-networks",
    good=weaken(_LISTED, "waf-1", "defaultAction", {"block": {}}),
    bad=_LISTED,
    also_good={"no rule allows": EDGE},
)
def what_no_rule_allows_is_blocked(stack: Stack) -> Verdicts:
    """A list of who is allowed means nothing where the default allows the rest."""
    for acl in stack.of_type(ACL):
        allowing = [rule for _, rule, _ in _rules(acl) if "allow" in (rule.get("action") or {})]
        default = read(acl, "defaultAction") or {}
        right = "block" in default or ("allow" in default and not allowing)
        yield verdict(f"{acl.urn}#defaultAction", right, "the default allows everybody")
