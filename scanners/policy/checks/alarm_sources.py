"""Checks of what alarms count: a pattern or a dimension that matches nothing counts zero, and is silent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.alarms import ALARM, FILTER
from scanners.policy.checks.reading import points_at, read, verdict
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import aws, plus, weaken
from scanners.policy.stack import Resource, Stack

STAGE: Final = "aws:apigateway/stage:Stage"
ACL: Final = "aws:wafv2/webAcl:WebAcl"

# `$.field = value`, where the value is not in quotes: a number, or a text with wildcards.
_BARE: Final = re.compile(r'\$\.([\w.]+)\s*(?:=|!=|<=|>=|<|>)\s*([^\s"&|){}]+)')
_FORMAT: Final = {
    "status": "$context.status",
    "path": "$context.resourcePath",
    "method": "$context.httpMethod",
}

_LOGGED = plus(
    AUDIT,
    aws(
        "apigateway/stage:Stage",
        "stage-live",
        accessLogSettings={"destinationArn": "arn:log-api", "format": json.dumps(_FORMAT)},
    ),
)


@check("alarms-can-count", good=_LOGGED, bad=weaken(_LOGGED, "filter-401", "pattern", "{ $.status = 401 }"))
def filters_compare_texts_with_texts(stack: Stack) -> Verdicts:
    """What an access log's format has in quotes is text in the log, and never equals a number."""
    for stage in stack.of_type(STAGE):
        texts = _text_fields(stage)
        for group in stack.of_type("aws:cloudwatch/logGroup:LogGroup"):
            if not points_at(stage, "accessLogSettings", group):
                continue
            for each in stack.of_type(FILTER):
                if points_at(each, "logGroupName", group):
                    wrong = [f for f, _ in _BARE.findall(str(read(each, "pattern") or "")) if f in texts]
                    yield verdict(
                        f"{each.urn}#pattern", not wrong, f"{', '.join(wrong)}: text, compared without quotes"
                    )


def _text_fields(stage: Resource) -> frozenset[str]:
    where = f"{stage.urn}#accessLogSettings.format"
    written = read(stage, "accessLogSettings.format")
    try:
        line = json.loads(written) if isinstance(written, str) else None
    except ValueError:
        line = None
    if not isinstance(line, dict):
        raise Unverifiable(where, "the format is not a JSON object")
    return frozenset(name for name, value in line.items() if isinstance(value, str))


_DIMENSIONS: Final = {"WebACL": "rampart-ocpi", "Region": "eu-central-1", "Rule": "ALL"}
_WATCHED = plus(
    AUDIT,
    aws("wafv2/webAcl:WebAcl", "acl-1", name="ocpi", visibilityConfig={"metricName": "rampart-ocpi"}),
    aws(
        "cloudwatch/metricAlarm:MetricAlarm",
        "alarm-blocks",
        namespace="AWS/WAFV2",
        metricName="BlockedRequests",
        dimensions=_DIMENSIONS,
        actionsEnabled=True,
        alarmActions=["arn:topic-alarms"],
    ),
)


def _firewall_alarms(stack: Stack) -> Iterator[Resource]:
    return (a for a in stack.of_type(ALARM) if read(a, "namespace") == "AWS/WAFV2")


@check(
    "alarms-can-count",
    good=_WATCHED,
    bad=weaken(_WATCHED, "alarm-blocks", "dimensions", {"WebACL": "rampart-ocpi", "Rule": "ALL"}),
)
def firewall_alarms_name_their_region(stack: Stack) -> Verdicts:
    """A regional web ACL has no metric without the dimension `Region` (AWS WAF metrics and dimensions)."""
    for alarm in _firewall_alarms(stack):
        named = set(read(alarm, "dimensions") or {})
        whole = named == set(_DIMENSIONS)
        yield verdict(f"{alarm.urn}#dimensions", whole, "not the dimensions WebACL, Region and Rule")


@check(
    "alarms-can-count",
    good=_WATCHED,
    bad=weaken(_WATCHED, "acl-1", "visibilityConfig.metricName", "ocpi"),
)
def firewall_alarms_name_the_metric_of_the_acl(stack: Stack) -> Verdicts:
    """The dimension `WebACL` holds the metric name of a web ACL, which need not be its name."""
    metrics = {read(acl, "visibilityConfig.metricName") for acl in stack.of_type(ACL)}
    for alarm in _firewall_alarms(stack):
        found = read(alarm, "dimensions.WebACL") in metrics
        yield verdict(f"{alarm.urn}#dimensions", found, "no web ACL of this stack has a metric of that name")
