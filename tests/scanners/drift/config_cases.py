"""Cases: AWS Config: recorder, delivery channel and rules."""

from __future__ import annotations

from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.case import Case
from tests.scanners.drift.cloudtrail_cases import TRAILS


def recorder_case(account: Account) -> list[Resource]:
    role = f"arn:aws:iam::{ACCOUNT}:role/config"
    account.config.put_configuration_recorder(
        ConfigurationRecorder={
            "name": "default",
            "roleARN": role,
            "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
        }
    )
    account.s3.create_bucket(Bucket=TRAILS, CreateBucketConfiguration={"LocationConstraint": REGION})
    channel = {"name": "default", "s3BucketName": TRAILS}
    account.config.put_delivery_channel(DeliveryChannel=channel)
    account.config.start_configuration_recorder(ConfigurationRecorderName="default")
    inputs = {
        "name": "default",
        "roleArn": role,
        "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
    }
    return [
        declare("aws:cfg/recorder:Recorder", "default", inputs),
        declare("aws:cfg/recorderStatus:RecorderStatus", "default", {"name": "default", "isEnabled": True}),
        declare("aws:cfg/deliveryChannel:DeliveryChannel", "default", channel),
    ]


def channel_case(account: Account) -> list[Resource]:
    return list(reversed(recorder_case(account)))


def narrow_recorder(account: Account, resource: Resource) -> object:
    return account.config.put_configuration_recorder(
        ConfigurationRecorder={
            "name": "default",
            "roleARN": resource.inputs["roleArn"],
            "recordingGroup": {
                "allSupported": False,
                "includeGlobalResourceTypes": False,
                "resourceTypes": ["AWS::EC2::VPC"],
            },
        }
    )


def put_rule(account: Account, name: str, **change: Any) -> object:
    settings: dict[str, Any] = {
        "ConfigRuleName": name,
        "Description": "Secrets rotate",
        "Source": {"Owner": "AWS", "SourceIdentifier": "ROOT_ACCOUNT_MFA_ENABLED"},
    }
    return account.config.put_config_rule(ConfigRule={**settings, **change})


def rule_case(account: Account) -> list[Resource]:
    found = recorder_case(account)
    put_rule(account, "root-mfa")
    inputs = {
        "name": "root-mfa",
        "description": "Secrets rotate",
        "source": {"owner": "AWS", "sourceIdentifier": "ROOT_ACCOUNT_MFA_ENABLED"},
    }
    return [declare("aws:cfg/rule:Rule", "root-mfa", inputs), *found]


def another_rule(account: Account) -> str:
    put_rule(account, "other")
    return "other"


CASES = {
    "recorder": Case(
        recorder_case,
        {
            "isEnabled": lambda a, r: a.config.stop_configuration_recorder(ConfigurationRecorderName=r.id),
            "recordingGroup": narrow_recorder,
        },
    ),
    "delivery channel": Case(channel_case),
    "config rule": Case(
        rule_case,
        {
            "source": lambda a, r: put_rule(
                a, r.id, Source={"Owner": "AWS", "SourceIdentifier": "ROOT_ACCOUNT_HARDWARE_MFA_ENABLED"}
            ),
        },
        lambda a, r: a.config.delete_config_rule(ConfigRuleName=r.id),
        another_rule,
    ),
}
