"""Amazon SQS, SNS and EventBridge."""

from __future__ import annotations

import json
from typing import Any

from infra.lab.adapters.desired import Adapter, DesiredResource, Row, table
from infra.lab.monitor import Created


def queue_policy(desired: DesiredResource) -> Created:
    url = desired.take("queueUrl")
    desired.call("sqs", "SetQueueAttributes", QueueUrl=url, Attributes={"Policy": desired.take("policy")})
    return Created(url, {})


# Pulumi's name of a queue's attribute, where SQS's own is not the same in Pascal case.
_QUEUE_NAMES = {
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}
_QUEUE_ATTRIBUTES = (
    *_QUEUE_NAMES,
    "contentBasedDeduplication",
    "fifoQueue",
    "kmsMasterKeyId",
    "kmsDataKeyReusePeriodSeconds",
    "delaySeconds",
    "policy",
    "redrivePolicy",
    "redriveAllowPolicy",
    "sqsManagedSseEnabled",
)


def queue(desired: DesiredResource) -> Created:
    name = desired.physical_name()
    attributes = {
        _QUEUE_NAMES.get(key, key[0].upper() + key[1:]): json.dumps(value)
        if not isinstance(value, str)
        else value
        for key, value in desired.pick(*_QUEUE_ATTRIBUTES).items()
    }
    url = desired.create("sqs", "CreateQueue", QueueName=name, Attributes=attributes)["QueueUrl"]
    return Created(url, {"name": name, "url": url, "arn": desired.arn("sqs", name)})


_TOPIC_ATTRIBUTES = (
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
    name = desired.physical_name()
    attributes = {
        key[0].upper() + key[1:]: value if isinstance(value, str) else json.dumps(value)
        for key, value in desired.pick(*_TOPIC_ATTRIBUTES).items()
    }
    arn = desired.create("sns", "CreateTopic", Name=name, Attributes=attributes)["TopicArn"]
    return Created(arn, {"name": name, "arn": arn})


def topic_policy(desired: DesiredResource) -> Created:
    arn = desired.take("arn")
    desired.call(
        "sns",
        "SetTopicAttributes",
        TopicArn=arn,
        AttributeName="Policy",
        AttributeValue=desired.take("policy"),
    )
    return Created(arn, {})


_SUBSCRIPTION_ATTRIBUTES = (
    "deliveryPolicy",
    "filterPolicy",
    "filterPolicyScope",
    "rawMessageDelivery",
    "redrivePolicy",
    "subscriptionRoleArn",
)


def subscription(desired: DesiredResource) -> Created:
    attributes = {
        key[0].upper() + key[1:]: value if isinstance(value, str) else json.dumps(value)
        for key, value in desired.pick(*_SUBSCRIPTION_ATTRIBUTES).items()
    }
    desired.pick("confirmationTimeoutInMinutes", "endpointAutoConfirms")
    arn = desired.create(
        "sns",
        "Subscribe",
        {"topic": "TopicArn"},
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return Created(arn, {"arn": arn})


def event_rule(desired: DesiredResource) -> Created:
    name = desired.physical_name()
    desired.take("forceDestroy")
    arn = desired.create("events", "PutRule", Name=name)["RuleArn"]
    return Created(name, {"name": name, "arn": arn})


def event_target(desired: DesiredResource) -> Created:
    rule = desired.take("rule")
    bus = desired.pick("eventBusName")
    identifier = desired.take("targetId") or desired.physical_name("targetId")
    desired.take("forceDestroy")
    target: dict[str, Any] = {"id": identifier, **desired.left}
    desired.left = {}
    desired.call("events", "PutTargets", {"targets": [target], **bus}, Rule=rule)
    return Created(f"{rule}-{identifier}", {"targetId": identifier})


ADAPTERS: dict[str, Adapter] = {
    "aws:sqs/queue:Queue": queue,
    "aws:sqs/queuePolicy:QueuePolicy": queue_policy,
    "aws:sns/topic:Topic": topic,
    "aws:sns/topicPolicy:TopicPolicy": topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": subscription,
    "aws:cloudwatch/eventRule:EventRule": event_rule,
    "aws:cloudwatch/eventTarget:EventTarget": event_target,
} | table(
    [
        Row(
            type="aws:cloudwatch/eventBus:EventBus",
            service="events",
            operation="CreateEventBus",
            named="name",
            id="=name",
            outputs={"arn": "EventBusArn"},
        ),
    ]
)
