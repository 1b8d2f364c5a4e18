"""SNS topics and subscriptions (SNS API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import by, with_policy
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import document, last_part, policy
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def topics(view: View) -> Iterator[Live]:
    """Topics with their policy and key (ListTopics, GetTopicAttributes)."""
    for entry in view.pages("sns", "list_topics", "Topics"):
        arn = entry["TopicArn"]
        yield Live("aws:sns/topic:Topic", arn, partial(_topic, view, arn), view.region)


def _topic(view: View, arn: str) -> Mapping[str, Any]:
    found = view.ask("sns", "get_topic_attributes", TopicArn=arn)["Attributes"]
    return {
        "name": arn.rsplit(":", 1)[-1],
        "displayName": found.get("DisplayName"),
        "policy": found.get("Policy"),
        "kmsMasterKeyId": found.get("KmsMasterKeyId"),
        "fifoTopic": found.get("FifoTopic") == "true",
        "tags": view.tags(arn, "sns", "list_tags_for_resource", "Tags", ResourceArn=arn),
    }


def subscriptions(view: View) -> Iterator[Live]:
    """Subscriptions with what they leave out (ListSubscriptions, GetSubscriptionAttributes).

    One that waits for confirmation has no ARN yet, and no attributes.
    """
    for found in view.pages("sns", "list_subscriptions", "Subscriptions"):
        arn = found["SubscriptionArn"]
        waiting = not arn.startswith("arn:")
        attributes = {} if waiting else _attributes(view, arn)
        yield Live(
            "aws:sns/topicSubscription:TopicSubscription",
            f"{found['TopicArn']} {found['Protocol']} {found['Endpoint']}" if waiting else arn,
            {
                "topic": found.get("TopicArn"),
                "protocol": found.get("Protocol"),
                "endpoint": found.get("Endpoint"),
                **attributes,
            },
            view.region,
        )


def _attributes(view: View, arn: str) -> Mapping[str, Any]:
    return {name: partial(_attribute, view, arn, name) for name in _ATTRIBUTES}


def _attribute(view: View, arn: str, name: str) -> Any:
    found = view.ask("sns", "get_subscription_attributes", SubscriptionArn=arn)["Attributes"]
    value = found.get(f"{name[0].upper()}{name[1:]}")
    return value == "true" if value in ("true", "false") else value


_ATTRIBUTES: Final = ("filterPolicy", "filterPolicyScope", "rawMessageDelivery", "redrivePolicy")


def _subscription_key(resource: Resource) -> str:
    arn = str(by("arn")(resource))
    if arn.startswith("arn:") and resource.outputs.get("pendingConfirmation") is not True:
        return arn
    inputs = resource.inputs
    return f"{inputs.get('topic')} {inputs.get('protocol')} {inputs.get('endpoint')}"


READERS: Final = (
    ResourceReader(
        type="aws:sns/topic:Topic",
        service="sns",
        read=topics,
        key=by("arn"),
        declare=with_policy("aws:sns/topicPolicy:TopicPolicy", "arn"),
        fields=(
            exposure("policy", policy),
            protection("kmsMasterKeyId", last_part, default=None),
            setting("fifoTopic", default=False),
            setting("displayName"),
            setting("name"),
            TAGS,
        ),
        parts=(Part("aws:sns/topicPolicy:TopicPolicy", "arn", "policy", ("policy",)),),
    ),
    ResourceReader(
        type="aws:sns/topicSubscription:TopicSubscription",
        service="sns",
        read=subscriptions,
        key=_subscription_key,
        fields=(
            exposure("topic"),
            exposure("protocol"),
            exposure("endpoint"),
            # It decides which alarms nobody hears.
            protection("filterPolicy", document, default=None),
            protection("filterPolicyScope"),
            setting("rawMessageDelivery", default=False),
            setting("redrivePolicy", document, default=None),
        ),
    ),
)
