"""What the web ACL weighs: AWS WAF refuses one with too many capacity units, whatever the account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hardening.errors import CollectError
from infra.lab.deployment import Record
from infra.preflight.requirement import Results, met, unmet

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
# "AWS WAF rules", WCU of each statement without text transformations; a rate by custom keys takes 30 more.
_STATEMENTS: Mapping[str, int] = {
    "byteMatchStatement": 2,
    "ipSetReferenceStatement": 1,
    "rateBasedStatement": 2,
    "regexMatchStatement": 3,
    "sizeConstraintStatement": 1,
    "customKeys": 30,
}
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
    """The units of all statements in a nested value. Raises CollectError for a group that is not known."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "managedRuleGroupStatement":
                yield _of_group(str(inner.get("name")))
            else:
                if inner:
                    yield _STATEMENTS.get(key, 0)
                yield from _units(inner)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _units(item)


def _of_group(name: str) -> int:
    if name not in _GROUPS:
        raise CollectError(f"the units of {name} are not known", "ask wafv2:DescribeManagedRuleGroup")
    return _GROUPS[name]
