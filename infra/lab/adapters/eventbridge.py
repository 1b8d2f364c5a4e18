"""Amazon EventBridge."""

from __future__ import annotations

from typing import Any

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, Row, table
from infra.program_run.monitor import Created


def event_rule(desired: DesiredResource) -> Created:
    """PutRule."""
    name = desired.physical_name()
    desired.take("forceDestroy")
    arn = desired.create("events", "PutRule", Name=name)["RuleArn"]
    return Created(name, {"name": name, "arn": arn})


def event_target(desired: DesiredResource) -> Created:
    """PutTargets, with one target."""
    rule = desired.take("rule")
    bus = desired.pick("eventBusName")
    identifier = desired.take("targetId") or desired.physical_name("targetId")
    desired.take("forceDestroy")
    target: dict[str, Any] = {"id": identifier, **desired.left}
    desired.left = {}
    desired.call("events", "PutTargets", {"targets": [target], **bus}, Rule=rule)
    return Created(f"{rule}-{identifier}", {"targetId": identifier})


ADAPTERS: dict[str, Adapter] = {
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
