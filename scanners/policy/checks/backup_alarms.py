"""Checks that people hear of a copy that was not made: of a job that fails, and of a day without one.

Sources: AWS Backup Developer Guide, "AWS Backup metrics with Amazon CloudWatch" and "Monitoring AWS Backup
events using Amazon EventBridge"; CloudWatch User Guide, "Alarm evaluation window".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.alarms import ALARM, idle, metrics_of, notifies
from scanners.policy.checks.backup import BACKED, PLAN, vaults_named
from scanners.policy.checks.eventbridge import told
from scanners.policy.checks.reading import items, number, points_at, read, verdict
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken, without
from scanners.policy.stack import Resource, Stack

_MINUTE: Final = 60  # seconds
_DAY: Final = 24 * 60  # minutes
# Minutes within which AWS Backup begins and ends a job, where a rule does not say (API, BackupRuleInput).
_BEGINS, _ENDS = 8 * 60, 7 * _DAY

_MADE: Final = "NumberOfBackupJobsCompleted"
_COPIED: Final = "NumberOfCopyJobsCompleted"
_STATES: Final = ("ABORTED", "EXPIRED", "FAILED", "PARTIAL")


def _rule(kinds: tuple[str, ...] = ("Backup", "Copy"), states: tuple[str, ...] = _STATES) -> str:
    named = [f"{kind} Job State Change" for kind in kinds]
    return json.dumps({"source": ["aws.backup"], "detail-type": named, "detail": {"state": list(states)}})


def _alarm(name: str, metric: str, vault: str) -> Resource:
    return aws(
        "cloudwatch/metricAlarm:MetricAlarm",
        name,
        namespace="AWS/Backup",
        metricName=metric,
        dimensions={"BackupVaultName": vault},
        comparisonOperator="LessThanThreshold",
        threshold=1,
        statistic="Sum",
        period=3600,
        evaluationPeriods=33,
        datapointsToAlarm=33,
        treatMissingData="breaching",
        actionsEnabled=True,
        alarmActions=["arn:topic-backups"],
    )


_ALARMED: Final = plus(
    BACKED,
    aws("sns/topic:Topic", "topic-backups"),
    aws("cloudwatch/eventRule:EventRule", "rule-jobs", eventPattern=_rule(), state="ENABLED"),
    aws("cloudwatch/eventTarget:EventTarget", "target-jobs", rule="rule-jobs", arn="arn:topic-backups"),
    _alarm("alarm-backups", _MADE, "vault-1"),
    _alarm("alarm-copies", _COPIED, "vault-copy"),
)


@check(
    "backups-locked",
    good=_ALARMED,
    bad={
        "no alarm": without(_ALARMED, "alarm-backups"),
        "of another vault": weaken(_ALARMED, "alarm-backups", "dimensions.BackupVaultName", "Default"),
        "nobody hears": weaken(_ALARMED, "alarm-backups", "alarmActions", []),
        "when there are many": weaken(
            _ALARMED, "alarm-backups", "comparisonOperator", "GreaterThanThreshold"
        ),
        "no data is well": weaken(_ALARMED, "alarm-backups", "treatMissingData", "notBreaching"),
        "in every hour without one": weaken(_ALARMED, "alarm-backups", "datapointsToAlarm", 1),
        "before a late one is due": weaken(
            weaken(_ALARMED, "alarm-backups", "evaluationPeriods", 24),
            "alarm-backups",
            "datapointsToAlarm",
            24,
        ),
        "of no time": weaken(_ALARMED, "alarm-backups", "period", ABSENT),
        "in no hours": weaken(
            weaken(_ALARMED, "alarm-backups", "datapointsToAlarm", ABSENT),
            "alarm-backups",
            "evaluationPeriods",
            ABSENT,
        ),
        "as late as AWS takes it": weaken(_ALARMED, "plan-1", "rules.0.completionWindow", ABSENT),
        "as late as AWS begins it": weaken(_ALARMED, "plan-1", "rules.0.startWindow", ABSENT),
        "no alarm elsewhere": without(_ALARMED, "alarm-copies"),
        "elsewhere by what is made here": weaken(_ALARMED, "alarm-copies", "metricName", _MADE),
        "elsewhere by the vault here": weaken(
            _ALARMED, "alarm-copies", "dimensions.BackupVaultName", "vault-1"
        ),
    },
    also_good={"every hour of them": weaken(_ALARMED, "alarm-backups", "datapointsToAlarm", ABSENT)},
)
def missing_backups_are_alarmed(stack: Stack) -> Verdicts:
    """Somebody is told of a vault that got no copy in a day, failed or never begun, and only then.

    A job that copies into another vault is counted under the name of that one.
    """
    for plan in stack.of_type(PLAN):
        for rule in [f"rules.{n}" for n, _ in enumerate(items(plan, "rules"))]:
            late = _DAY + (number(plan, f"{rule}.startWindow") or _BEGINS)
            late += number(plan, f"{rule}.completionWindow") or _ENDS
            copies = [one.get("destinationVaultArn") for one in items(plan, f"{rule}.copyActions")]
            named = [(_MADE, read(plan, f"{rule}.targetVaultName")), *((_COPIED, name) for name in copies)]
            for metric, name in named:
                for vault in vaults_named(stack, name):
                    heard = any(_tells_of_none(a, late) for a in _alarms_of(stack, vault, metric))
                    yield verdict(vault.urn, heard, "no alarm says that a copy is missing, and only then")


def _alarms_of(stack: Stack, vault: Resource, metric: str) -> list[Resource]:
    counted = ("AWS/Backup", metric)
    alarms = [a for a in stack.of_type(ALARM) if counted in set(metrics_of(a)) and notifies(stack, a)]
    return [a for a in alarms if points_at(a, "dimensions", vault)]


def _tells_of_none(alarm: Resource, minutes: float) -> bool:
    """Whether it is raised by so many minutes without a copy, and by no fewer."""
    periods = number(alarm, "evaluationPeriods") or 0
    needed = number(alarm, "datapointsToAlarm")
    patient = needed in (None, periods) and periods * (number(alarm, "period") or 0) >= minutes * _MINUTE
    return patient and not idle(alarm) and read(alarm, "treatMissingData") == "breaching"


def _event(kind: str, state: str) -> Mapping[str, Any]:
    return {"source": "aws.backup", "detail-type": f"{kind} Job State Change", "detail": {"state": state}}


_ENDED_BADLY: Final = (
    *(_event("Backup", state) for state in ("FAILED", "EXPIRED", "ABORTED")),
    _event("Copy", "FAILED"),
)


@check(
    "backups-locked",
    good=_ALARMED,
    bad={
        "no rule": without(_ALARMED, "rule-jobs"),
        "no copies": weaken(_ALARMED, "rule-jobs", "eventPattern", _rule(("Backup",))),
        "copies alone": weaken(_ALARMED, "rule-jobs", "eventPattern", _rule(("Copy",))),
        "not what never began": weaken(
            _ALARMED, "rule-jobs", "eventPattern", _rule(states=("FAILED", "ABORTED"))
        ),
        "not what was stopped": weaken(
            _ALARMED, "rule-jobs", "eventPattern", _rule(states=("FAILED", "EXPIRED"))
        ),
        "nobody hears": without(_ALARMED, "target-jobs"),
        "off": weaken(_ALARMED, "rule-jobs", "state", "DISABLED"),
    },
)
def failed_backups_are_told_to_people(stack: Stack) -> Verdicts:
    """A job that fails, never begins or is stopped reaches our topic, here and elsewhere: one of many too."""
    for plan in stack.of_type(PLAN):
        for event in _ENDED_BADLY:
            what = f"{event['detail-type']}: {event['detail']['state']}"
            yield verdict(plan.urn, told(stack, event), f"nobody is told of {what}")
