"""Amazon SQS, SNS and EventBridge."""

from __future__ import annotations

import json
from typing import Any

from infra.lab.adapters.wanted import Adapter, Row, Wanted, table
from infra.lab.monitor import Created


def queue_policy(wanted: Wanted) -> Created:
    url = wanted.take("queueUrl")
    wanted.call("sqs", "SetQueueAttributes", QueueUrl=url, Attributes={"Policy": wanted.take("policy")})
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


def queue(wanted: Wanted) -> Created:
    name = wanted.physical_name()
    attributes = {
        _QUEUE_NAMES.get(key, key[0].upper() + key[1:]): json.dumps(value)
        if not isinstance(value, str)
        else value
        for key, value in wanted.pick(*_QUEUE_ATTRIBUTES).items()
    }
    url = wanted.create("sqs", "CreateQueue", QueueName=name, Attributes=attributes)["QueueUrl"]
    return Created(url, {"name": name, "url": url, "arn": wanted.arn("sqs", name)})


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


def topic(wanted: Wanted) -> Created:
    name = wanted.physical_name()
    attributes = {
        key[0].upper() + key[1:]: value if isinstance(value, str) else json.dumps(value)
        for key, value in wanted.pick(*_TOPIC_ATTRIBUTES).items()
    }
    arn = wanted.create("sns", "CreateTopic", Name=name, Attributes=attributes)["TopicArn"]
    return Created(arn, {"name": name, "arn": arn})


def topic_policy(wanted: Wanted) -> Created:
    arn = wanted.take("arn")
    wanted.call(
        "sns",
        "SetTopicAttributes",
        TopicArn=arn,
        AttributeName="Policy",
        AttributeValue=wanted.take("policy"),
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


def subscription(wanted: Wanted) -> Created:
    attributes = {
        key[0].upper() + key[1:]: value if isinstance(value, str) else json.dumps(value)
        for key, value in wanted.pick(*_SUBSCRIPTION_ATTRIBUTES).items()
    }
    wanted.pick("confirmationTimeoutInMinutes", "endpointAutoConfirms")
    arn = wanted.create(
        "sns",
        "Subscribe",
        {"topic": "TopicArn"},
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return Created(arn, {"arn": arn})


def event_rule(wanted: Wanted) -> Created:
    name = wanted.physical_name()
    wanted.take("forceDestroy")
    arn = wanted.create("events", "PutRule", Name=name)["RuleArn"]
    return Created(name, {"name": name, "arn": arn})


def event_target(wanted: Wanted) -> Created:
    rule = wanted.take("rule")
    bus = wanted.pick("eventBusName")
    identifier = wanted.take("targetId") or wanted.physical_name("targetId")
    wanted.take("forceDestroy")
    target: dict[str, Any] = {"id": identifier, **wanted.left}
    wanted.left = {}
    wanted.call("events", "PutTargets", {"targets": [target], **bus}, Rule=rule)
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
