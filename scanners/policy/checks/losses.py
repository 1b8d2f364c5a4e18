"""Checks of the alarms on what is lost without a call: tasks that end, and tokens that no longer change."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.alarms import ALARM, metrics_of, notifies
from scanners.policy.checks.cloudwatch import each_alarmed, falls
from scanners.policy.checks.reading import number, points_at, read, verdict
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken
from scanners.policy.stack import Stack

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
        own = [a for a in alarms if points_at(a, "dimensions", service)]
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
