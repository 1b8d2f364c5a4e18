"""Cases: CloudWatch Logs: log groups, resource policies and metric filters."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case, allow
from tests.scanners.drift.kms_cases import key_case
from tests.scanners.drift.lambda_functions_cases import function_case


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


def send_elsewhere(account: Account, resource: Resource) -> object:
    function = function_case(account)[0]
    return account.logs.put_subscription_filter(
        logGroupName=resource.id,
        filterName="leak",
        filterPattern="",
        destinationArn=function.outputs["arn"],
    )


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


def log_policy_case(account: Account) -> list[Resource]:
    policy = allow({"Service": "route53.amazonaws.com"}, "logs:PutLogEvents")
    account.logs.put_resource_policy(policyName="queries", policyDocument=policy)
    inputs = {"policyName": "queries", "policyDocument": policy}
    return [declare("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "queries", inputs)]


CASES = {
    "log group": Case(
        log_group_case,
        {
            "retentionInDays": lambda a, r: a.logs.put_retention_policy(logGroupName=r.id, retentionInDays=1),
            "subscriptionFilters": send_elsewhere,
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
}
