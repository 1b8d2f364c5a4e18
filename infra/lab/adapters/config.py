"""AWS Config."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource
from infra.program_run.monitor import Created


def recorder(desired: DesiredResource) -> Created:
    """PutConfigurationRecorder."""
    name = desired.take("name", "default")
    desired.left = {"configurationRecorder": {"name": name, **desired.left}}
    desired.create("config", "PutConfigurationRecorder", {"roleArn": "roleARN"})
    return Created(name, {"name": name})


def recorder_status(desired: DesiredResource) -> Created:
    """StartConfigurationRecorder or StopConfigurationRecorder."""
    name = desired.take("name")
    operation = "StartConfigurationRecorder" if desired.take("isEnabled") else "StopConfigurationRecorder"
    desired.call("config", operation, ConfigurationRecorderName=name)
    return Created(name, {})


def delivery_channel(desired: DesiredResource) -> Created:
    """PutDeliveryChannel."""
    name = desired.take("name", "default")
    desired.left = {"deliveryChannel": {"name": name, **desired.left}}
    desired.create(
        "config", "PutDeliveryChannel", {"snapshotDeliveryProperties": "configSnapshotDeliveryProperties"}
    )
    return Created(name, {"name": name})


def rule(desired: DesiredResource) -> Created:
    """PutConfigRule."""
    name = desired.take("name") or desired.title
    tags = desired.pick("tags")
    desired.left = {"configRule": desired.left, **tags}
    desired.left["configRule"]["configRuleName"] = name
    desired.create("config", "PutConfigRule")
    found = desired.clients.get("config", desired.region).describe_config_rules(ConfigRuleNames=[name])
    made = found["ConfigRules"][0]
    return Created(name, {"name": name, "arn": made["ConfigRuleArn"], "ruleId": made["ConfigRuleId"]})


ADAPTERS: dict[str, Adapter] = {
    "aws:cfg/recorder:Recorder": recorder,
    "aws:cfg/recorderStatus:RecorderStatus": recorder_status,
    "aws:cfg/deliveryChannel:DeliveryChannel": delivery_channel,
    "aws:cfg/rule:Rule": rule,
}
