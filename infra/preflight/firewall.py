"""What the web ACL weighs: AWS WAF refuses one with too many capacity units, whatever the account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hardening.errors import CollectError
from infra.preflight.requirement import Results, met, unmet
from infra.program_run.deployment import Record

# AWS WAF Developer Guide, "AWS WAF quotas": the most of one web ACL.
_MOST = 5000
# "AWS Managed Rules rule groups list", WCU of each.
_GROUPS: Mapping[str, int] = {
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesAnonymousIpList": 50,
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesSQLiRuleSet": 200,
}
# "AWS WAF rule statements", base WCU of each that the program writes.
_STATEMENTS: Mapping[str, int] = {
    "andStatement": 0,
    "byteMatchStatement": 2,
    "ipSetReferenceStatement": 1,
    "notStatement": 0,
    "orStatement": 0,
    "rateBasedStatement": 2,
    "regexMatchStatement": 3,
    "scopeDownStatement": 0,
    "sizeConstraintStatement": 1,
}
# Matches of a string with a base of 2 WCU ("String match rule statement"); those of CONTAINS take more.
_MATCHES = ("EXACTLY", "STARTS_WITH", "ENDS_WITH")
# "Rate-based rule statement", for each key; "Using text transformations in AWS WAF", for each. AWS weighs a
# transformation of one component once, so this is the most that it can be.
_OF_KEY, _OF_TRANSFORMATION = 30, 10
_WHAT = "capacity units of the web ACL"


def look_up_capacity(declared: Sequence[Record], results: Results) -> None:
    """The units of each declared web ACL against the most that AWS takes."""
    for acl in (one for one in declared if one.type == "aws:wafv2/webAcl:WebAcl"):
        with results.looking_up(_WHAT, _MOST):
            needed = sum(_units(acl.inputs.get("rules")))
            if needed <= _MOST:
                results.all.append(met(_WHAT, _MOST, needed))
            else:
                mend = "put the networks of many small partners into fewer IP sets"
                results.all.append(unmet(_WHAT, _MOST, needed, mend))


def _units(value: Any) -> Iterator[int]:
    """The units of all statements in a nested value. Raises CollectError for one that is not known."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if inner is None:
                continue
            if key == "managedRuleGroupStatement":
                yield _of_group(str(inner.get("name")))
            else:
                yield _own_units(key, inner)
                yield from _units(inner)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _units(item)


def _own_units(key: str, value: Any) -> int:
    """What the member `key` of a statement weighs, without what is in it."""
    if key == "customKeys":
        return _OF_KEY * len(value)
    if key == "textTransformations":
        return _OF_TRANSFORMATION * len([one for one in value if one["type"] != "NONE"])
    known = not key.endswith("Statement") or key in _STATEMENTS
    if key == "byteMatchStatement":
        known = value.get("positionalConstraint") in _MATCHES
    if key in ("allQueryArguments", "jsonBody") or not known:
        raise CollectError(f"the units of {key} are not known", "add them from AWS's page on that statement")
    return _STATEMENTS.get(key, 0)


def _of_group(name: str) -> int:
    if name not in _GROUPS:
        raise CollectError(f"the units of {name} are not known", "ask wafv2:DescribeManagedRuleGroup")
    return _GROUPS[name]
