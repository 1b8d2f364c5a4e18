"""Cases: Metric alarms and dashboards of CloudWatch."""

from __future__ import annotations

import json
from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.case import Case


def put_alarm(account: Account, **change: Any) -> object:
    settings: dict[str, Any] = {
        "AlarmName": "unauthorised",
        "AlarmDescription": "Many 401",
        "ActionsEnabled": True,
        "AlarmActions": [f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"],
        "MetricName": "Unauthorised",
        "Namespace": "Rampart",
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 20.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "Tags": [{"Key": "owner", "Value": "ops"}],
    }
    return account.cloudwatch.put_metric_alarm(**{**settings, **change})


def alarm_case(account: Account) -> list[Resource]:
    put_alarm(account)
    inputs = {
        "name": "unauthorised",
        "alarmDescription": "Many 401",
        "alarmActions": [f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"],
        "metricName": "Unauthorised",
        "namespace": "Rampart",
        "statistic": "Sum",
        "period": 300.0,
        "evaluationPeriods": 1.0,
        "threshold": 20.0,
        "comparisonOperator": "GreaterThanThreshold",
        "treatMissingData": "notBreaching",
        "tags": {"owner": "ops"},
    }
    return [declare("aws:cloudwatch/metricAlarm:MetricAlarm", "unauthorised", inputs)]


def another_alarm(account: Account) -> str:
    put_alarm(account, AlarmName="other")
    return "other"


def change_alarm(**change: Any) -> Any:
    return lambda a, r: put_alarm(a, **change)


def put_dashboard(account: Account, name: str = "calls", title: str = "Calls") -> str:
    body = json.dumps({"widgets": [{"type": "text", "properties": {"markdown": title}}]})
    account.cloudwatch.put_dashboard(DashboardName=name, DashboardBody=body)
    return name


def dashboard_case(account: Account) -> list[Resource]:
    put_dashboard(account)
    body = '{"widgets": [{"properties": {"markdown": "Calls"}, "type": "text"}]}'
    inputs = {"dashboardName": "calls", "dashboardBody": body}
    return [declare("aws:cloudwatch/dashboard:Dashboard", "calls", inputs)]


CASES = {
    "dashboard": Case(
        dashboard_case,
        {"dashboardBody": lambda a, r: put_dashboard(a, title="Nothing")},
        lambda a, r: a.cloudwatch.delete_dashboards(DashboardNames=[r.id]),
        lambda a: put_dashboard(a, "other"),
    ),
    "alarm": Case(
        alarm_case,
        {
            "actionsEnabled": lambda a, r: a.cloudwatch.disable_alarm_actions(AlarmNames=[r.id]),
            "alarmActions": change_alarm(AlarmActions=[]),
            "threshold": change_alarm(Threshold=1e9),
            "treatMissingData": change_alarm(TreatMissingData="ignore"),
        },
        lambda a, r: a.cloudwatch.delete_alarms(AlarmNames=[r.id]),
        another_alarm,
    ),
}
