"""Checks of the topics: TLS, and whether anybody has subscribed."""

from __future__ import annotations

from hardening.checks import Verdicts, check
from scanners.policy.checks.policies import plaintext_verdict, policies_of
from scanners.policy.checks.reading import attached, verdict
from scanners.policy.samples.data import policy, refuse_plaintext
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import weaken, without
from scanners.policy.stack import Stack

TOPIC = "aws:sns/topic:Topic"

_OTHERS = policy(refuse_plaintext("sns:Publish", "arn:topic-others"))


@check("storage-refuses-plaintext", good=AUDIT, bad=weaken(AUDIT, "topic-policy", "policy", _OTHERS))
def topics_refuse_plaintext(stack: Stack) -> Verdicts:
    """`sns:Publish` is what carries data to a topic (SNS, enforcing encryption of data in transit)."""
    for topic in stack.of_type(TOPIC):
        rules = policies_of(attached(stack, topic, "aws:sns/topicPolicy:TopicPolicy", "arn"))
        yield plaintext_verdict(topic, rules, "sns:Publish", [str(topic.outputs.get("arn") or "")])


@check("alarms-reach-people", good=AUDIT, bad=without(AUDIT, "topic-mail"))
def topics_have_subscribers(stack: Stack) -> Verdicts:
    """Each topic has a subscription."""
    for topic in stack.of_type(TOPIC):
        heard = attached(stack, topic, "aws:sns/topicSubscription:TopicSubscription", "topic")
        yield verdict(topic.urn, bool(heard), "nobody has subscribed to the topic")
