"""Cases: SQS queues."""

from __future__ import annotations

from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.case import Case, allow
from tests.scanners.drift.kms_cases import key_case


def queue_case(account: Account) -> list[Resource]:
    key = key_case(account)[0]
    policy = allow({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
    url = account.sqs.create_queue(
        QueueName="failures",
        Attributes={"KmsMasterKeyId": key.id, "Policy": policy, "MessageRetentionPeriod": "1209600"},
        tags={"owner": "ops"},
    )["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:failures"
    inputs = {
        "name": "failures",
        "kmsMasterKeyId": key.id,
        "messageRetentionSeconds": 1209600.0,
        "tags": {"owner": "ops"},
    }
    return [
        declare("aws:sqs/queue:Queue", url, inputs, arn=arn, url=url),
        declare("aws:sqs/queuePolicy:QueuePolicy", url, {"queueUrl": url, "policy": policy}),
        key,
    ]


def set_queue(name: str, value: str) -> Any:
    return lambda a, r: a.sqs.set_queue_attributes(QueueUrl=r.id, Attributes={name: value})


CASES = {
    "queue": Case(
        queue_case,
        {
            "policy": set_queue("Policy", allow("*", "sqs:*")),
            "tags": lambda a, r: a.sqs.untag_queue(QueueUrl=r.id, TagKeys=["owner"]),
        },
        lambda a, r: a.sqs.delete_queue(QueueUrl=r.id),
    ),
}
