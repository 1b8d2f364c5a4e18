"""Rules of EventBridge with their targets (EventBridge API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, by
from scanners.drift.fields import TAGS, protection, setting
from scanners.drift.normalize import document, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def event_rules(view: View) -> Iterator[Live]:
    """Rules of the default event bus with their targets (ListRules, ListTargetsByRule)."""
    for rule in view.pages("events", "list_rules", "Rules"):
        aimed = view.pages("events", "list_targets_by_rule", "Targets", Rule=rule["Name"])
        yield Live(
            "aws:cloudwatch/eventRule:EventRule",
            rule["Name"],
            {
                "name": rule["Name"],
                "description": rule.get("Description"),
                "eventPattern": rule.get("EventPattern"),
                "scheduleExpression": rule.get("ScheduleExpression"),
                "state": rule.get("State"),
                "managedBy": rule.get("ManagedBy"),
                "targets": [f"{each['Arn']}{_role(each.get('RoleArn'))}" for each in aimed],
                "tags": view.ask("events", "list_tags_for_resource", ResourceARN=rule["Arn"]).get("Tags"),
            },
            view.region,
        )


def _role(arn: Any) -> str:
    return f" as {arn}" if arn else ""


def _declared_rule(declared: Declared, rule: Resource) -> Mapping[str, Any]:
    targets = declared.parts(rule, "aws:cloudwatch/eventTarget:EventTarget", "rule")
    disabled = rule.inputs.get("isEnabled") is False
    return {
        "state": "DISABLED" if disabled else None,
        **rule.inputs,
        "targets": [f"{one.inputs.get('arn')}{_role(one.inputs.get('roleArn'))}" for one in targets],
    }


READERS: Final = (
    ResourceReader(
        type="aws:cloudwatch/eventRule:EventRule",
        service="events",
        read=event_rules,
        key=by("name"),
        declare=_declared_rule,
        fields=(
            protection("state", default="ENABLED"),
            protection("eventPattern", document),
            protection("scheduleExpression"),
            protection("targets", unordered, default=()),
            setting("description"),
            setting("name"),
            TAGS,
        ),
        parts=(Part("aws:cloudwatch/eventTarget:EventTarget", "rule", "targets", ("arn", "roleArn")),),
    ),
)
