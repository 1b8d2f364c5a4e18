"""Amazon CloudWatch Logs."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, Row, table
from infra.program_run.monitor import Created


def log_group(desired: DesiredResource) -> Created:
    """CreateLogGroup, then its retention (days)."""
    name = desired.physical_name()
    days = desired.take("retentionInDays")
    desired.take("skipDestroy")
    desired.create("logs", "CreateLogGroup", logGroupName=name)
    if days:
        desired.call("logs", "PutRetentionPolicy", logGroupName=name, retentionInDays=days)
    return Created(name, {"name": name, "arn": desired.arn("logs", f"log-group:{name}")})


# Pulumi's names of a metric transformation's parts, where CloudWatch Logs has others.
_TRANSFORMATION = {"name": "metricName", "namespace": "metricNamespace", "value": "metricValue"}


def metric_filter(desired: DesiredResource) -> Created:
    """PutMetricFilter."""
    name = desired.take("name") or desired.title
    change = dict(desired.take("metricTransformation"))
    # Pulumi shows numbers as text here.
    if change.get("defaultValue") is not None:
        change["defaultValue"] = float(change["defaultValue"])
    desired.create(
        "logs",
        "PutMetricFilter",
        {"pattern": "filterPattern"},
        filterName=name,
        metricTransformations=[
            {_TRANSFORMATION.get(key, key): value for key, value in change.items() if value is not None}
        ],
    )
    return Created(name, {"name": name})


ADAPTERS: dict[str, Adapter] = {
    "aws:cloudwatch/logGroup:LogGroup": log_group,
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": metric_filter,
} | table(
    [
        Row(
            type="aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
            service="logs",
            operation="PutResourcePolicy",
            id="=policyName",
        ),
    ]
)
