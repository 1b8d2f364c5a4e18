"""A sample of a guard's task with the boundary in it, its keys, its ledger, and alarms on what it says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import aws, plus
from scanners.policy.samples.secret_policies import rotated
from scanners.policy.stack import Resource

_BOUNDARY: Final[Mapping[str, str]] = {
    "RAMPART_BOUNDARY_PORT": "8082",
    "RAMPART_PSEUDONYM_KEY_ID": "pseudonym-key",
    "RAMPART_RECEIPT_KEY_ID": "receipt-key",
    "RAMPART_CDR_TABLE": "cdrs",
}
_CLUSTERS: Final = (("policy", "127.0.0.1", 8081), ("ocpi_service", "127.0.0.1", 8082))
# The name of each alarm, and the pattern that it counts.
_COUNTED: Final = {
    "foreign": '{ $.event = "boundary-alarm" && $.control = "answers-*" }',
    "session": '{ $.event = "boundary-alarm" && $.control = "commands-*" }',
    "conflict": '{ $.event = "boundary-alarm" && $.control = "messages-*" }',
    "crash": '{ $.event = "boundary-crash" }',
}


def guard_with(
    *,
    boundary: Mapping[str, str] = _BOUNDARY,
    clusters: Iterable[tuple[str, str, int]] = _CLUSTERS,
    option: str = "--config-yaml",
) -> str:
    """The containers of a guard's task; `boundary` are the variables of that one, which is else not there."""
    return json.dumps(
        [
            {"name": "envoy", "command": ["envoy", option, json.dumps(_envoy(clusters))]},
            {"name": "policy", "environment": [{"name": "RAMPART_POLICY_PORT", "value": "8081"}]},
            *([{"name": "boundary", "environment": _environment(boundary)}] if boundary else []),
        ]
    )


def boundary_with(**changes: str) -> str:
    """The same with other variables of the boundary; one that is empty is not there."""
    return guard_with(boundary={**_BOUNDARY, **changes})


def counting() -> tuple[str, ...]:
    """The names of the metric filters."""
    return tuple(f"filter-{name}" for name in _COUNTED)


def _environment(variables: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in variables.items() if value]


def _envoy(clusters: Iterable[tuple[str, str, int]]) -> dict[str, Any]:
    made = [
        {"name": name, "load_assignment": {"socket_address": {"address": host, "port_value": port}}}
        for name, host, port in clusters
    ]
    return {"static_resources": {"clusters": made}}


def _secret(name: str) -> tuple[Resource, ...]:
    return aws("secretsmanager/secret:Secret", name, name=name), *rotated(name)


def counted(name: str, pattern: str) -> tuple[Resource, ...]:
    """A metric filter on the guard's log, `filter-NAME`, and its alarm, `alarm-NAME`."""
    return (
        aws(
            "cloudwatch/logMetricFilter:LogMetricFilter",
            f"filter-{name}",
            logGroupName="log-guard",
            pattern=pattern,
            metricTransformation={"name": f"m-{name}", "namespace": "Rampart", "value": "1"},
        ),
        aws(
            "cloudwatch/metricAlarm:MetricAlarm",
            f"alarm-{name}",
            namespace="Rampart",
            metricName=f"m-{name}",
            comparisonOperator="GreaterThanThreshold",
            threshold=0,
            evaluationPeriods=1,
            period=300,
            actionsEnabled=True,
            alarmActions=["arn:topic-alarms"],
        ),
    )


BOUNDED: Final = plus(
    AUDIT,
    aws("ecs/taskDefinition:TaskDefinition", "guard", containerDefinitions=guard_with()),
    aws("dynamodb/table:Table", "cdrs", name="cdrs", ttl={"enabled": True, "attributeName": "expires"}),
    *_secret("pseudonym-key"),
    *_secret("receipt-key"),
    *(one for name, pattern in _COUNTED.items() for one in counted(name, pattern)),
)
