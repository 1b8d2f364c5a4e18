"""Which alarms can fire: what they measure exists, and harm drives it over the threshold in time.

Sources: CloudWatch API Reference, PutMetricAlarm and PutMetricFilter; CloudWatch User Guide, "Evaluating an
alarm". CloudWatch accepts an alarm that never fires.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hardening.checks import Verdicts, check
from hardening.filter_patterns import MalformedPattern, matches
from hardening.runbooks.catalogue import RUNBOOKS
from scanners.policy.checks.reading import items, number, points_at, read, verdict
from scanners.policy.checks.sns import TOPIC
from scanners.policy.composite_alarms import COMPOSITE, wholes
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken, without
from scanners.policy.stack import Resource, Stack

ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
FILTER: Final = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_MADE: Final = "metricTransformation"

_LATEST: Final = 7200  # seconds until an alarm has seen enough to fire
# The same of a part of a composite alarm: a slow burn is watched over six hours (SRE Workbook, chapter 5).
_LATEST_OF_A_PART: Final = 21_600
_A_DAY: Final = 86_400  # the period of what AWS measures once a day
_MOST: Final = 1e6  # a count that nobody's harm reaches in two hours
# What means harm when it falls; everything else that we know of means harm when it rises.
_BACKUPS: Final = frozenset({"NumberOfBackupJobsCompleted", "NumberOfCopyJobsCompleted"})
_FALLING: Final = frozenset({"DaysToExpiry", "HealthyHostCount", "RunningTaskCount"}) | _BACKUPS
# What has one value a day, and how long an alarm may wait for it: a copy may end later than the day before.
_DAILY: Final = {"DaysToExpiry": _A_DAY, **dict.fromkeys(_BACKUPS, 2 * _A_DAY)}
METRICS: Final[Mapping[str, frozenset[str]]] = {
    "AWS/ApiGateway": frozenset({"4XXError", "5XXError", "Count", "Latency", "IntegrationLatency"}),
    "AWS/Backup": _BACKUPS | {"NumberOfBackupJobsFailed", "NumberOfCopyJobsFailed"},
    "AWS/Events": frozenset({"FailedInvocations", "DeadLetterInvocations"}),
    "AWS/WAFV2": frozenset({"AllowedRequests", "BlockedRequests", "CountedRequests", "PassedRequests"}),
    "AWS/CertificateManager": frozenset({"DaysToExpiry"}),
    "AWS/SQS": frozenset({"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"}),
    "AWS/NetworkELB": frozenset({"HealthyHostCount", "UnHealthyHostCount", "TCP_Target_Reset_Count"}),
    "ECS/ContainerInsights": frozenset({"RunningTaskCount", "DesiredTaskCount", "PendingTaskCount"}),
    "AWS/Lambda": frozenset({"Errors", "Throttles", "Duration", "DeadLetterErrors", "Invocations"}),
}
_LOW_PERCENTILE: Final = re.compile(r"p[0-4]?\d(\.\d+)?")
_SHARES: Final = frozenset({"4XXError", "5XXError"})  # 0 or 1 of each call


def metrics_of(alarm: Resource) -> Iterator[tuple[Any, Any]]:
    """(namespace, name) of every metric that an alarm watches. Raises Unverifiable."""
    if read(alarm, "metricName"):
        yield read(alarm, "namespace"), read(alarm, "metricName")
    for query in items(alarm, "metricQueries"):
        if query.get("metric"):  # the others compute from these
            yield query["metric"].get("namespace"), query["metric"].get("metricName")


def notifies(stack: Stack, alarm: Resource) -> bool:
    """Switched on, with an action that leads to a topic of this stack. Raises Unverifiable."""
    topics = stack.of_type(TOPIC)
    return read(alarm, "actionsEnabled") is True and any(points_at(alarm, "alarmActions", t) for t in topics)


def alarmed(stack: Stack, event: Mapping[str, Any]) -> bool:
    """Whether a metric filter matches the event, and an alarm that can fire notifies of it."""
    made = {_metric(each) for each in stack.of_type(FILTER) if _counts(stack, each) and hits(each, event)}
    return any(
        made & set(metrics_of(alarm)) and notifies(stack, alarm) and not idle(alarm)
        for alarm in stack.of_type(ALARM)
    )


def _metric(each: Resource) -> tuple[Any, Any]:
    return read(each, f"{_MADE}.namespace"), read(each, f"{_MADE}.name")


def hits(each: Resource, event: Mapping[str, Any]) -> bool:
    """Whether the pattern of a metric filter matches the event; a malformed one matches nothing."""
    try:
        return matches(str(read(each, "pattern") or ""), event)
    except MalformedPattern:
        return False


def _counts(stack: Stack, each: Resource) -> bool:
    """It reads a log group of this stack, and adds something for each event."""
    ours = any(points_at(each, "logGroupName", group) for group in stack.of_type(_GROUP))
    value = str(read(each, f"{_MADE}.value") or "0")
    return ours and value.strip("0.") != ""


def idle(alarm: Resource, latest: int = _LATEST) -> str:
    """Why an alarm cannot fire, or an empty text. Raises Unverifiable."""
    rising = str(read(alarm, "comparisonOperator")).startswith("GreaterThan")
    names = {name for _, name in metrics_of(alarm)}
    if rising == bool(names & _FALLING):
        return "it compares the wrong way round: harm does not raise it"
    threshold = number(alarm, "threshold")
    if threshold is None or threshold > _MOST or (threshold <= 0 and not rising):
        return "nothing reaches the threshold"
    statistic = read(alarm, "statistic")
    if names & _SHARES and statistic not in ("Sum", "SampleCount") and threshold >= 1:
        return "it waits for more than all calls"
    if rising and _LOW_PERCENTILE.fullmatch(str(read(alarm, "extendedStatistic"))):
        return "so low a percentile hides what it watches for"
    if statistic in (("Minimum",) if rising else ("Maximum", "SampleCount")):
        return f"the statistic {statistic} hides what it watches for"
    return _too_late(alarm, min([2 * _A_DAY, *(_DAILY.get(name) or latest for name in names)]))


def _too_late(alarm: Resource, latest: int) -> str:
    periods = number(alarm, "evaluationPeriods") or 0
    needed = number(alarm, "datapointsToAlarm")
    if not 1 <= (periods if needed is None else needed) <= periods:
        return "it asks for more datapoints than it looks at"
    seconds = periods * (number(alarm, "period") or 0)
    return "" if seconds <= latest else "it waits for longer than two hours, or than what it counts takes"


_401 = "alarm-401"
_DIMENSION = {
    "metricQueries": [{"id": "a", "metric": {"namespace": "AWS/SQS", "metricName": "NumberOfNothing"}}]
}


def _share_above(threshold: float) -> Resource:
    return aws(
        "cloudwatch/metricAlarm:MetricAlarm",
        "alarm-5xx",
        namespace="AWS/ApiGateway",
        metricName="5XXError",
        statistic="Average",
        comparisonOperator="GreaterThanThreshold",
        threshold=threshold,
        evaluationPeriods=1,
        period=300,
    )


@check(
    "alarms-reach-people",
    good=AUDIT,
    bad={
        "threshold": weaken(AUDIT, _401, "threshold", 1e9),
        "no threshold": weaken(AUDIT, _401, "threshold", ABSENT),
        "comparison": weaken(AUDIT, _401, "comparisonOperator", "LessThanThreshold"),
        "falling, threshold": weaken(AUDIT, "alarm-expiry", "threshold", 0),
        "statistic": weaken(AUDIT, _401, "statistic", "Minimum"),
        "falling, statistic": weaken(AUDIT, "alarm-expiry", "statistic", "Maximum"),
        "percentile": weaken(weaken(AUDIT, _401, "statistic", ABSENT), _401, "extendedStatistic", "p10"),
        "more than all calls": plus(AUDIT, _share_above(1)),
        "evaluation periods": weaken(AUDIT, _401, "evaluationPeriods", 300),
        "no evaluation": weaken(AUDIT, _401, "evaluationPeriods", 0),
        "datapoints": weaken(AUDIT, _401, "datapointsToAlarm", 5),
    },
    also_good={
        "one of one": weaken(AUDIT, _401, "datapointsToAlarm", 1),
        "half of all calls": plus(AUDIT, _share_above(0.5)),
        "by percentile": weaken(weaken(AUDIT, _401, "statistic", ABSENT), _401, "extendedStatistic", "p90"),
    },
)
def alarms_can_fire(stack: Stack) -> Verdicts:
    """Threshold, comparison, statistic and periods of each alarm let harm raise it, within two hours.

    Of what AWS measures once a day, within a day; of copies, within two. A part of a composite alarm may take
    six hours.
    """
    for alarm in stack.of_type(ALARM):
        problem = idle(alarm, _LATEST_OF_A_PART if wholes(stack, alarm) else _LATEST)
        yield verdict(f"{alarm.urn}#threshold", not problem, problem)


@check(
    "alarms-reach-people",
    good=AUDIT,
    bad={
        "no such metric of AWS": weaken(AUDIT, "alarm-expiry", "metricName", "DaysToNothing"),
        "no filter makes it": weaken(AUDIT, _401, "metricName", "nothing"),
        "in a query": plus(AUDIT, aws("cloudwatch/metricAlarm:MetricAlarm", "queried", **_DIMENSION)),
    },
    also_good={
        "another namespace": weaken(AUDIT, _401, "namespace", "Application"),
    },
)
def alarms_watch_a_metric_that_is_measured(stack: Stack) -> Verdicts:
    """A metric of AWS by its name, or one that a metric filter of this stack makes in its namespace."""
    made = {_metric(each) for each in stack.of_type(FILTER)}
    spaces = {namespace for namespace, _ in made}
    for alarm in stack.of_type(ALARM):
        watched = list(metrics_of(alarm))
        if not watched:
            yield f"{alarm.urn}#metricName", "it names no metric"
        for namespace, name in watched:
            known = str(namespace) not in METRICS or name in METRICS[str(namespace)]
            ours = namespace not in spaces or (namespace, name) in made
            yield verdict(f"{alarm.urn}#metricName", known and ours, "no such metric is measured")


@check(
    "alarms-reach-people",
    good=AUDIT,
    bad={
        "adds nothing": weaken(AUDIT, "filter-401", "metricTransformation.value", "0"),
        "another group": weaken(AUDIT, "filter-401", "logGroupName", "elsewhere"),
        "no alarm": without(AUDIT, _401),
        "another metric": weaken(AUDIT, "filter-401", "metricTransformation.name", "nothing"),
        "malformed": weaken(AUDIT, "filter-401", "pattern", "{ $.status = }"),
        "all events": weaken(AUDIT, "filter-401", "pattern", ""),
    },
)
def metric_filters_count_for_an_alarm(stack: Stack) -> Verdicts:
    """Each metric filter reads a log group of this stack, is well formed, counts, and has an alarm."""
    watched = {metric for alarm in stack.of_type(ALARM) for metric in metrics_of(alarm)}
    for each in stack.of_type(FILTER):
        counted = _counts(stack, each) and _is_pattern(str(read(each, "pattern") or ""))
        problem = "it counts nothing" if not counted else "no alarm watches what it counts"
        yield verdict(each.urn, counted and _metric(each) in watched, problem)


def _is_pattern(pattern: str) -> bool:
    try:
        matches(pattern, {})
    except MalformedPattern:
        return False
    return True


@check(
    "alarms-name-runbooks",
    good=AUDIT,
    bad={
        "no description": weaken(AUDIT, _401, "alarmDescription", ABSENT),
        "no runbook": weaken(AUDIT, _401, "alarmDescription", "Calls are refused"),
        "no such runbook": weaken(AUDIT, _401, "alarmDescription", "rampart runbook refused-calls"),
    },
    also_good={"another's": weaken(AUDIT, _401, "alarmDescription", "See https://wiki.example/401")},
)
def alarms_name_their_runbook(stack: Stack) -> Verdicts:
    """A runbook of ours by its name, or an address where another stands."""
    for alarm in stack.of_type(ALARM, COMPOSITE):
        text = str(read(alarm, "alarmDescription") or "")
        named = re.search(r"rampart runbook ([a-z-]+)", text)
        known = named[1] in RUNBOOKS if named else "https://" in text
        yield verdict(f"{alarm.urn}#alarmDescription", known, "it names no runbook")
