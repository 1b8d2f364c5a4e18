"""What records: CloudTrail, log groups, metric filters, alarms, rules for events, topics and queues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.records import Kind, Live, Part
from scanners.drift.shape import caseless, document, last_part, log_group, marked, number, policy, unordered
from scanners.stack import Resource


def trails(view: View) -> Iterator[Live]:
    """Trails whose home is this region, and whether they log."""
    for trail in view.ask("cloudtrail", "describe_trails", includeShadowTrails=False)["trailList"]:
        if trail.get("HomeRegion", view.region) != view.region:
            continue
        arn = trail["TrailARN"]
        status = view.ask("cloudtrail", "get_trail_status", Name=arn)
        selectors = view.ask("cloudtrail", "get_event_selectors", TrailName=arn)
        insights = view.ask(
            "cloudtrail", "get_insight_selectors", absent=("InsightNotEnabledException",), TrailName=arn
        )
        tags = view.ask("cloudtrail", "list_tags", ResourceIdList=[arn])["ResourceTagList"]
        yield Live(
            "aws:cloudtrail/trail:Trail",
            arn,
            {
                "name": trail.get("Name"),
                "enableLogging": status.get("IsLogging"),
                "s3BucketName": trail.get("S3BucketName"),
                "s3KeyPrefix": trail.get("S3KeyPrefix"),
                "kmsKeyId": trail.get("KmsKeyId"),
                "cloudWatchLogsGroupArn": trail.get("CloudWatchLogsLogGroupArn"),
                "cloudWatchLogsRoleArn": trail.get("CloudWatchLogsRoleArn"),
                "snsTopicName": trail.get("SnsTopicName"),
                "includeGlobalServiceEvents": trail.get("IncludeGlobalServiceEvents"),
                "isMultiRegionTrail": trail.get("IsMultiRegionTrail"),
                "isOrganizationTrail": trail.get("IsOrganizationTrail"),
                "enableLogFileValidation": trail.get("LogFileValidationEnabled"),
                "eventSelectors": _named(selectors.get("EventSelectors")),
                "advancedEventSelectors": _named(selectors.get("AdvancedEventSelectors")),
                "insightSelectors": _named(insights.get("InsightSelectors")),
                "tags": tags[0].get("TagsList") if tags else None,
            },
            view.region,
        )


def _named(selectors: Any) -> Any:
    """Selectors in Pulumi's names."""
    return [_selector(each) for each in selectors or ()]


def _selector(selector: Mapping[str, Any]) -> Mapping[str, Any]:
    found = {name[0].lower() + name[1:]: value for name, value in selector.items()}
    for plural in ("dataResources", "fieldSelectors"):
        if isinstance(found.get(plural), list):
            found[plural] = [_selector(each) for each in found[plural]]
    if "equals" in found:
        found["equals"] = list(found["equals"])
    return found


def event_selectors(value: Any) -> Any:
    """Event selectors; one that only says what AWS does anyway is none."""
    found = []
    for selector in blocks(value):
        one = {
            "readWriteType": "All",
            "includeManagementEvents": True,
            **{name: item for name, item in selector.items() if item is not None},
        }
        # Pulumi writes `equals` of field selectors as it is; the API calls it Equals.
        found.append(one)
    shaped = unordered(found)
    plain_one = unordered([{"readWriteType": "All", "includeManagementEvents": True}])
    return None if shaped == plain_one else shaped


def log_groups(view: View) -> Iterator[Live]:
    """Log groups."""
    for group in view.pages("logs", "describe_log_groups", "logGroups"):
        arn = str(log_group(group["arn"]))
        yield Live(
            "aws:cloudwatch/logGroup:LogGroup",
            group["logGroupName"],
            {
                "name": group["logGroupName"],
                "retentionInDays": group.get("retentionInDays"),
                "kmsKeyId": group.get("kmsKeyId"),
                "logGroupClass": group.get("logGroupClass"),
                "tags": view.ask("logs", "list_tags_for_resource", resourceArn=arn).get("tags"),
            },
            view.region,
        )


def log_policies(view: View) -> Iterator[Live]:
    """Who else may write logs."""
    for found in view.pages("logs", "describe_resource_policies", "resourcePolicies"):
        yield Live(
            "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
            found["policyName"],
            {"policyName": found["policyName"], "policyDocument": found.get("policyDocument")},
            view.region,
        )


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
        type="aws:cloudtrail/trail:Trail",
        service="cloudtrail",
        read=trails,
        key=by("arn"),
        fields=(
            protection("enableLogging", default=True),
            protection("enableLogFileValidation", default=False),
            protection("isMultiRegionTrail", default=False),
            protection("includeGlobalServiceEvents", default=True),
            protection("isOrganizationTrail", default=False),
            protection("s3BucketName"),
            protection("s3KeyPrefix", default=None),
            protection("kmsKeyId", last_part, default=None),
            protection("cloudWatchLogsGroupArn", log_group, default=None),
            protection("cloudWatchLogsRoleArn", default=None),
            protection("eventSelectors", event_selectors, default=()),
            protection("advancedEventSelectors", marked, default=()),
            protection("insightSelectors", unordered, default=()),
            setting("snsTopicName"),
            setting("name"),
            TAGS,
        ),
    ),
    Kind(
        type="aws:cloudwatch/logGroup:LogGroup",
        service="logs",
        read=log_groups,
        key=by("name"),
        fields=(
            protection("retentionInDays", default=0),
            protection("kmsKeyId", last_part, default=None),
            setting("logGroupClass"),
            setting("name"),
            TAGS,
        ),
    ),
    Kind(
        type="aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        service="logs",
        read=log_policies,
        key=by("policyName"),
        fields=(exposure("policyDocument", policy), setting("policyName")),
    ),
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
