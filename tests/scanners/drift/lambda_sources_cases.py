"""Cases: what calls functions of AWS Lambda."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.case import Case
from tests.scanners.drift.lambda_functions_cases import function_case


def source(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def read_by_the_function(account: Account, queue: str) -> str:
    account.sqs.create_queue(QueueName=queue)
    made = account.client("lambda").create_event_source_mapping(
        FunctionName="authorizer", EventSourceArn=source(queue), BatchSize=10
    )
    return str(made["UUID"])


def mapping_case(account: Account) -> list[Resource]:
    function, *parts = function_case(account)
    key = read_by_the_function(account, "work")
    inputs = {"functionName": "authorizer", "eventSourceArn": source("work"), "batchSize": 10}
    made = declare("aws:lambda/eventSourceMapping:EventSourceMapping", key, inputs, uuid=key)
    return [made, function, *parts]


CASES = {
    "event source mapping": Case(
        mapping_case,
        {
            "batchSize": lambda a, r: a.client("lambda").update_event_source_mapping(UUID=r.id, BatchSize=1),
            "destinationConfig.onSuccess": lambda a, r: a.client("lambda").update_event_source_mapping(
                UUID=r.id, DestinationConfig={"OnSuccess": {"Destination": source("leak")}}
            ),
            "functionResponseTypes": lambda a, r: a.client("lambda").update_event_source_mapping(
                UUID=r.id, FunctionResponseTypes=["ReportBatchItemFailures"]
            ),
            "enabled": lambda a, r: a.client("lambda").update_event_source_mapping(UUID=r.id, Enabled=False),
        },
        lambda a, r: a.client("lambda").delete_event_source_mapping(UUID=r.id),
        lambda a: read_by_the_function(a, "more"),
    ),
}
