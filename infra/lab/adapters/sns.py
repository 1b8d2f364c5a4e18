"""Amazon SNS (Simple Notification Service)."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, attributes, pascal
from infra.program_run.monitor import Created

_TOPIC_ATTRIBUTES = pascal(
    "displayName",
    "kmsMasterKeyId",
    "policy",
    "deliveryPolicy",
    "signatureVersion",
    "tracingConfig",
    "fifoTopic",
    "contentBasedDeduplication",
)


def topic(desired: DesiredResource) -> Created:
    """CreateTopic."""
    name = desired.physical_name()
    arn = desired.create("sns", "CreateTopic", Name=name, Attributes=attributes(desired, _TOPIC_ATTRIBUTES))[
        "TopicArn"
    ]
    return Created(arn, {"name": name, "arn": arn})


def topic_policy(desired: DesiredResource) -> Created:
    """SetTopicAttributes: Policy."""
    arn = desired.take("arn")
    desired.call(
        "sns",
        "SetTopicAttributes",
        TopicArn=arn,
        AttributeName="Policy",
        AttributeValue=desired.take("policy"),
    )
    return Created(arn, {})


_SUBSCRIPTION_ATTRIBUTES = pascal(
    "deliveryPolicy",
    "filterPolicy",
    "filterPolicyScope",
    "rawMessageDelivery",
    "redrivePolicy",
    "subscriptionRoleArn",
)


def subscription(desired: DesiredResource) -> Created:
    """Subscribe. Nobody confirms it in the emulator."""
    desired.pick("confirmationTimeoutInMinutes", "endpointAutoConfirms")
    arn = desired.create(
        "sns",
        "Subscribe",
        {"topic": "TopicArn"},
        Attributes=attributes(desired, _SUBSCRIPTION_ATTRIBUTES),
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return Created(arn, {"arn": arn})


ADAPTERS: dict[str, Adapter] = {
    "aws:sns/topic:Topic": topic,
    "aws:sns/topicPolicy:TopicPolicy": topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": subscription,
}
