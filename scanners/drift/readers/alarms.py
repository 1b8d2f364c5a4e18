"""What raises the alarm: metric filters, alarms, rules for events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks, by
from scanners.drift.fields import TAGS, protection, setting
from scanners.drift.normalize import caseless, document, number, unordered
from scanners.drift.records import Kind, Live, Part
from scanners.policy.stack import Resource


def metric_filters(view: View) -> Iterator[Live]:
    """Metric filters of all log groups."""
    for found in view.pages("logs", "describe_metric_filters", "metricFilters"):
        made = (found.get("metricTransformations") or [{}])[0]
        yield Live(
            "aws:cloudwatch/logMetricFilter:LogMetricFilter",
            f"{found['logGroupName']}:{found['filterName']}",
            {
                "name": found["filterName"],
                "logGroupName": found["logGroupName"],
                "pattern": found.get("filterPattern"),
                "metricTransformation": _transformation(made, "metricNamespace", "metricName", "metricValue"),
            },
            view.region,
        )


def _transformation(made: Mapping[str, Any], namespace: str, name: str, value: str) -> Mapping[str, Any]:
    return {
        "metric": f"{made.get(namespace)}/{made.get(name)}",
        "value": str(made.get(value)),
        "defaultValue": number(made.get("defaultValue")),
        "dimensions": made.get("dimensions"),
        "unit": made.get("unit") if made.get("unit") != "None" else None,
    }


def _declared_filter(_: Declared, resource: Resource) -> Mapping[str, Any]:
    made = next(iter(blocks(resource.inputs.get("metricTransformation"))), {})
    return {
        **resource.inputs,
        "metricTransformation": _transformation(made, "namespace", "name", "value"),
    }


def _filter_key(resource: Resource) -> str:
    return f"{resource.inputs.get('logGroupName')}:{by('name')(resource)}"


def alarms(view: View) -> Iterator[Live]:
    """Metric alarms."""
    for alarm in view.pages("cloudwatch", "describe_alarms", "MetricAlarms"):
        yield Live(
            "aws:cloudwatch/metricAlarm:MetricAlarm",
            alarm["AlarmName"],
            {
                "name": alarm["AlarmName"],
                "alarmDescription": alarm.get("AlarmDescription"),
                "actionsEnabled": alarm.get("ActionsEnabled"),
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
                "tags": view.ask("cloudwatch", "list_tags_for_resource", ResourceARN=alarm["AlarmArn"]).get(
                    "Tags"
                ),
            },
            view.region,
        )


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


def event_rules(view: View) -> Iterator[Live]:
    """Rules of the default event bus, with their targets."""
    for rule in view.pages("events", "list_rules", "Rules"):
        aimed = view.pages("events", "list_targets_by_rule", "Targets", Rule=rule["Name"])
        yield Live(
            "aws:cloudwatch/eventRule:EventRule",
            rule["Name"],
            {
                "name": rule["Name"],
                "description": rule.get("Description"),
                "eventPattern": rule.get("EventPattern"),
                "scheduleExpression": rule.get("ScheduleExpression"),
                "state": rule.get("State"),
                "managedBy": rule.get("ManagedBy"),
                "targets": [f"{each['Arn']}{_role(each.get('RoleArn'))}" for each in aimed],
                "tags": view.ask("events", "list_tags_for_resource", ResourceARN=rule["Arn"]).get("Tags"),
            },
            view.region,
        )


def _role(arn: Any) -> str:
    return f" as {arn}" if arn else ""


def _declared_rule(declared: Declared, rule: Resource) -> Mapping[str, Any]:
    targets = declared.parts(rule, "aws:cloudwatch/eventTarget:EventTarget", "rule")
    disabled = rule.inputs.get("isEnabled") is False
    return {
        "state": "DISABLED" if disabled else None,
        **rule.inputs,
        "targets": [f"{one.inputs.get('arn')}{_role(one.inputs.get('roleArn'))}" for one in targets],
    }


KINDS: Final = (
    Kind(
        type="aws:cloudwatch/logMetricFilter:LogMetricFilter",
        service="logs",
        read=metric_filters,
        key=_filter_key,
        declare=_declared_filter,
        fields=(
            protection("pattern"),
            protection("metricTransformation"),
            setting("logGroupName"),
            setting("name"),
        ),
    ),
    Kind(
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
    Kind(
        type="aws:cloudwatch/eventRule:EventRule",
        service="events",
        read=event_rules,
        key=by("name"),
        declare=_declared_rule,
        fields=(
            protection("state", default="ENABLED"),
            protection("eventPattern", document),
            protection("scheduleExpression"),
            protection("targets", unordered, default=()),
            setting("description"),
            setting("name"),
            TAGS,
        ),
        parts=(Part("aws:cloudwatch/eventTarget:EventTarget", "rule", "targets", ("arn", "roleArn")),),
    ),
)
