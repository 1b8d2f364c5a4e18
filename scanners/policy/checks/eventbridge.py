"""Checks of EventBridge: what detection finds matches a rule, whose target is our topic and can use its key.

Source: EventBridge User Guide, "Comparison operators for use in event patterns".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.guardduty import DETECTOR
from scanners.policy.checks.policies import policy_at
from scanners.policy.checks.reading import document, points_at, read, verdict
from scanners.policy.checks.sns import TOPIC
from scanners.policy.iam.policy import Statement
from scanners.policy.samples.observability import AUDIT, events_use
from scanners.policy.samples.sample_stack import ABSENT, weaken, without
from scanners.policy.stack import Resource, Stack

RULE: Final = "aws:cloudwatch/eventRule:EventRule"
TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"
_HUB: Final = "aws:securityhub/account:Account"

_THREAT: Final[Mapping[str, Any]] = {
    "source": "aws.guardduty",
    "detail-type": "GuardDuty Finding",
    "detail": {"severity": 7},
}
_POSTURE: Final[Mapping[str, Any]] = {
    "source": "aws.securityhub",
    "detail-type": "Security Hub Findings - Imported",
    "detail": {"findings": [{"Severity": {"Label": "CRITICAL"}, "Workflow": {"Status": "NEW"}}]},
}
_EXPIRY: Final[Mapping[str, Any]] = {
    "source": "aws.acm",
    "detail-type": "ACM Certificate Approaching Expiration",
    "detail": {"DaysToExpiry": 31, "CommonName": "ocpi.example"},
}
_ORDER: Final = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    "=": lambda one, other: one == other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


def matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Whether an event pattern matches. An operator that we do not know raises LookupError."""
    if isinstance(event, list):
        return any(matches(pattern, item) for item in event)
    return all(_member(wanted, event, name) for name, wanted in pattern.items())


def _member(wanted: Any, event: Any, name: str) -> bool:
    found = event.get(name) if isinstance(event, Mapping) else None
    if isinstance(wanted, Mapping):
        return found is not None and matches(wanted, found)
    return any(_value(one, found) for one in wanted)


def _value(wanted: Any, found: Any) -> bool:
    if found is None:  # a value that is not there matches none of these
        return False
    if not isinstance(wanted, Mapping):
        return bool(wanted == found)
    if "numeric" in wanted:
        steps = wanted["numeric"]
        pairs = zip(steps[::2], steps[1::2], strict=True)
        return isinstance(found, int | float) and all(_ORDER[sign](found, limit) for sign, limit in pairs)
    if "prefix" in wanted:
        return str(found).startswith(str(wanted["prefix"]))
    if "anything-but" in wanted and not isinstance(wanted["anything-but"], Mapping):
        others = wanted["anything-but"]
        return found not in (others if isinstance(others, list) else [others])
    raise LookupError(f"unknown operator {', '.join(wanted)}")


def told(stack: Stack, event: Mapping[str, Any]) -> bool:
    """Whether a rule that is on matches the event, and leads to our topic. Raises Unverifiable."""
    return any(_matches(rule, event) and _reaches_people(stack, rule) for rule in stack.of_type(RULE))


def _matches(rule: Resource, event: Mapping[str, Any]) -> bool:
    try:
        return matches(document(rule, "eventPattern") or {"none": ["none"]}, event)
    except (LookupError, TypeError, AttributeError):
        raise Unverifiable(f"{rule.urn}#eventPattern", "the event pattern cannot be read") from None


def _reaches_people(stack: Stack, rule: Resource) -> bool:
    targets = [target for target in stack.of_type(TARGET) if points_at(target, "rule", rule)]
    led = any(points_at(target, "arn", topic) for target in targets for topic in stack.of_type(TOPIC))
    # AWS's own events come on the default bus alone.
    default = read(rule, "eventBusName") in (None, "default")
    return (
        led and default and read(rule, "state") in (None, "ENABLED") and read(rule, "isEnabled") is not False
    )


def _pattern(**more: Any) -> str:
    return json.dumps({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], **more})


_RULE: Final = "rule-threats"


@check(
    "threats-watched",
    good=AUDIT,
    bad={
        "switched off": weaken(AUDIT, _RULE, "state", "DISABLED"),
        "too high": weaken(
            AUDIT, _RULE, "eventPattern", _pattern(detail={"severity": [{"numeric": [">=", 9]}]})
        ),
        "another source": weaken(AUDIT, _RULE, "eventPattern", '{"source": ["aws.health"]}'),
        "all but findings": weaken(
            AUDIT, _RULE, "eventPattern", '{"detail-type": [{"anything-but": "GuardDuty Finding"}]}'
        ),
        "all but these": weaken(
            AUDIT, _RULE, "eventPattern", '{"detail-type": [{"anything-but": ["GuardDuty Finding"]}]}'
        ),
        "no pattern": weaken(AUDIT, _RULE, "eventPattern", ABSENT),
        "deeper than the event": weaken(
            AUDIT, _RULE, "eventPattern", _pattern(detail={"severity": {"label": ["HIGH"]}})
        ),
        "no target": without(AUDIT, "target-threats"),
        "a foreign topic": weaken(AUDIT, "target-threats", "arn", "arn:elsewhere"),
        "no rule for posture": without(AUDIT, "rule-posture"),
    },
    also_good={
        "state unwritten": weaken(AUDIT, _RULE, "state", ABSENT),
        "a prefix": weaken(AUDIT, _RULE, "eventPattern", '{"source": [{"prefix": "aws.guard"}]}'),
    },
    unverifiable={
        "an operator": weaken(AUDIT, _RULE, "eventPattern", '{"source": [{"wildcard": "*"}]}'),
        "an order": weaken(
            AUDIT, _RULE, "eventPattern", _pattern(detail={"severity": [{"numeric": ["~", 9]}]})
        ),
    },
)
def findings_are_told_to_people(stack: Stack) -> Verdicts:
    """A grave finding of GuardDuty and of Security Hub reaches our topic over an event rule."""
    for kind, event in ((DETECTOR, _THREAT), (_HUB, _POSTURE)):
        for each in stack.of_type(kind):
            yield verdict(each.urn, told(stack, event), "nobody is told of what it finds")


@check(
    "certificate-expiry-alarmed",
    good=AUDIT,
    bad={
        "no rule": without(AUDIT, "rule-expiry", "target-expiry"),
        "matches nothing": weaken(AUDIT, "rule-expiry", "eventPattern", '{"source": ["nothing"]}'),
    },
)
def expiring_certificates_are_told_to_people(stack: Stack) -> Verdicts:
    """ACM's own notice, which comes for certificates that it could not renew (ACM, EventBridge events)."""
    if stack.of_type(RULE):
        for certificate in stack.of_type("aws:acm/certificate:Certificate"):
            yield verdict(
                certificate.urn, told(stack, _EXPIRY), "nobody is told that it could not be renewed"
            )


@check(
    "threats-watched",
    good=AUDIT,
    bad={
        "switched off": weaken(AUDIT, _RULE, "state", "DISABLED"),
        "no target": without(AUDIT, "target-posture"),
        "a foreign topic": weaken(AUDIT, "target-posture", "arn", "arn:elsewhere"),
    },
)
def event_rules_reach_people(stack: Stack) -> Verdicts:
    """Each event rule is on, and has our topic as a target."""
    for rule in stack.of_type(RULE):
        yield verdict(rule.urn, _reaches_people(stack, rule), "it is off, or no target of it is our topic")
    for target in stack.of_type(TARGET):
        known = any(points_at(target, "rule", rule) for rule in stack.of_type(RULE))
        yield verdict(target.urn, known, "its rule is not in this stack")


EVENTS: Final = "events.amazonaws.com"
_USE: Final = ("kms:GenerateDataKey", "kms:Decrypt")
# EventBridge sends none of these to an encrypted topic.
_NOT_SENT: Final = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceowner")
_CONFUSED = events_use(StringEquals={"aws:SourceAccount": "111122223333"})


@check("findings-delivered", good=AUDIT, bad=weaken(AUDIT, "kms-messages", "policy", _CONFUSED))
def event_rules_can_use_the_topics_key(stack: Stack) -> Verdicts:
    """The key's policy admits EventBridge, without a condition on what EventBridge does not send."""
    for target in stack.of_type(TARGET):
        for topic in stack.of_type(TOPIC):
            if points_at(target, "arn", topic):
                keys = [k for k in stack.of_type("aws:kms/key:Key") if points_at(topic, "kmsMasterKeyId", k)]
                admitted = all(_admits_events(key) for key in keys)
                yield verdict(target.urn, admitted, "EventBridge may not use the key of the topic")


def _admits_events(key: Resource) -> bool:
    allowing = [s for s in policy_at(key, "policy").allowing if _for_events(s)]
    return all(any(s.covers(action, "*") for s in allowing) for action in _USE)


def _for_events(statement: Statement) -> bool:
    named = EVENTS in statement.principals.of_type("Service")
    return named and not any(condition.key in _NOT_SENT for condition in statement.conditions)
