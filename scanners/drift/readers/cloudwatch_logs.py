"""CloudWatch Logs: log groups, resource policies and metric filters (CloudWatch Logs API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import last_part, log_group, number, policy, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def log_groups(view: View) -> Iterator[Live]:
    """Log groups (DescribeLogGroups). Retention is in days; none means for ever."""
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
                "subscriptionFilters": partial(_subscriptions, view, group["logGroupName"]),
                "tags": view.tags(arn, "logs", "list_tags_for_resource", "tags", resourceArn=arn),
            },
            view.region,
        )


def _subscriptions(view: View, group: str) -> list[str]:
    found = view.pages("logs", "describe_subscription_filters", "subscriptionFilters", logGroupName=group)
    return [_subscription(*(each.get(n) for n in ("filterName", *_SENT_ON))) for each in found]


def _subscription(name: Any, pattern: Any, where: Any, role: Any) -> str:
    return f"{name}: {pattern or 'everything'} to {where}{f' as {role}' if role else ''}"


def _declared_group(declared: Declared, group: Resource) -> Mapping[str, Any]:
    filters = declared.parts(group, _SUBSCRIPTION, "logGroup")
    texts = [_subscription(by("name")(one), *(one.inputs.get(n) for n in _SENT_ON)) for one in filters]
    return {**group.inputs, "subscriptionFilters": texts}


_SUBSCRIPTION: Final = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter"
_SENT_ON: Final = ("filterPattern", "destinationArn", "roleArn")


def resource_policies(view: View) -> Iterator[Live]:
    """Policies that let AWS services write logs (DescribeResourcePolicies)."""
    for found in view.pages("logs", "describe_resource_policies", "resourcePolicies"):
        yield Live(
            "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
            found["policyName"],
            {"policyName": found["policyName"], "policyDocument": found.get("policyDocument")},
            view.region,
        )


def metric_filters(view: View) -> Iterator[Live]:
    """Metric filters of all log groups (DescribeMetricFilters)."""
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
    made = block(resource.inputs.get("metricTransformation"))
    return {
        **resource.inputs,
        "metricTransformation": _transformation(made, "namespace", "name", "value"),
    }


def _filter_key(resource: Resource) -> str:
    return f"{resource.inputs.get('logGroupName')}:{by('name')(resource)}"


READERS: Final = (
    ResourceReader(
        type="aws:cloudwatch/logGroup:LogGroup",
        service="logs",
        read=log_groups,
        key=by("name"),
        declare=_declared_group,
        parts=(Part(_SUBSCRIPTION, "logGroup", "subscriptionFilters", _SENT_ON),),
        fields=(
            exposure("subscriptionFilters", unordered, default=()),
            protection("retentionInDays", default=0),
            protection("kmsKeyId", last_part, default=None),
            setting("logGroupClass"),
            setting("name"),
            TAGS,
        ),
    ),
    ResourceReader(
        type="aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        service="logs",
        read=resource_policies,
        key=by("policyName"),
        fields=(exposure("policyDocument", policy), setting("policyName")),
    ),
    ResourceReader(
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
)
