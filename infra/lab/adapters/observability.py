"""Amazon CloudWatch, CloudWatch Logs and CloudTrail."""

from __future__ import annotations

from infra.lab.adapters.desired import Adapter, DesiredResource, Row, table
from infra.lab.monitor import Created


def log_group(desired: DesiredResource) -> Created:
    name = desired.physical_name()
    days = desired.take("retentionInDays")
    desired.take("skipDestroy")
    desired.create("logs", "CreateLogGroup", logGroupName=name)
    if days:
        desired.call("logs", "PutRetentionPolicy", logGroupName=name, retentionInDays=days)
    return Created(name, {"name": name, "arn": desired.arn("logs", f"log-group:{name}")})


def metric_filter(desired: DesiredResource) -> Created:
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
            {
                (
                    "metricName"
                    if key == "name"
                    else "metricNamespace"
                    if key == "namespace"
                    else "metricValue"
                    if key == "value"
                    else key
                ): value
                for key, value in change.items()
                if value is not None
            }
        ],
    )
    return Created(name, {"name": name})


def metric_alarm(desired: DesiredResource) -> Created:
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


def trail(desired: DesiredResource) -> Created:
    name = desired.physical_name()
    logging = desired.take("enableLogging", True)
    selectors = desired.pick("eventSelectors", "advancedEventSelectors")
    insights = desired.take("insightSelectors")
    tags = desired.take("tags", {})
    arn = desired.create(
        "cloudtrail",
        "CreateTrail",
        {
            "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn",
        },
        Name=name,
        TagsList=[{"Key": key, "Value": value} for key, value in sorted(tags.items())],
    )["TrailARN"]
    if selectors:
        desired.call(
            "cloudtrail",
            "PutEventSelectors",
            selectors,
            {"fieldSelectors": "FieldSelectors", "values": "Values"},
            TrailName=name,
        )
    if insights:
        desired.call("cloudtrail", "PutInsightSelectors", {"insightSelectors": insights}, TrailName=name)
    if logging:
        desired.call("cloudtrail", "StartLogging", Name=name)
    return Created(arn, {"name": name, "arn": arn, "homeRegion": desired.region})


ADAPTERS: dict[str, Adapter] = {
    "aws:cloudwatch/logGroup:LogGroup": log_group,
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": metric_filter,
    "aws:cloudwatch/metricAlarm:MetricAlarm": metric_alarm,
    "aws:cloudtrail/trail:Trail": trail,
} | table(
    [
        Row(
            type="aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
            service="logs",
            operation="PutResourcePolicy",
            id="=policyName",
        ),
        Row(
            type="aws:cloudwatch/dashboard:Dashboard",
            service="cloudwatch",
            operation="PutDashboard",
            id="=dashboardName",
            outputs={"dashboardArn": "arn:aws:cloudwatch::{account}:dashboard/{id}"},
        ),
    ]
)
