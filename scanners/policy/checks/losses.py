"""Checks of the alarms on what is lost without a call: tasks that end, and tokens that no longer change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.alarms import ALARM, alarmed, metrics_of, notifies
from scanners.policy.checks.cloudwatch import each_alarmed, falls
from scanners.policy.checks.reading import number, read, verdict
from scanners.policy.checks.variables import of_containers
from scanners.policy.samples import events
from scanners.policy.samples.boundary import counted
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken, without
from scanners.policy.stack import Resource, Stack

# Which containers are those of the guard, and of who asks the egress guard.
OF_THE_GUARD: Final = "RAMPART_POLICY_PORT"
OF_CALLERS: Final = "RAMPART_EGRESS_URL"
_TWO: Final = 2  # tasks of each service, one of which may be lost

_LOSSES = plus(
    AUDIT,
    aws("ecs/service:Service", "ecs-guard", desiredCount=2),
    aws("secretsmanager/secretRotation:SecretRotation", "rotation-1", secretId="secret-1"),
    aws(
        "cloudwatch/metricAlarm:MetricAlarm",
        "alarm-tasks",
        namespace="ECS/ContainerInsights",
        metricName="RunningTaskCount",
        dimensions={"ClusterName": "cluster-1", "ServiceName": "ecs-guard"},
        comparisonOperator="LessThanThreshold",
        threshold=2,
        statistic="Minimum",
        evaluationPeriods=1,
        treatMissingData="breaching",
        actionsEnabled=True,
        alarmActions=["arn:topic-alarms"],
    ),
)


@check(
    "losses-alarmed",
    good=_LOSSES,
    bad={
        "of another service": weaken(_LOSSES, "alarm-tasks", "dimensions.ServiceName", "another"),
        "of another service, in a cluster of the same name": weaken(
            _LOSSES, "alarm-tasks", "dimensions", {"ClusterName": "ecs-guard", "ServiceName": "another"}
        ),
        "of none": weaken(_LOSSES, "alarm-tasks", "dimensions", ABSENT),
        "of another metric": weaken(_LOSSES, "alarm-tasks", "metricName", "DesiredTaskCount"),
        "only when all are gone": weaken(_LOSSES, "alarm-tasks", "threshold", 1),
        "never": weaken(_LOSSES, "alarm-tasks", "threshold", 0),
        "nobody hears": weaken(_LOSSES, "alarm-tasks", "alarmActions", []),
        "when there are more": weaken(_LOSSES, "alarm-tasks", "comparisonOperator", "GreaterThanThreshold"),
        "no data is no loss": weaken(_LOSSES, "alarm-tasks", "treatMissingData", "notBreaching"),
        "no data is not spoken of": weaken(_LOSSES, "alarm-tasks", "treatMissingData", ABSENT),
    },
)
def lost_tasks_are_alarmed(stack: Stack) -> Verdicts:
    """Each ECS service has an alarm on its running tasks, while one is left (Container Insights).

    Where none runs nothing is told, and by default missing data is no alarm (CloudWatch User Guide,
    "Configuring how CloudWatch alarms treat missing data").
    """
    counted = ("ECS/ContainerInsights", "RunningTaskCount")
    alarms = [a for a in stack.of_type(ALARM) if counted in set(metrics_of(a)) and notifies(stack, a)]
    for service in stack.of_type("aws:ecs/service:Service"):
        named = {service.id, read(service, "name")} - {"", None}
        own = [a for a in alarms if read(a, "dimensions.ServiceName") in named]
        early = any(
            (number(a, "threshold") or 0) >= _TWO and falls(a) and read(a, "treatMissingData") == "breaching"
            for a in own
        )
        yield verdict(service.urn, early, "no alarm notifies anybody when fewer than two tasks run, or none")


@check(
    "losses-alarmed",
    good=_LOSSES,
    bad=weaken(_LOSSES, "filter-rotations", "pattern", '{ $.eventName = "RotationSucceeded" }'),
)
def given_up_rotations_are_alarmed(stack: Stack) -> Verdicts:
    """A token that no longer rotates is found on the day that it fails, and not by a partner."""
    if stack.of_type("aws:secretsmanager/secretRotation:SecretRotation"):
        yield from each_alarmed(stack, "secretsmanager", "RotationFailed")


@check(
    "losses-alarmed",
    good=_LOSSES,
    bad={
        "nobody counts it": without(_LOSSES, "filter-set-aside"),
        "only the deletion": weaken(
            _LOSSES, "filter-set-aside", "pattern", '{ $.eventName = "DeleteSecret" }'
        ),
        "nobody hears": weaken(_LOSSES, "alarm-set-aside", "alarmActions", []),
    },
)
def secrets_set_aside_are_alarmed(stack: Stack) -> Verdicts:
    """A rotated secret that is deleted, loses its policy or is updated as a whole."""
    if stack.of_type("aws:secretsmanager/secretRotation:SecretRotation"):
        yield from each_alarmed(
            stack, "secretsmanager", "DeleteSecret", "DeleteResourcePolicy", "UpdateSecret"
        )


def _pattern(event: Mapping[str, Any]) -> str:
    return "{ " + " && ".join(f'$.{key} = "{value}"' for key, value in event.items()) + " }"


def _container(name: str) -> Resource:
    container = {"name": "main", "environment": [{"name": name, "value": "x"}]}
    return aws("ecs/taskDefinition:TaskDefinition", f"task-{name}", containerDefinitions=[container])


_GUARDED: Final = plus(
    AUDIT,
    _container(OF_THE_GUARD),
    _container(OF_CALLERS),
    *counted("overdue", _pattern(events.KEY_OVERDUE)),
    *counted("crash", _pattern(events.GUARD_CRASHED)),
    *counted("refused", _pattern(events.EGRESS_REFUSED)),
)


@check(
    "losses-alarmed",
    good=_GUARDED,
    bad={
        "no word of overdue keys": weaken(_GUARDED, "filter-overdue", "pattern", '{ $.message = "x" }'),
        "no alarm on overdue keys": without(_GUARDED, "alarm-overdue"),
        "no word of crashes": weaken(_GUARDED, "filter-crash", "pattern", '{ $.message = "x" }'),
        "no word of refused calls": weaken(_GUARDED, "filter-refused", "pattern", '{ $.fate = "sent" }'),
        "nobody hears of refused calls": weaken(_GUARDED, "alarm-refused", "actionsEnabled", False),
    },
)
def what_the_guards_say_is_alarmed(stack: Stack) -> Verdicts:
    """A task whose key is overdue, and calls that a guard could not decide or did not let out, are told."""
    variables = {name for _, own in of_containers(stack) for name in own}
    for name, event in (
        (OF_THE_GUARD, events.KEY_OVERDUE),
        (OF_THE_GUARD, events.GUARD_CRASHED),
        (OF_CALLERS, events.EGRESS_REFUSED),
    ):
        if name in variables:
            where = f"{stack.name}#{' '.join(event.values())}"
            yield verdict(where, alarmed(stack, event), "no alarm that notifies anybody on this line")
