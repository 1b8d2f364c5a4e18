"""Checks of the topics: TLS, and whether anybody has subscribed."""

from __future__ import annotations

from hardening.checks import Verdicts, check
from scanners.policy.checks.policies import plaintext_verdict, policies_of
from scanners.policy.checks.reading import attached, points_at, read, verdict
from scanners.policy.samples.data import policy, refuse_plaintext
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import weaken, without
from scanners.policy.stack import Stack

TOPIC = "aws:sns/topic:Topic"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
_TRAIL = "aws:cloudtrail/trail:Trail"
_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
_TARGET = "aws:cloudwatch/eventTarget:EventTarget"

_OTHERS = policy(refuse_plaintext("sns:Publish", "arn:topic-others"))


@check("storage-refuses-plaintext", good=AUDIT, bad=weaken(AUDIT, "topic-policy-alarms", "policy", _OTHERS))
def topics_refuse_plaintext(stack: Stack) -> Verdicts:
    """`sns:Publish` is what carries data to a topic (SNS, enforcing encryption of data in transit)."""
    for topic in stack.of_type(TOPIC):
        rules = policies_of(attached(stack, topic, "aws:sns/topicPolicy:TopicPolicy", "arn"))
        yield plaintext_verdict(topic, rules, "sns:Publish", [str(topic.outputs.get("arn") or "")])


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
