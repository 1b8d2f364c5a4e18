"""Cases: what records, and what raises the alarm."""

from __future__ import annotations

import json
from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.drift_cases import Case
from tests.scanners.drift.keeping_cases import allow, key_case

TRAILS = "rampart-drift-trails"


def trail_case(account: Account) -> list[Resource]:
    account.s3.create_bucket(Bucket=TRAILS, CreateBucketConfiguration={"LocationConstraint": REGION})
    arn = account.cloudtrail.create_trail(
        Name="audit",
        S3BucketName=TRAILS,
        IsMultiRegionTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
        TagsList=[{"Key": "owner", "Value": "ops"}],
    )["TrailARN"]
    account.cloudtrail.start_logging(Name=arn)
    account.cloudtrail.put_event_selectors(
        TrailName=arn,
        EventSelectors=[
            {
                "ReadWriteType": "All",
                "IncludeManagementEvents": True,
                "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
            }
        ],
    )
    account.cloudtrail.put_insight_selectors(
        TrailName=arn, InsightSelectors=[{"InsightType": "ApiCallRateInsight"}]
    )
    inputs = {
        "name": "audit",
        "s3BucketName": TRAILS,
        "isMultiRegionTrail": True,
        "includeGlobalServiceEvents": True,
        "enableLogFileValidation": True,
        "enableLogging": True,
        "eventSelectors": [
            {
                "readWriteType": "All",
                "includeManagementEvents": True,
                "dataResources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}],
            }
        ],
        "insightSelectors": [{"insightType": "ApiCallRateInsight"}],
        "tags": {"owner": "ops"},
    }
    return [declare("aws:cloudtrail/trail:Trail", arn, inputs, arn=arn)]


def another_trail(account: Account) -> str:
    return str(account.cloudtrail.create_trail(Name="other", S3BucketName=TRAILS)["TrailARN"])


def update_trail(**change: Any) -> Any:
    return lambda a, r: a.cloudtrail.update_trail(Name="audit", **change)


def no_data_events(account: Account, resource: Resource) -> object:
    return account.cloudtrail.put_event_selectors(
        TrailName=resource.id,
        EventSelectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}],
    )


def log_group_case(account: Account) -> list[Resource]:
    key = key_case(account)[0]
    account.logs.create_log_group(
        logGroupName="/ocpi/access", kmsKeyId=key.outputs["arn"], tags={"owner": "ops"}
    )
    account.logs.put_retention_policy(logGroupName="/ocpi/access", retentionInDays=400)
    inputs = {
        "name": "/ocpi/access",
        "kmsKeyId": key.outputs["arn"],
        "retentionInDays": 400.0,
        "tags": {"owner": "ops"},
    }
    return [declare("aws:cloudwatch/logGroup:LogGroup", "/ocpi/access", inputs), key]


def another_group(account: Account) -> str:
    account.logs.create_log_group(logGroupName="/other")
    return "/other"


def put_filter(account: Account, pattern: str, value: str = "1") -> object:
    # The emulator would keep the old one beside the new one.
    if account.logs.describe_metric_filters()["metricFilters"]:
        account.logs.delete_metric_filter(logGroupName="/ocpi/access", filterName="unauthorised")
    return account.logs.put_metric_filter(
        logGroupName="/ocpi/access",
        filterName="unauthorised",
        filterPattern=pattern,
        metricTransformations=[
            {
                "metricName": "Unauthorised",
                "metricNamespace": "Rampart",
                "metricValue": value,
                "defaultValue": 0,
            }
        ],
    )


def filter_case(account: Account) -> list[Resource]:
    group, key = log_group_case(account)
    put_filter(account, "{ $.status = 401 }")
    inputs = {
        "name": "unauthorised",
        "logGroupName": "/ocpi/access",
        "pattern": "{ $.status = 401 }",
        "metricTransformation": {
            "name": "Unauthorised",
            "namespace": "Rampart",
            "value": "1",
            "defaultValue": "0",
        },
    }
    return [declare("aws:cloudwatch/logMetricFilter:LogMetricFilter", "unauthorised", inputs), group, key]


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


def event_case(account: Account) -> list[Resource]:
    pattern = json.dumps({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]})
    arn = account.events.put_rule(
        Name="findings", EventPattern=pattern, Description="Findings", Tags=[{"Key": "owner", "Value": "ops"}]
    )["RuleArn"]
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
    account.events.put_targets(Rule="findings", Targets=[{"Id": "1", "Arn": topic}])
    inputs = {
        "name": "findings",
        "description": "Findings",
        "eventPattern": pattern,
        "tags": {"owner": "ops"},
    }
    target = {"rule": "findings", "arn": topic, "targetId": "1"}
    return [
        declare("aws:cloudwatch/eventRule:EventRule", "findings", inputs, arn=arn),
        declare("aws:cloudwatch/eventTarget:EventTarget", "findings-1", target),
    ]


def divert(account: Account, resource: Resource) -> object:
    elsewhere = f"arn:aws:sns:{REGION}:{ACCOUNT}:elsewhere"
    return account.events.put_targets(Rule=resource.id, Targets=[{"Id": "1", "Arn": elsewhere}])


def log_policy_case(account: Account) -> list[Resource]:
    policy = allow({"Service": "route53.amazonaws.com"}, "logs:PutLogEvents")
    account.logs.put_resource_policy(policyName="queries", policyDocument=policy)
    inputs = {"policyName": "queries", "policyDocument": policy}
    return [declare("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "queries", inputs)]


CASES = {
    "trail": Case(
        trail_case,
        {
            "enableLogging": lambda a, r: a.cloudtrail.stop_logging(Name=r.id),
            "isMultiRegionTrail": update_trail(IsMultiRegionTrail=False),
            "enableLogFileValidation": update_trail(EnableLogFileValidation=False),
            "includeGlobalServiceEvents": update_trail(IncludeGlobalServiceEvents=False),
            "eventSelectors": no_data_events,
            "insightSelectors": lambda a, r: a.cloudtrail.put_insight_selectors(
                TrailName=r.id, InsightSelectors=[{"InsightType": "ApiErrorRateInsight"}]
            ),
            "tags": lambda a, r: a.cloudtrail.remove_tags(
                ResourceId=r.id, TagsList=[{"Key": "owner", "Value": "ops"}]
            ),
        },
        lambda a, r: a.cloudtrail.delete_trail(Name="audit"),
        another_trail,
    ),
    "log group": Case(
        log_group_case,
        {
            "retentionInDays": lambda a, r: a.logs.put_retention_policy(logGroupName=r.id, retentionInDays=1),
            "tags": lambda a, r: a.logs.untag_log_group(logGroupName=r.id, tags=["owner"]),
        },
        lambda a, r: a.logs.delete_log_group(logGroupName=r.id),
        another_group,
    ),
    "log policy": Case(
        log_policy_case,
        {
            "policyDocument": lambda a, r: a.logs.put_resource_policy(
                policyName="queries", policyDocument=allow("*", "logs:*")
            )
        },
        lambda a, r: a.logs.delete_resource_policy(policyName="queries"),
    ),
    "metric filter": Case(
        filter_case,
        {
            "pattern": lambda a, r: put_filter(a, "{ $.status = 499 }"),
            "metricTransformation": lambda a, r: put_filter(a, "{ $.status = 401 }", "0"),
        },
        lambda a, r: a.logs.delete_metric_filter(logGroupName="/ocpi/access", filterName="unauthorised"),
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
    "event rule": Case(
        event_case,
        {
            "state": lambda a, r: a.events.disable_rule(Name=r.id),
            "targets": divert,
            "tags": lambda a, r: a.events.untag_resource(ResourceARN=r.outputs["arn"], TagKeys=["owner"]),
        },
        add=lambda a: a.events.put_rule(Name="more", ScheduleExpression="rate(1 day)") and "more",
    ),
}
