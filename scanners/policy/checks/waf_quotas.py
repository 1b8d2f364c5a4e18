"""Checks of what AWS WAF refuses, whatever is asked of it: more references than a web ACL may have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import verdict
from scanners.policy.checks.waf import ACL, rules_of
from scanners.policy.samples.edge import EDGE, FIREWALL_RULES
from scanners.policy.samples.sample_stack import weaken
from scanners.policy.stack import Stack

_REFERENCES: Final = 50  # AWS WAF Developer Guide, "AWS WAF quotas"; no request raises it
_REFERRING: Final = frozenset(
    {
        "ipSetReferenceStatement",
        "regexPatternSetReferenceStatement",
        "ruleGroupReferenceStatement",
        "managedRuleGroupStatement",
    }
)
_SETS: Final = [{"ipSetReferenceStatement": {"arn": f"arn:set-{number}"}} for number in range(_REFERENCES)]
_CROWDED: Final = {"name": "crowd", "priority": 90, "statement": {"orStatement": {"statements": _SETS}}}


@check("accepted-by-new-account", good=EDGE, bad=weaken(EDGE, "waf-1", "rules", [*FIREWALL_RULES, _CROWDED]))
def references_stay_within_the_quota(stack: Stack) -> Verdicts:
    """A web ACL refers to fifty sets and groups at most, each time that it names one: not one a partner."""
    for acl in stack.of_type(ACL):
        count = sum(_references(rules_of(acl)))
        yield verdict(f"{acl.urn}#rules", count <= _REFERENCES, f"{count} references, and AWS takes 50")


def _references(value: Any) -> Iterator[int]:
    """One for each statement within that refers to a set or group."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield int(name in _REFERRING and inner is not None)
            yield from _references(inner)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _references(item)
