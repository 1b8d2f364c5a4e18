"""AWS Config, GuardDuty and Security Hub."""

from __future__ import annotations

from infra.lab.adapters.wanted import Adapter, Wanted
from infra.lab.clients import ACCOUNT
from infra.lab.monitor import Created


def detector(wanted: Wanted) -> Created:
    identifier = wanted.create("guardduty", "CreateDetector")["DetectorId"]
    arn = wanted.arn("guardduty", f"detector/{identifier}")
    return Created(identifier, {"arn": arn, "accountId": ACCOUNT})


def recorder(wanted: Wanted) -> Created:
    name = wanted.take("name", "default")
    wanted.left = {"configurationRecorder": {"name": name, **wanted.left}}
    wanted.create("config", "PutConfigurationRecorder", {"roleArn": "roleARN"})
    return Created(name, {"name": name})


def recorder_status(wanted: Wanted) -> Created:
    name = wanted.take("name")
    operation = "StartConfigurationRecorder" if wanted.take("isEnabled") else "StopConfigurationRecorder"
    wanted.call("config", operation, ConfigurationRecorderName=name)
    return Created(name, {})


def delivery_channel(wanted: Wanted) -> Created:
    name = wanted.take("name", "default")
    wanted.left = {"deliveryChannel": {"name": name, **wanted.left}}
    wanted.create(
        "config", "PutDeliveryChannel", {"snapshotDeliveryProperties": "configSnapshotDeliveryProperties"}
    )
    return Created(name, {"name": name})


def rule(wanted: Wanted) -> Created:
    name = wanted.take("name") or wanted.title
    tags = wanted.pick("tags")
    wanted.left = {"configRule": wanted.left, **tags}
    wanted.left["configRule"]["configRuleName"] = name
    wanted.create("config", "PutConfigRule")
    found = wanted.clients.get("config", wanted.region).describe_config_rules(ConfigRuleNames=[name])
    made = found["ConfigRules"][0]
    return Created(name, {"name": name, "arn": made["ConfigRuleArn"], "ruleId": made["ConfigRuleId"]})


def hub(wanted: Wanted) -> Created:
    wanted.create("securityhub", "EnableSecurityHub")
    return Created(ACCOUNT, {"arn": wanted.arn("securityhub", "hub/default")})


ADAPTERS: dict[str, Adapter] = {
    "aws:guardduty/detector:Detector": detector,
    "aws:cfg/recorder:Recorder": recorder,
    "aws:cfg/recorderStatus:RecorderStatus": recorder_status,
    "aws:cfg/deliveryChannel:DeliveryChannel": delivery_channel,
    "aws:cfg/rule:Rule": rule,
    "aws:securityhub/account:Account": hub,
}
