"""Checks of Application Auto Scaling: services follow demand, and never shrink below two tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import attached, items, number, read, verdict
from scanners.policy.samples.compute import WORKLOAD
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken, without
from scanners.policy.stack import Resource, Stack

_SERVICE: Final = "aws:ecs/service:Service"
_TARGET: Final = "aws:appautoscaling/target:Target"
_POLICY: Final = "aws:appautoscaling/policy:Policy"
_COUNT: Final = "desiredCount"
_TRACKING: Final = "targetTrackingScalingPolicyConfiguration"
_CPU: Final = "ECSServiceAverageCPUUtilization"
_PREDEFINED: Final = f"{_TRACKING}.predefinedMetricSpecification.predefinedMetricType"
_METRICS: Final = f"{_TRACKING}.customizedMetricSpecification.metrics"
_LEAST: Final = 2  # tasks: one may be lost with its zone
_BUSIEST: Final = 80  # per cent of the CPU: more leaves nothing for the minutes in which a task starts
_MOST_CALLS: Final = 30_000  # a minute for each task: what half a vCPU may still serve
_PAUSES: Final = ("dynamicScalingOutSuspended", "dynamicScalingInSuspended")


def _calls(name: str, expression: str = "FILL(calls, 0) / 2") -> list[dict[str, Any]]:
    metric = {"namespace": "AWS/ApiGateway", "metricName": name, "dimensions": []}
    return [
        {"id": "calls", "metricStat": {"metric": metric, "stat": "Sum"}},
        {"id": "each", "expression": expression, "returnData": True},
    ]


def _scaled() -> Iterator[Resource]:
    for resource in WORKLOAD.resources:
        if resource.type == _SERVICE:
            yield replace(resource, ignore_changes=(_COUNT,))
            name = resource.name
            what = {"serviceNamespace": "ecs", "resourceId": name}
            yield aws("appautoscaling/target:Target", f"bounds-{name}", minCapacity=2, maxCapacity=8, **what)
            cpu = {"targetValue": 60, "predefinedMetricSpecification": {"predefinedMetricType": _CPU}}
            yield aws("appautoscaling/policy:Policy", f"cpu-{name}", **what, **{_TRACKING: cpu})
        else:
            yield resource


_SCALED: Final = plus(
    Stack(WORKLOAD.name, WORKLOAD.project, tuple(_scaled())),
    aws(
        "appautoscaling/policy:Policy",
        "calls-ecs-guard",
        resourceId="ecs-guard",
        **{_TRACKING: {"targetValue": 9, "customizedMetricSpecification": {"metrics": _calls("Count")}}},
    ),
)


@check(
    "tasks-follow-demand",
    good=_SCALED,
    bad={
        "no bounds": without(_SCALED, "bounds-ecs-guard"),
        "one task": weaken(_SCALED, "bounds-ecs-guard", "minCapacity", 1),
        "no room": weaken(_SCALED, "bounds-ecs-guard", "maxCapacity", 2),
        "no least": weaken(_SCALED, "bounds-ecs-guard", "minCapacity", ABSENT),
        "no most": weaken(_SCALED, "bounds-ecs-guard", "maxCapacity", ABSENT),
        "paused": weaken(_SCALED, "bounds-ecs-guard", "suspendedState", {_PAUSES[0]: True}),
    },
)
def services_have_bounds(stack: Stack) -> Verdicts:
    """Each service has two tasks at least and may have more, and nothing is suspended."""
    for service in stack.of_type(_SERVICE):
        targets = attached(stack, service, _TARGET, "resourceId")
        yield verdict(service.urn, any(map(_has_room, targets)), "is not scaled from two tasks up to more")


def _policies(stack: Stack, service: Resource) -> list[Resource]:
    """The policies that name the service, or one of its targets."""
    named = (service, *attached(stack, service, _TARGET, "resourceId"))
    return [policy for one in named for policy in attached(stack, one, _POLICY, "resourceId")]


def _has_room(target: Resource) -> bool:
    least, most = number(target, "minCapacity") or 0, number(target, "maxCapacity") or 0
    paused = any(read(target, f"suspendedState.{name}") for name in _PAUSES)
    return _LEAST <= least < most and not paused


@check(
    "tasks-follow-demand",
    good=_SCALED,
    bad={
        "no policy": without(_SCALED, "cpu-ecs-service"),
        "of the memory": weaken(
            _SCALED, "cpu-ecs-service", _PREDEFINED, "ECSServiceAverageMemoryUtilization"
        ),
        "too late": weaken(_SCALED, "cpu-ecs-service", f"{_TRACKING}.targetValue", 100),
        "at no value": weaken(_SCALED, "cpu-ecs-service", f"{_TRACKING}.targetValue", 0),
    },
)
def tasks_are_added_before_they_are_busy(stack: Stack) -> Verdicts:
    """Each service keeps the CPU of its tasks at a value that leaves room while another task starts."""
    for service in stack.of_type(_SERVICE):
        policies = _policies(stack, service)
        early = any(
            read(one, _PREDEFINED) == _CPU and 0 < (number(one, f"{_TRACKING}.targetValue") or 0) <= _BUSIEST
            for one in policies
        )
        yield verdict(service.urn, early, f"no policy keeps its CPU at {_BUSIEST} per cent or less")


@check(
    "tasks-follow-demand",
    good=_SCALED,
    bad={
        "by CPU alone": without(_SCALED, "calls-ecs-guard"),
        "too late": weaken(_SCALED, "calls-ecs-guard", f"{_TRACKING}.targetValue", 100_000),
        "at no value": weaken(_SCALED, "calls-ecs-guard", f"{_TRACKING}.targetValue", ABSENT),
        "by connections": weaken(_SCALED, "calls-ecs-guard", _METRICS, _calls("ActiveFlowCount")),
        "no data without calls": weaken(_SCALED, "calls-ecs-guard", _METRICS, _calls("Count", "calls / 2")),
        "other gaps filled": weaken(
            _SCALED, "calls-ecs-guard", _METRICS, _calls("Count", "calls / FILL(tasks, 1)")
        ),
        "the last calls for ever": weaken(
            _SCALED, "calls-ecs-guard", _METRICS, _calls("Count", "FILL(calls, REPEAT) / 2")
        ),
        "a metric alone": weaken(_SCALED, "calls-ecs-guard", _METRICS, _calls("Count")[:1]),
    },
    also_good={
        "an application load balancer counts": weaken(
            _SCALED, "calls-ecs-guard", _PREDEFINED, "ALBRequestCountPerTarget"
        )
    },
)
def what_stands_behind_a_balancer_follows_its_calls(stack: Stack) -> Verdicts:
    """A service behind a load balancer scales by calls, back too: a minute without calls is zero, and no gap.

    A network load balancer counts connections only, and API Gateway has no data point of no calls.
    """
    for service in stack.of_type(_SERVICE):
        if items(service, "loadBalancers"):
            policies = _policies(stack, service)
            problem = "does not scale by its calls, out and back in"
            yield verdict(service.urn, any(map(_by_calls, policies)), problem)


def _by_calls(policy: Resource) -> bool:
    few = 0 < (number(policy, f"{_TRACKING}.targetValue") or 0) <= _MOST_CALLS
    by_balancer = read(policy, _PREDEFINED) == "ALBRequestCountPerTarget"
    return few and (by_balancer or _counts_calls(items(policy, _METRICS)))


def _counts_calls(metrics: list[Any]) -> bool:
    """Whether an expression of the calls of API Gateway has zero where there were none."""
    expressions = [str(one.get("expression") or "") for one in metrics]
    for one in metrics:
        metric = (one.get("metricStat") or {}).get("metric") or {}
        if (metric.get("namespace"), metric.get("metricName")) == ("AWS/ApiGateway", "Count"):
            filled = re.compile(rf"FILL\(\s*{re.escape(str(one.get('id')))}\s*,\s*0\s*\)")
            return any(filled.search(text) for text in expressions)
    return False
