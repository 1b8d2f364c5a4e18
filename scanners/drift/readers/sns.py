"""SNS topics and subscriptions (SNS API reference)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanners.drift.account import View
from scanners.drift.declared import by, with_policy
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import last_part, policy
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def topics(view: View) -> Iterator[Live]:
    """Topics with their policy and key (GetTopicAttributes)."""
    for entry in view.pages("sns", "list_topics", "Topics"):
        arn = entry["TopicArn"]
        found = view.ask("sns", "get_topic_attributes", TopicArn=arn)["Attributes"]
        yield Live(
            "aws:sns/topic:Topic",
            arn,
            {
                "name": arn.rsplit(":", 1)[-1],
                "displayName": found.get("DisplayName"),
                "policy": found.get("Policy"),
                "kmsMasterKeyId": found.get("KmsMasterKeyId"),
                "fifoTopic": found.get("FifoTopic") == "true",
                "tags": view.ask("sns", "list_tags_for_resource", ResourceArn=arn).get("Tags"),
            },
            view.region,
        )


def subscriptions(view: View) -> Iterator[Live]:
    """Subscriptions (ListSubscriptions). One that waits for confirmation has no ARN yet."""
    for found in view.pages("sns", "list_subscriptions", "Subscriptions"):
        arn = found["SubscriptionArn"]
        waiting = not arn.startswith("arn:")
        yield Live(
            "aws:sns/topicSubscription:TopicSubscription",
            f"{found['TopicArn']} {found['Protocol']} {found['Endpoint']}" if waiting else arn,
            {
                "topic": found.get("TopicArn"),
                "protocol": found.get("Protocol"),
                "endpoint": found.get("Endpoint"),
            },
            view.region,
        )


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
        fields=(exposure("topic"), exposure("protocol"), exposure("endpoint")),
    ),
)
