"""Cases: Rules of EventBridge with their targets."""

from __future__ import annotations

import json
from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.case import Case


def event_case(account: Account) -> list[Resource]:
    pattern = json.dumps({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]})
    arn = account.events.put_rule(
        Name="findings", EventPattern=pattern, Description="Findings", Tags=[{"Key": "owner", "Value": "ops"}]
    )["RuleArn"]
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
    account.events.put_targets(Rule="findings", Targets=[{"Id": "1", "Arn": topic}])
    inputs = {
        "name": "findings",
        "description": "Findings",
        "eventPattern": pattern,
        "tags": {"owner": "ops"},
    }
    target = {"rule": "findings", "arn": topic, "targetId": "1"}
    return [
        declare("aws:cloudwatch/eventRule:EventRule", "findings", inputs, arn=arn),
        declare("aws:cloudwatch/eventTarget:EventTarget", "findings-1", target),
    ]


def divert(account: Account, resource: Resource) -> object:
    elsewhere = f"arn:aws:sns:{REGION}:{ACCOUNT}:elsewhere"
    return account.events.put_targets(Rule=resource.id, Targets=[{"Id": "1", "Arn": elsewhere}])


def aim(**more: Any) -> Any:
    target = {"Id": "1", "Arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms", **more}
    return lambda account, resource: account.events.put_targets(Rule=resource.id, Targets=[target])


def bus_case(account: Account) -> list[Resource]:
    account.events.create_event_bus(Name="partners")
    return [declare("aws:cloudwatch/eventBus:EventBus", "partners", {"name": "partners"})]


def open_bus(name: str) -> Any:
    return lambda account, *_: account.events.put_permission(
        EventBusName=name, Action="events:PutEvents", Principal="999999999999", StatementId="open"
    )


CASES = {
    "event bus": Case(
        bus_case,
        {"policy": open_bus("partners")},
        lambda a, r: a.events.delete_event_bus(Name=r.id),
        # Nobody declares the region's own bus; whoever opens it is seen.
        lambda a: open_bus("default")(a) and "default",
    ),
    "event rule": Case(
        event_case,
        {
            "state": lambda a, r: a.events.disable_rule(Name=r.id),
            "targets": divert,
            "targetInputs": lambda a, r: a.events.put_targets(
                Rule=r.id,
                Targets=[{"Id": "1", "Arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms", "Input": "{}"}],
            ),
            "targetDelivery": aim(RetryPolicy={"MaximumRetryAttempts": 0}),
            "targetParameters": aim(SqsParameters={"MessageGroupId": "other"}),
            "scheduleExpression": lambda a, r: a.events.put_rule(
                Name=r.id,
                EventPattern=r.inputs["eventPattern"],
                Description="Findings",
                ScheduleExpression="rate(1 day)",
            ),
            "tags": lambda a, r: a.events.untag_resource(ResourceARN=r.outputs["arn"], TagKeys=["owner"]),
        },
        add=lambda a: a.events.put_rule(Name="more", ScheduleExpression="rate(1 day)") and "more",
    ),
}
