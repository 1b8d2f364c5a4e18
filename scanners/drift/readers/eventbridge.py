"""Event buses of EventBridge, and their rules with targets (EventBridge API reference)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, by, with_policy
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import document, dump, policy, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def event_buses(view: View) -> Iterator[Live]:
    """Event buses with who else may use them (ListEventBuses). Each region has one named `default`."""
    for bus in view.pages("events", "list_event_buses", "EventBuses"):
        shared = bus.get("Policy")
        facts = {
            "name": bus["Name"],
            "policy": shared,
            "ofTheRegion": bus["Name"] == "default" and not shared,
        }
        facts["about"] = f"which others may use: {shared}" if shared else ""
        yield Live(_BUS, bus["Name"], facts, view.region)


def event_rules(view: View) -> Iterator[Live]:
    """Rules of every event bus with their targets (ListRules, ListTargetsByRule)."""
    for bus in view.pages("events", "list_event_buses", "EventBuses"):
        for rule in view.pages("events", "list_rules", "Rules", EventBusName=bus["Name"]):
            aimed = partial(_aimed, view, bus["Name"], rule["Name"])
            arn = rule["Arn"]
            yield Live(
                "aws:cloudwatch/eventRule:EventRule",
                _rule_key(bus["Name"], rule["Name"]),
                {
                    "name": rule["Name"],
                    "description": rule.get("Description"),
                    "eventPattern": rule.get("EventPattern"),
                    "scheduleExpression": rule.get("ScheduleExpression"),
                    "state": rule.get("State"),
                    "managedBy": rule.get("ManagedBy"),
                    "targets": partial(aimed, _target),
                    "targetInputs": partial(aimed, _input),
                    "targetDelivery": partial(aimed, _delivery),
                    "targetParameters": partial(aimed, _parameters),
                    "tags": view.tags(arn, "events", "list_tags_for_resource", "Tags", ResourceARN=arn),
                },
                view.region,
            )


def _rule_key(bus: Any, rule: str) -> str:
    name = str(bus or "default").rpartition("/")[2]
    return rule if name == "default" else f"{name}/{rule}"


def _aimed(view: View, bus: str, rule: str, part: Callable[[Mapping[str, Any]], str]) -> list[str]:
    asked: dict[str, Any] = {"Rule": rule, "EventBusName": bus}
    found = view.pages("events", "list_targets_by_rule", "Targets", **asked)
    return [text for each in found if (text := part(each))]


def _target(found: Mapping[str, Any]) -> str:
    return f"{found['Arn']}{_role(found.get('RoleArn'))}"


def _input(found: Mapping[str, Any]) -> str:
    """What a target is sent instead of the event."""
    changed = found.get("InputTransformer") or {}
    texts = (
        found.get("Input"),
        found.get("InputPath"),
        changed.get("InputPathsMap"),
        changed.get("InputTemplate"),
    )
    return _sent(found["Arn"], *texts)


def _delivery(found: Mapping[str, Any]) -> str:
    retried = found.get("RetryPolicy") or {}
    letters = (found.get("DeadLetterConfig") or {}).get("Arn")
    return _delivered(
        found["Arn"], letters, retried.get("MaximumRetryAttempts"), retried.get("MaximumEventAgeInSeconds")
    )


def _delivered(arn: Any, letters: Any, times: Any, seconds: Any) -> str:
    """What becomes of an event that a target does not take; empty where that is AWS's default."""
    parts = [f"lost ones to {letters}"] if letters else []
    parts += [f"{int(times)} times again"] if times is not None else []
    parts += [f"for {int(seconds)} seconds"] if seconds is not None else []
    return f"{arn}: {', '.join(parts)}" if parts else ""


def _parameters(found: Mapping[str, Any]) -> str:
    """Which kinds of parameters a target has; what stands in them is not compared."""
    kinds = [kind for kind in _KINDS if found.get(kind)]
    return f"{found['Arn']}: {', '.join(kinds)}" if kinds else ""


def _sent(arn: Any, *texts: Any) -> str:
    return f"{arn}: {dump([text or None for text in texts])}" if any(texts) else ""


def _role(arn: Any) -> str:
    return f" as {arn}" if arn else ""


def _declared_rule(declared: Declared, rule: Resource) -> Mapping[str, Any]:
    targets = declared.parts(rule, "aws:cloudwatch/eventTarget:EventTarget", "rule")
    disabled = rule.inputs.get("isEnabled") is False
    return {
        "state": "DISABLED" if disabled else None,
        **rule.inputs,
        "targets": [f"{one.inputs.get('arn')}{_role(one.inputs.get('roleArn'))}" for one in targets],
        "targetInputs": [text for one in targets if (text := _declared_input(one.inputs))],
        "targetDelivery": [text for one in targets if (text := _declared_delivery(one.inputs))],
        "targetParameters": [text for one in targets if (text := _declared_parameters(one.inputs))],
    }


def _declared_delivery(target: Mapping[str, Any]) -> str:
    retried = block(target.get("retryPolicy"))
    letters = block(target.get("deadLetterConfig")).get("arn")
    return _delivered(
        target.get("arn"),
        letters,
        retried.get("maximumRetryAttempts"),
        retried.get("maximumEventAgeInSeconds"),
    )


def _declared_parameters(target: Mapping[str, Any]) -> str:
    kinds = [kind for kind, name in _KINDS.items() if target.get(name)]
    return f"{target.get('arn')}: {', '.join(kinds)}" if kinds else ""


def _declared_input(target: Mapping[str, Any]) -> str:
    changed = block(target.get("inputTransformer"))
    texts = (
        target.get("input"),
        target.get("inputPath"),
        changed.get("inputPaths"),
        changed.get("inputTemplate"),
    )
    return _sent(target.get("arn"), *texts)


def _declared_key(rule: Resource) -> str:
    return _rule_key(rule.inputs.get("eventBusName"), by("name")(rule))


# Parameters of a target by its kind: as EventBridge names them, and as Pulumi does.
_KINDS: Final[Mapping[str, str]] = {
    "AppSyncParameters": "appsyncTarget",
    "BatchParameters": "batchTarget",
    "EcsParameters": "ecsTarget",
    "HttpParameters": "httpTarget",
    "KinesisParameters": "kinesisTarget",
    "RedshiftDataParameters": "redshiftTarget",
    "RunCommandParameters": "runCommandTargets",
    "SageMakerPipelineParameters": "sagemakerPipelineTarget",
    "SqsParameters": "sqsTarget",
}
_INPUTS: Final = ("input", "inputPath", "inputTransformer")
_BUS: Final = "aws:cloudwatch/eventBus:EventBus"


READERS: Final = (
    ResourceReader(
        type=_BUS,
        service="events",
        read=event_buses,
        key=by("name"),
        declare=with_policy("aws:cloudwatch/eventBusPolicy:EventBusPolicy", "eventBusName"),
        parts=(Part("aws:cloudwatch/eventBusPolicy:EventBusPolicy", "eventBusName", "policy", ("policy",)),),
        fields=(exposure("policy", policy, default=None), setting("name")),
    ),
    ResourceReader(
        type="aws:cloudwatch/eventRule:EventRule",
        service="events",
        read=event_rules,
        key=_declared_key,
        declare=_declared_rule,
        identity=("eventBusName",),
        fields=(
            protection("state", default="ENABLED"),
            protection("eventPattern", document, default=None),
            protection("scheduleExpression", default=None),
            protection("targets", unordered, default=()),
            # What a target is sent may hold a secret.
            protection("targetInputs", unordered, default=(), sealed=True),
            protection("targetDelivery", unordered, default=()),
            exposure("targetParameters", unordered, default=()),
            setting("description", default=None),
            setting("name"),
            TAGS,
        ),
        parts=(
            Part("aws:cloudwatch/eventTarget:EventTarget", "rule", "targets", ("arn", "roleArn")),
            Part("aws:cloudwatch/eventTarget:EventTarget", "rule", "targetInputs", _INPUTS),
            Part(
                "aws:cloudwatch/eventTarget:EventTarget",
                *("rule", "targetDelivery", ("retryPolicy", "deadLetterConfig")),
            ),
            Part("aws:cloudwatch/eventTarget:EventTarget", "rule", "targetParameters"),
        ),
    ),
)
