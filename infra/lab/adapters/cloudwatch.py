"""Amazon CloudWatch: alarms and dashboards."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, Row, table
from infra.program_run.monitor import Created


def metric_alarm(desired: DesiredResource) -> Created:
    """PutMetricAlarm."""
    name = desired.take("name") or desired.title
    dimensions = [{"Name": key, "Value": value} for key, value in desired.take("dimensions", {}).items()]
    desired.create(
        "cloudwatch",
        "PutMetricAlarm",
        {"insufficientDataActions": "InsufficientDataActions", "metricQueries": "Metrics"},
        AlarmName=name,
        **({"Dimensions": dimensions} if dimensions else {}),
    )
    return Created(name, {"name": name, "arn": desired.arn("cloudwatch", f"alarm:{name}")})


ADAPTERS: dict[str, Adapter] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": metric_alarm,
} | table(
    [
        Row(
            type="aws:cloudwatch/dashboard:Dashboard",
            service="cloudwatch",
            operation="PutDashboard",
            id="=dashboardName",
            outputs={"dashboardArn": "arn:aws:cloudwatch::{account}:dashboard/{id}"},
        ),
    ]
)
