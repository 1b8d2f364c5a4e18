"""Amazon SQS (Simple Queue Service)."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, attributes, pascal
from infra.program_run.monitor import Created

# Pulumi's name of a queue's attribute, where SQS's own is not the same in Pascal case.
_ATTRIBUTES = {
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
    **pascal(
        "contentBasedDeduplication",
        "fifoQueue",
        "kmsMasterKeyId",
        "kmsDataKeyReusePeriodSeconds",
        "delaySeconds",
        "policy",
        "redrivePolicy",
        "redriveAllowPolicy",
        "sqsManagedSseEnabled",
    ),
}


def queue(desired: DesiredResource) -> Created:
    """CreateQueue; the id is the queue's URL."""
    name = desired.physical_name()
    url = desired.create("sqs", "CreateQueue", QueueName=name, Attributes=attributes(desired, _ATTRIBUTES))[
        "QueueUrl"
    ]
    return Created(url, {"name": name, "url": url, "arn": desired.arn("sqs", name)})


def queue_policy(desired: DesiredResource) -> Created:
    """SetQueueAttributes: Policy."""
    url = desired.take("queueUrl")
    desired.call("sqs", "SetQueueAttributes", QueueUrl=url, Attributes={"Policy": desired.take("policy")})
    return Created(url, {})


ADAPTERS: dict[str, Adapter] = {
    "aws:sqs/queue:Queue": queue,
    "aws:sqs/queuePolicy:QueuePolicy": queue_policy,
}
