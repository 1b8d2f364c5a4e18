"""Whether a deployed alarm would fire: its own filter over its own log group, its threshold and period.

CloudWatch User Guide, "Evaluating an alarm". The emulator counts nothing, so it is done here from what is
deployed there: a filter, an alarm or a subscription that is gone is missed here too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from hardening.errors import CollectError
from hardening.filter_patterns import MalformedPattern, matches
from hardening.runbooks.followed import Heard
from infra.lab.drills.lab_account import LabAccount

_AT_LEAST = "GreaterThanOrEqualToThreshold"
_EVERY_SECONDS = 0.25


def wait_for(lab: LabAccount, name: str, began: float, patience: float) -> Heard:
    """Wait until the alarm `name` fires on what was logged since `began` (Unix seconds)."""
    alarm = f"{lab.prefix}-{name}"
    try:
        deployed = _alarm(lab, alarm)
        people = _people(lab, deployed)
        why = _until(lab, deployed, began, patience)
    except CollectError as error:
        return Heard(alarm=alarm, after=None, people=0, delay=0, why=error.message)
    after = None if why else time.time() - began
    return Heard(alarm=alarm, after=after, people=people, delay=int(deployed["Period"]), why=why)


def _until(lab: LabAccount, deployed: Mapping[str, Any], began: float, patience: float) -> str:
    """Empty once the alarm fires; why it did not when the patience has ended. Raises CollectError."""
    if deployed["ComparisonOperator"] != _AT_LEAST or deployed["EvaluationPeriods"] != 1:
        raise CollectError(f"{deployed['AlarmName']}: a drill reads no alarm of this kind")
    deadline = time.monotonic() + patience
    while (counted := _counted(lab, deployed, began)) < float(deployed["Threshold"]):
        if time.monotonic() > deadline:
            return f"{counted} of {deployed['Threshold']:.0f} were counted"
        time.sleep(_EVERY_SECONDS)
    return ""


def _alarm(lab: LabAccount, name: str) -> Mapping[str, Any]:
    found = lab.ask("cloudwatch", "describe_alarms", AlarmNames=[name])["MetricAlarms"]
    if not found:
        raise CollectError(f"there is no alarm {name}")
    deployed: Mapping[str, Any] = found[0]
    return deployed


def _people(lab: LabAccount, deployed: Mapping[str, Any]) -> int:
    """How many subscriptions hear of the alarm; none where its actions are switched off.

    One that nobody confirmed has `PendingConfirmation` for an ARN (SNS API, Subscribe).
    """
    if not deployed["ActionsEnabled"]:
        return 0
    topics = deployed["AlarmActions"]
    return sum(
        one["SubscriptionArn"].startswith("arn:")
        for topic in topics
        for one in lab.ask("sns", "list_subscriptions_by_topic", TopicArn=topic)["Subscriptions"]
    )


def _counted(lab: LabAccount, deployed: Mapping[str, Any], began: float) -> int:
    """How many events of the last period a filter of the alarm's metric counts. Raises CollectError."""
    asked = {"metricName": deployed["MetricName"], "metricNamespace": deployed["Namespace"]}
    filters = lab.ask("logs", "describe_metric_filters", **asked)["metricFilters"]
    if not filters:
        raise CollectError(f"no filter counts {deployed['MetricName']}")
    since = max(int(began * 1000), int((time.time() - deployed["Period"]) * 1000))
    return sum(
        _is_counted(one["filterPattern"], event["message"])
        for one in filters
        for event in _events(lab, one["logGroupName"], since)
    )


def _events(lab: LabAccount, group: str, since: int) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = lab.ask(
        "logs", "filter_log_events", logGroupName=group, startTime=since
    )["events"]
    return found


def _is_counted(pattern: str, message: str) -> bool:
    try:
        event = json.loads(message)
        return isinstance(event, Mapping) and matches(pattern, event)
    except (ValueError, MalformedPattern):
        return False
