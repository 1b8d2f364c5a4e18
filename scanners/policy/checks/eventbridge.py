"""Checks of EventBridge: whether what its rules find can reach the topics they send it to."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.policies import policy_at
from scanners.policy.checks.reading import points_at, verdict
from scanners.policy.checks.sns import TOPIC
from scanners.policy.iam_policy import Statement
from scanners.policy.samples.observability import AUDIT, events_use
from scanners.policy.samples.sample_stack import weaken
from scanners.policy.stack import Resource, Stack

TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"
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
    principals = statement.principals
    named = principals is not None and EVENTS in principals.of_type("Service")
    return named and not any(condition.key in _NOT_SENT for condition in statement.conditions)
