"""Amazon CloudWatch, CloudWatch Logs and CloudTrail."""

from __future__ import annotations

from infra.lab.adapters.wanted import Adapter, Row, Wanted, table
from infra.lab.monitor import Created


def log_group(wanted: Wanted) -> Created:
    name = wanted.physical_name()
    days = wanted.take("retentionInDays")
    wanted.take("skipDestroy")
    wanted.create("logs", "CreateLogGroup", logGroupName=name)
    if days:
        wanted.call("logs", "PutRetentionPolicy", logGroupName=name, retentionInDays=days)
    return Created(name, {"name": name, "arn": wanted.arn("logs", f"log-group:{name}")})


def metric_filter(wanted: Wanted) -> Created:
    name = wanted.take("name") or wanted.title
    change = dict(wanted.take("metricTransformation"))
    # Pulumi shows numbers as text here.
    if change.get("defaultValue") is not None:
        change["defaultValue"] = float(change["defaultValue"])
    wanted.create(
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


def metric_alarm(wanted: Wanted) -> Created:
    name = wanted.take("name") or wanted.title
    dimensions = [{"Name": key, "Value": value} for key, value in wanted.take("dimensions", {}).items()]
    wanted.create(
        "cloudwatch",
        "PutMetricAlarm",
        {"insufficientDataActions": "InsufficientDataActions", "metricQueries": "Metrics"},
        AlarmName=name,
        **({"Dimensions": dimensions} if dimensions else {}),
    )
    return Created(name, {"name": name, "arn": wanted.arn("cloudwatch", f"alarm:{name}")})


def trail(wanted: Wanted) -> Created:
    name = wanted.physical_name()
    logging = wanted.take("enableLogging", True)
    selectors = wanted.pick("eventSelectors", "advancedEventSelectors")
    insights = wanted.take("insightSelectors")
    tags = wanted.take("tags", {})
    arn = wanted.create(
        "cloudtrail",
        "CreateTrail",
        {
            "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn",
        },
        Name=name,
        TagsList=[{"Key": key, "Value": value} for key, value in sorted(tags.items())],
    )["TrailARN"]
    if selectors:
        wanted.call(
            "cloudtrail",
            "PutEventSelectors",
            selectors,
            {"fieldSelectors": "FieldSelectors", "values": "Values"},
            TrailName=name,
        )
    if insights:
        wanted.call("cloudtrail", "PutInsightSelectors", {"insightSelectors": insights}, TrailName=name)
    if logging:
        wanted.call("cloudtrail", "StartLogging", Name=name)
    return Created(arn, {"name": name, "arn": arn, "homeRegion": wanted.region})


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
