"""SQS queues (SQS API reference, GetQueueAttributes)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import by, with_policy
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import document, last_part, number, policy
from scanners.drift.records import Live, Part, ResourceReader


def queues(view: View) -> Iterator[Live]:
    """Queues with their policy and key (GetQueueAttributes). Times are in seconds."""
    for url in view.pages("sqs", "list_queues", "QueueUrls"):
        yield Live("aws:sqs/queue:Queue", _arn(view, url), partial(_queue, view, url), view.region)


def _arn(view: View, url: str) -> str:
    """The ARN of a queue, by the account and the name that its address ends with."""
    account, name = url.split("/")[-2:]
    return f"arn:{view.partition}:sqs:{view.region}:{account}:{name}"


def _queue(view: View, url: str) -> Mapping[str, Any]:
    found = view.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {
        "name": url.rsplit("/", 1)[-1],
        "policy": found.get("Policy"),
        "kmsMasterKeyId": found.get("KmsMasterKeyId"),
        "sqsManagedSseEnabled": found.get("SqsManagedSseEnabled") == "true",
        "redrivePolicy": found.get("RedrivePolicy"),
        "messageRetentionSeconds": found.get("MessageRetentionPeriod"),
        "visibilityTimeoutSeconds": found.get("VisibilityTimeout"),
        "kmsDataKeyReusePeriodSeconds": found.get("KmsDataKeyReusePeriodSeconds"),
        "fifoQueue": found.get("FifoQueue") == "true",
        "tags": view.tags(_arn(view, url), "sqs", "list_queue_tags", "Tags", QueueUrl=url),
    }


READERS: Final = (
    ResourceReader(
        type="aws:sqs/queue:Queue",
        service="sqs",
        read=queues,
        key=by("arn"),
        declare=with_policy("aws:sqs/queuePolicy:QueuePolicy", "queueUrl"),
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
