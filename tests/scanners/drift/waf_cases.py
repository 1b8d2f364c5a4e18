"""Cases: AWS WAF: web ACLs with what they protect and log, and IP sets."""

from __future__ import annotations

import json
from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.api_stages_cases import staged_api
from tests.scanners.drift.case import Case

RULES = [
    {
        "name": "partners",
        "priority": 0,
        "action": {"block": {}},
        "statement": {"notStatement": {"statements": [{"ipSetReferenceStatement": {"arn": "SET"}}]}},
        "visibilityConfig": {
            "cloudwatchMetricsEnabled": True,
            "metricName": "partners",
            "sampledRequestsEnabled": False,
        },
    },
    {
        "name": "rate",
        "priority": 1,
        "action": {"block": {}},
        "statement": {
            "rateBasedStatement": {
                "limit": 2000.0,
                "aggregateKeyType": "CUSTOM_KEYS",
                "customKeys": [
                    {
                        "header": {
                            "name": "authorization",
                            "textTransformations": [{"priority": 0, "type": "NONE"}],
                        }
                    }
                ],
            }
        },
        "visibilityConfig": {
            "cloudwatchMetricsEnabled": True,
            "metricName": "rate",
            "sampledRequestsEnabled": False,
        },
    },
    {
        "name": "common",
        "priority": 2,
        "overrideAction": {"none": {}},
        "statement": {
            "managedRuleGroupStatement": {"vendorName": "AWS", "name": "AWSManagedRulesCommonRuleSet"}
        },
        "visibilityConfig": {
            "cloudwatchMetricsEnabled": True,
            "metricName": "common",
            "sampledRequestsEnabled": False,
        },
    },
]


VISIBLE = {"CloudWatchMetricsEnabled": True, "MetricName": "firewall", "SampledRequestsEnabled": False}


def _api_rules(arn: str) -> list[dict[str, Any]]:
    def seen(name: str) -> dict[str, Any]:
        return {**VISIBLE, "MetricName": name}

    transformation = [{"Priority": 0, "Type": "NONE"}]
    return [
        {
            "Name": "partners",
            "Priority": 0,
            "Action": {"Block": {}},
            "Statement": {"NotStatement": {"Statement": {"IPSetReferenceStatement": {"ARN": arn}}}},
            "VisibilityConfig": seen("partners"),
        },
        {
            "Name": "rate",
            "Priority": 1,
            "Action": {"Block": {}},
            "Statement": {
                "RateBasedStatement": {
                    "Limit": 2000,
                    "AggregateKeyType": "CUSTOM_KEYS",
                    "CustomKeys": [
                        {"Header": {"Name": "authorization", "TextTransformations": transformation}}
                    ],
                }
            },
            "VisibilityConfig": seen("rate"),
        },
        {
            "Name": "common",
            "Priority": 2,
            "OverrideAction": {"None": {}},
            "Statement": {
                "ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}
            },
            "VisibilityConfig": seen("common"),
        },
    ]


def ip_set(account: Account) -> Resource:
    made = account.wafv2.create_ip_set(
        Name="partners",
        Scope="REGIONAL",
        IPAddressVersion="IPV4",
        Addresses=["192.0.2.0/24", "198.51.100.7/32"],
        Tags=[{"Key": "owner", "Value": "ops"}],
    )["Summary"]
    inputs = {
        "name": "partners",
        "scope": "REGIONAL",
        "ipAddressVersion": "IPV4",
        "addresses": ["198.51.100.7/32", "192.0.2.0/24"],
        "tags": {"owner": "ops"},
    }
    return declare("aws:wafv2/ipSet:IpSet", made["Id"], inputs, arn=made["ARN"])


def add_address(account: Account, resource: Resource) -> object:
    named = {"Name": "partners", "Id": resource.id, "Scope": "REGIONAL"}
    lock = account.wafv2.get_ip_set(**named)["LockToken"]
    return account.wafv2.update_ip_set(**named, LockToken=lock, Addresses=["0.0.0.0/1"])


def acl_case(account: Account) -> list[Resource]:
    allowed = ip_set(account)
    made = account.wafv2.create_web_acl(
        Name="firewall",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        Rules=_api_rules(allowed.outputs["arn"]),
        VisibilityConfig=VISIBLE,
        Tags=[{"Key": "owner", "Value": "ops"}],
    )["Summary"]
    id_ = staged_api(account)
    account.apigateway.create_deployment(restApiId=id_, stageName="ocpi")
    stage = f"arn:aws:apigateway:{REGION}::/restapis/{id_}/stages/ocpi"
    account.wafv2.associate_web_acl(WebACLArn=made["ARN"], ResourceArn=stage)
    log = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:aws-waf-logs-ocpi"
    account.wafv2.put_logging_configuration(
        LoggingConfiguration={
            "ResourceArn": made["ARN"],
            "LogDestinationConfigs": [log],
            "RedactedFields": [{"SingleHeader": {"Name": "authorization"}}],
        }
    )
    inputs = {
        "name": "firewall",
        "scope": "REGIONAL",
        "defaultAction": {"allow": {}},
        "rules": json.loads(json.dumps(RULES).replace("SET", allowed.outputs["arn"])),
        "visibilityConfig": {
            "cloudwatchMetricsEnabled": True,
            "metricName": "firewall",
            "sampledRequestsEnabled": False,
        },
        "tags": {"owner": "ops"},
    }
    logging = {
        "resourceArn": made["ARN"],
        "logDestinationConfigs": [log],
        "redactedFields": [{"singleHeader": {"name": "authorization"}}],
    }
    return [
        declare("aws:wafv2/webAcl:WebAcl", made["Id"], inputs, arn=made["ARN"]),
        declare(
            "aws:wafv2/webAclAssociation:WebAclAssociation",
            "a-1",
            {"webAclArn": made["ARN"], "resourceArn": stage},
        ),
        declare("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", made["ARN"], logging),
        allowed,
    ]


def change_acl(**changes: Any) -> Any:
    def change(account: Account, resource: Resource) -> object:
        named = {"Name": "firewall", "Id": resource.id, "Scope": "REGIONAL"}
        answer = account.wafv2.get_web_acl(**named)
        now = {name: answer["WebACL"][name] for name in ("DefaultAction", "Rules", "VisibilityConfig")}
        return account.wafv2.update_web_acl(**named, LockToken=answer["LockToken"], **{**now, **changes})

    return change


def drop_rules(account: Account, resource: Resource) -> object:
    named = {"Name": "firewall", "Id": resource.id, "Scope": "REGIONAL"}
    rules = account.wafv2.get_web_acl(**named)["WebACL"]["Rules"]
    return change_acl(Rules=rules[:1])(account, resource)


def unguard(account: Account, resource: Resource) -> object:
    api_id = account.apigateway.get_rest_apis()["items"][0]["id"]
    stage = f"arn:aws:apigateway:{REGION}::/restapis/{api_id}/stages/ocpi"
    return account.wafv2.disassociate_web_acl(ResourceArn=stage)


def show_token(account: Account, resource: Resource) -> object:
    log = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:aws-waf-logs-ocpi"
    return account.wafv2.put_logging_configuration(
        LoggingConfiguration={"ResourceArn": resource.outputs["arn"], "LogDestinationConfigs": [log]}
    )


CASES = {
    "ip set": Case(
        lambda a: [ip_set(a)],
        {
            "addresses": add_address,
            "tags": lambda a, r: a.wafv2.untag_resource(ResourceARN=r.outputs["arn"], TagKeys=["owner"]),
        },
        lambda a, r: a.wafv2.delete_ip_set(
            Name="partners",
            Id=r.id,
            Scope="REGIONAL",
            LockToken=a.wafv2.get_ip_set(Name="partners", Id=r.id, Scope="REGIONAL")["LockToken"],
        ),
    ),
    "web acl": Case(
        acl_case,
        {
            "defaultAction": change_acl(DefaultAction={"Block": {}}),
            "rules": drop_rules,
            "visibilityConfig": change_acl(VisibilityConfig={**VISIBLE, "SampledRequestsEnabled": True}),
            "guards": unguard,
            "redactedFields": show_token,
            "logDestinations": lambda a, r: a.wafv2.put_logging_configuration(
                LoggingConfiguration={
                    "ResourceArn": r.outputs["arn"],
                    "LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-elsewhere"],
                    "RedactedFields": [{"SingleHeader": {"Name": "authorization"}}],
                }
            ),
        },
    ),
}
