"""Alarms and dashboards of CloudWatch (CloudWatch API reference, DescribeAlarms, GetDashboard)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import by
from scanners.drift.fields import TAGS, protection, setting
from scanners.drift.normalize import caseless, document, number, unordered
from scanners.drift.records import Live, ResourceReader

_COMPOSITE: Final = "aws:cloudwatch/compositeAlarm:CompositeAlarm"


def alarms(view: View) -> Iterator[Live]:
    """Metric alarms (DescribeAlarms). Periods are in seconds."""
    for alarm in view.pages("cloudwatch", "describe_alarms", "MetricAlarms"):
        arn = alarm["AlarmArn"]
        yield Live(
            "aws:cloudwatch/metricAlarm:MetricAlarm",
            alarm["AlarmName"],
            {
                "name": alarm["AlarmName"],
                "alarmDescription": alarm.get("AlarmDescription"),
                "actionsEnabled": alarm.get("ActionsEnabled"),
                "ofScalingPolicy": _of_scaling_policy(alarm),
                "alarmActions": alarm.get("AlarmActions"),
                "okActions": alarm.get("OKActions"),
                "insufficientDataActions": alarm.get("InsufficientDataActions"),
                "comparisonOperator": alarm.get("ComparisonOperator"),
                "evaluationPeriods": alarm.get("EvaluationPeriods"),
                "datapointsToAlarm": alarm.get("DatapointsToAlarm"),
                "threshold": alarm.get("Threshold"),
                "metricName": alarm.get("MetricName"),
                "namespace": alarm.get("Namespace"),
                "statistic": alarm.get("Statistic"),
                "extendedStatistic": alarm.get("ExtendedStatistic"),
                "period": alarm.get("Period"),
                "treatMissingData": alarm.get("TreatMissingData"),
                "dimensions": {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or ()},
                "metricQueries": _queries(alarm.get("Metrics")),
                "tags": view.tags(arn, "cloudwatch", "list_tags_for_resource", "Tags", ResourceARN=arn),
            },
            view.region,
        )


def composite_alarms(view: View) -> Iterator[Live]:
    """Composite alarms, which only come where they are asked for (DescribeAlarms)."""
    asked: dict[str, Any] = {"AlarmTypes": ["CompositeAlarm"]}
    for alarm in view.pages("cloudwatch", "describe_alarms", "CompositeAlarms", **asked):
        arn = alarm["AlarmArn"]
        yield Live(
            _COMPOSITE,
            alarm["AlarmName"],
            {
                "alarmName": alarm["AlarmName"],
                "alarmDescription": alarm.get("AlarmDescription"),
                "actionsEnabled": alarm.get("ActionsEnabled"),
                "alarmActions": alarm.get("AlarmActions"),
                "okActions": alarm.get("OKActions"),
                "insufficientDataActions": alarm.get("InsufficientDataActions"),
                "alarmRule": alarm.get("AlarmRule"),
                "actionsSuppressor": _suppressor(alarm),
                "tags": view.tags(arn, "cloudwatch", "list_tags_for_resource", "Tags", ResourceARN=arn),
            },
            view.region,
        )


def _suppressor(alarm: Mapping[str, Any]) -> Any:
    """What keeps the alarm silent, and for how long at most (seconds); None where nothing does."""
    if not alarm.get("ActionsSuppressor"):
        return None
    return {
        "alarm": alarm["ActionsSuppressor"],
        "waitPeriod": alarm.get("ActionsSuppressorWaitPeriod"),
        "extensionPeriod": alarm.get("ActionsSuppressorExtensionPeriod"),
    }


def _of_scaling_policy(alarm: Mapping[str, Any]) -> bool:
    """Whether a target tracking policy made it: by its name, and all that it does is to scale."""
    actions = alarm.get("AlarmActions") or ()
    own = str(alarm["AlarmName"]).startswith("TargetTracking-")
    return own and bool(actions) and all(":autoscaling:" in each for each in actions)


def _queries(metrics: Any) -> Any:
    """Queries in Pulumi's names."""
    found = []
    for each in metrics or ():
        stat = each.get("MetricStat") or {}
        metric = stat.get("Metric") or {}
        found.append(
            {
                "id": each.get("Id"),
                "expression": each.get("Expression"),
                "label": each.get("Label"),
                "returnData": each.get("ReturnData"),
                "metric": {
                    "metricName": metric.get("MetricName"),
                    "namespace": metric.get("Namespace"),
                    "dimensions": {d["Name"]: d["Value"] for d in metric.get("Dimensions") or ()},
                    "period": stat.get("Period"),
                    "stat": stat.get("Stat"),
                    "unit": stat.get("Unit"),
                },
            }
        )
    return found


def dashboards(view: View) -> Iterator[Live]:
    """Dashboards with what they show (ListDashboards, GetDashboard)."""
    for each in view.pages("cloudwatch", "list_dashboards", "DashboardEntries"):
        name = each["DashboardName"]
        shown = view.ask("cloudwatch", "get_dashboard", DashboardName=name)
        body = {"dashboardName": name, "dashboardBody": shown["DashboardBody"]}
        yield Live("aws:cloudwatch/dashboard:Dashboard", name, body, view.region)


READERS: Final = (
    ResourceReader(
        type="aws:cloudwatch/dashboard:Dashboard",
        service="cloudwatch",
        read=dashboards,
        key=by("dashboardName"),
        fields=(setting("dashboardBody", document), setting("dashboardName")),
    ),
    ResourceReader(
        type=_COMPOSITE,
        service="cloudwatch",
        read=composite_alarms,
        key=by("alarmName"),
        fields=(
            protection("actionsEnabled", default=True),
            protection("alarmActions", unordered, default=()),
            protection("alarmRule"),
            protection("actionsSuppressor", default=None),
            setting("okActions", unordered, default=()),
            setting("insufficientDataActions", unordered, default=()),
            setting("alarmDescription"),
            setting("alarmName"),
            TAGS,
        ),
    ),
    ResourceReader(
        type="aws:cloudwatch/metricAlarm:MetricAlarm",
        service="cloudwatch",
        read=alarms,
        key=by("name"),
        fields=(
            protection("actionsEnabled", default=True),
            protection("alarmActions", unordered, default=()),
            protection("comparisonOperator"),
            protection("evaluationPeriods", number),
            protection("datapointsToAlarm", number),
            protection("threshold", number),
            protection("metricName"),
            protection("namespace"),
            protection("statistic"),
            protection("extendedStatistic"),
            protection("period", number),
            protection("dimensions", default=()),
            protection("metricQueries", unordered, default=()),
            protection("treatMissingData", caseless, default="missing"),
            setting("okActions", unordered, default=()),
            setting("insufficientDataActions", unordered, default=()),
            setting("alarmDescription"),
            setting("name"),
            TAGS,
        ),
    ),
)
