"""AWS Config, GuardDuty and Security Hub."""

from __future__ import annotations

from infra.lab.adapters.desired import Adapter, DesiredResource
from infra.lab.clients import ACCOUNT
from infra.lab.monitor import Created


def detector(desired: DesiredResource) -> Created:
    identifier = desired.create("guardduty", "CreateDetector")["DetectorId"]
    arn = desired.arn("guardduty", f"detector/{identifier}")
    return Created(identifier, {"arn": arn, "accountId": ACCOUNT})


def recorder(desired: DesiredResource) -> Created:
    name = desired.take("name", "default")
    desired.left = {"configurationRecorder": {"name": name, **desired.left}}
    desired.create("config", "PutConfigurationRecorder", {"roleArn": "roleARN"})
    return Created(name, {"name": name})


def recorder_status(desired: DesiredResource) -> Created:
    name = desired.take("name")
    operation = "StartConfigurationRecorder" if desired.take("isEnabled") else "StopConfigurationRecorder"
    desired.call("config", operation, ConfigurationRecorderName=name)
    return Created(name, {})


def delivery_channel(desired: DesiredResource) -> Created:
    name = desired.take("name", "default")
    desired.left = {"deliveryChannel": {"name": name, **desired.left}}
    desired.create(
        "config", "PutDeliveryChannel", {"snapshotDeliveryProperties": "configSnapshotDeliveryProperties"}
    )
    return Created(name, {"name": name})


def rule(desired: DesiredResource) -> Created:
    name = desired.take("name") or desired.title
    tags = desired.pick("tags")
    desired.left = {"configRule": desired.left, **tags}
    desired.left["configRule"]["configRuleName"] = name
    desired.create("config", "PutConfigRule")
    found = desired.clients.get("config", desired.region).describe_config_rules(ConfigRuleNames=[name])
    made = found["ConfigRules"][0]
    return Created(name, {"name": name, "arn": made["ConfigRuleArn"], "ruleId": made["ConfigRuleId"]})


def hub(desired: DesiredResource) -> Created:
    desired.create("securityhub", "EnableSecurityHub")
    return Created(ACCOUNT, {"arn": desired.arn("securityhub", "hub/default")})


ADAPTERS: dict[str, Adapter] = {
    "aws:guardduty/detector:Detector": detector,
    "aws:cfg/recorder:Recorder": recorder,
    "aws:cfg/recorderStatus:RecorderStatus": recorder_status,
    "aws:cfg/deliveryChannel:DeliveryChannel": delivery_channel,
    "aws:cfg/rule:Rule": rule,
    "aws:securityhub/account:Account": hub,
}
