"""Checks of the topics: TLS, who may publish, and whether anybody has subscribed."""

from __future__ import annotations

import json
from typing import Any

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.policies import plaintext_verdict, policies_of
from scanners.policy.checks.reading import attached, points_at, read, verdict
from scanners.policy.iam.policy import Statement
from scanners.policy.samples.data import policy, refuse_plaintext
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import weaken, without
from scanners.policy.stack import Resource, Stack

TOPIC = "aws:sns/topic:Topic"
_POLICY = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
_TRAIL = "aws:cloudtrail/trail:Trail"
_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
_TARGET = "aws:cloudwatch/eventTarget:EventTarget"

_OTHERS = policy(refuse_plaintext("sns:Publish", "arn:topic-others"))


@check("storage-refuses-plaintext", good=AUDIT, bad=weaken(AUDIT, "topic-policy-alarms", "policy", _OTHERS))
def topics_refuse_plaintext(stack: Stack) -> Verdicts:
    """`sns:Publish` is what carries data to a topic (SNS, enforcing encryption of data in transit)."""
    for topic in stack.of_type(TOPIC):
        rules = policies_of(attached(stack, topic, _POLICY, "arn"))
        yield plaintext_verdict(topic, rules, "sns:Publish", [str(topic.outputs.get("arn") or "")])


def _publishing(edit: str, **more: Any) -> Stack:
    """The sample, in which the statement for the service `edit` has other members."""
    (rules,) = (r for r in AUDIT.resources if r.name == "topic-policy-alarms")
    written = json.loads(rules.inputs["policy"])
    for statement in written["Statement"]:
        if edit in str(statement["Principal"]):
            statement.update(more)
    return weaken(AUDIT, "topic-policy-alarms", "policy", json.dumps(written))


_BY_OUR_RULES = {"ArnLike": {"aws:SourceArn": "arn:aws:events:eu-central-1:111122223333:rule/rampart-*"}}


@check(
    "findings-delivered",
    good=AUDIT,
    bad={
        "no policy": without(AUDIT, "topic-policy-alarms"),
        "under a condition": _publishing("events", Condition=_BY_OUR_RULES),
        "another service": _publishing("events", Principal={"Service": "cloudwatch.amazonaws.com"}),
        "another action": _publishing("events", Action="sns:Subscribe"),
        "another topic": _publishing("events", Resource="arn:topic-files"),
    },
)
def event_rules_may_publish(stack: Stack) -> Verdicts:
    """The topic's policy lets EventBridge publish, under no condition (its User Guide, SNS permissions)."""
    for topic in stack.of_type(TOPIC):
        if any(points_at(target, "arn", topic) for target in stack.of_type(_TARGET)):
            admitted = [s for s in _publishers(stack, topic, "events") if not s.conditions]
            yield verdict(topic.urn, bool(admitted), "EventBridge may not publish, or under a condition")


@check(
    "alarms-reach-people",
    good=AUDIT,
    bad=_publishing("cloudwatch", Principal={"Service": "events.amazonaws.com"}),
)
def alarms_may_publish(stack: Stack) -> Verdicts:
    """The policy of each topic that alarms send to lets CloudWatch publish."""
    for topic in stack.of_type(TOPIC):
        if any(points_at(alarm, "alarmActions", topic) for alarm in stack.of_type(_ALARM)):
            admitted = _publishers(stack, topic, "cloudwatch")
            yield verdict(topic.urn, bool(admitted), "CloudWatch may not publish to it")


def _publishers(stack: Stack, topic: Resource, service: str) -> list[Statement]:
    """What allows this AWS service to publish to the topic."""
    rules = policies_of(attached(stack, topic, _POLICY, "arn"))
    arn = topic.outputs.get("arn")
    if arn is None:
        raise Unverifiable(topic.urn, "its ARN is not known, so its policy cannot be judged")
    return [
        rule
        for rule in rules.allowing
        if f"{service}.amazonaws.com" in rule.principals.of_type("Service")
        and rule.covers("sns:Publish", arn)
    ]


@check("alarms-reach-people", good=AUDIT, bad=without(AUDIT, "topic-mail"))
def topics_have_subscribers(stack: Stack) -> Verdicts:
    """Each topic that alarms or event rules send to has a subscription."""
    alarms, targets = stack.of_type(_ALARM), stack.of_type(_TARGET)
    for topic in stack.of_type(TOPIC):
        alarmed = any(points_at(a, name, topic) for a in alarms for name in ("alarmActions", "okActions"))
        if alarmed or any(points_at(target, "arn", topic) for target in targets):
            heard = attached(stack, topic, SUBSCRIPTION, "topic")
            yield verdict(topic.urn, bool(heard), "nobody has subscribed to the topic")


_ALARM_TOPIC = weaken(AUDIT, "trail-1", "snsTopicName", "topic-alarms")


@check("mail-is-for-alarms", good=AUDIT, bad=_ALARM_TOPIC)
def notices_of_files_reach_nobody_by_mail(stack: Stack) -> Verdicts:
    """A trail publishes once for every file, so nobody has mail or messages from its topic."""
    for trail in stack.of_type(_TRAIL):
        for topic in stack.of_type(TOPIC):
            if points_at(trail, "snsTopicName", topic):
                heard = attached(stack, topic, SUBSCRIPTION, "topic")
                people = any(read(each, "protocol") in ("email", "email-json", "sms") for each in heard)
                yield verdict(
                    f"{trail.urn}#snsTopicName", not people, "people get a message for every file delivered"
                )


@check("storage-refuses-plaintext", good=AUDIT, bad=weaken(AUDIT, "topic-mail", "protocol", "http"))
def subscriptions_are_encrypted(stack: Stack) -> Verdicts:
    """SNS delivers to an `http` endpoint in clear."""
    for each in stack.of_type(SUBSCRIPTION):
        protocol = read(each, "protocol")
        encrypted = isinstance(protocol, str) and protocol != "http"
        yield verdict(f"{each.urn}#protocol", encrypted, "it is delivered in clear")
