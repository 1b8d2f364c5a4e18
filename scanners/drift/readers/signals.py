"""Who is told: SNS topics and their subscribers, SQS queues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import document, last_part, number, policy
from scanners.drift.records import Kind, Live, Part
from scanners.policy.stack import Resource


def topics(view: View) -> Iterator[Live]:
    """SNS topics."""
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


def _with_policy(type_: str, link: str) -> Any:
    """A declare function for a resource whose policy may be a resource of its own."""

    def declared_policy(declared: Declared, resource: Resource) -> Mapping[str, Any]:
        found = {**resource.inputs}
        for one in declared.parts(resource, type_, link):
            found["policy"] = one.inputs.get("policy")
        return found

    return declared_policy


def subscriptions(view: View) -> Iterator[Live]:
    """Who gets what a topic says. One that waits for its confirmation has no ARN yet."""
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


def queues(view: View) -> Iterator[Live]:
    """SQS queues."""
    for url in view.pages("sqs", "list_queues", "QueueUrls"):
        found = view.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
        yield Live(
            "aws:sqs/queue:Queue",
            found["QueueArn"],
            {
                "name": found["QueueArn"].rsplit(":", 1)[-1],
                "policy": found.get("Policy"),
                "kmsMasterKeyId": found.get("KmsMasterKeyId"),
                "sqsManagedSseEnabled": found.get("SqsManagedSseEnabled") == "true",
                "redrivePolicy": found.get("RedrivePolicy"),
                "messageRetentionSeconds": found.get("MessageRetentionPeriod"),
                "visibilityTimeoutSeconds": found.get("VisibilityTimeout"),
                "kmsDataKeyReusePeriodSeconds": found.get("KmsDataKeyReusePeriodSeconds"),
                "fifoQueue": found.get("FifoQueue") == "true",
                "tags": view.ask("sqs", "list_queue_tags", QueueUrl=url).get("Tags"),
            },
            view.region,
        )


KINDS: Final = (
    Kind(
        type="aws:sns/topic:Topic",
        service="sns",
        read=topics,
        key=by("arn"),
        declare=_with_policy("aws:sns/topicPolicy:TopicPolicy", "arn"),
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
    Kind(
        type="aws:sns/topicSubscription:TopicSubscription",
        service="sns",
        read=subscriptions,
        key=_subscription_key,
        fields=(exposure("topic"), exposure("protocol"), exposure("endpoint")),
    ),
    Kind(
        type="aws:sqs/queue:Queue",
        service="sqs",
        read=queues,
        key=by("arn"),
        declare=_with_policy("aws:sqs/queuePolicy:QueuePolicy", "queueUrl"),
        fields=(
            exposure("policy", policy, default=None),
            protection("kmsMasterKeyId", last_part, default=None),
            protection("sqsManagedSseEnabled"),
            protection("redrivePolicy", document, default=None),
            protection("messageRetentionSeconds", number, default=345600),
            setting("visibilityTimeoutSeconds", number, default=30),
            setting("kmsDataKeyReusePeriodSeconds", number),
            setting("fifoQueue", default=False),
            setting("name"),
            TAGS,
        ),
        parts=(Part("aws:sqs/queuePolicy:QueuePolicy", "queueUrl", "policy", ("policy",)),),
    ),
)
