"""AWS Config: recorder, delivery channel and rules (Config API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, by
from scanners.drift.fields import TAGS, protection, setting
from scanners.drift.normalize import document, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def recorders(view: View) -> Iterator[Live]:
    """Configuration recorders, and whether they record (DescribeConfigurationRecorders and its status)."""
    states = view.ask("config", "describe_configuration_recorder_status")["ConfigurationRecordersStatus"]
    running = {each["name"]: each.get("recording") for each in states}
    for found in view.ask("config", "describe_configuration_recorders")["ConfigurationRecorders"]:
        group = found.get("recordingGroup") or {}
        yield Live(
            "aws:cfg/recorder:Recorder",
            found["name"],
            {
                "name": found["name"],
                "roleArn": found.get("roleARN"),
                "recordingGroup": _group(group),
                "isEnabled": running.get(found["name"]),
            },
            view.region,
        )


def _group(group: Mapping[str, Any]) -> str:
    if group.get("allSupported", True):
        return f"everything{' and global types' if group.get('includeGlobalResourceTypes') else ''}"
    return ", ".join(sorted(group.get("resourceTypes") or ()))


def _declared_recorder(declared: Declared, recorder: Resource) -> Mapping[str, Any]:
    found: dict[str, Any] = {**recorder.inputs}
    found["recordingGroup"] = _group(block(recorder.inputs.get("recordingGroup")))
    for one in declared.parts(recorder, "aws:cfg/recorderStatus:RecorderStatus", "name"):
        found["isEnabled"] = one.inputs.get("isEnabled")
    return found


def delivery_channels(view: View) -> Iterator[Live]:
    """Delivery channels: bucket, key and topic (DescribeDeliveryChannels)."""
    for found in view.ask("config", "describe_delivery_channels")["DeliveryChannels"]:
        yield Live(
            "aws:cfg/deliveryChannel:DeliveryChannel",
            found["name"],
            {
                "name": found["name"],
                "s3BucketName": found.get("s3BucketName"),
                "s3KeyPrefix": found.get("s3KeyPrefix"),
                "s3KmsKeyArn": found.get("s3KmsKeyArn"),
                "snsTopicArn": found.get("snsTopicARN"),
                "snapshotDeliveryProperties": (found.get("configSnapshotDeliveryProperties") or {}).get(
                    "deliveryFrequency"
                ),
            },
            view.region,
        )


def _declared_channel(_: Declared, channel: Resource) -> Mapping[str, Any]:
    snapshot = block(channel.inputs.get("snapshotDeliveryProperties"))
    return {**channel.inputs, "snapshotDeliveryProperties": snapshot.get("deliveryFrequency")}


def rules(view: View) -> Iterator[Live]:
    """Rules with source, scope and parameters (DescribeConfigRules)."""
    for found in view.pages("config", "describe_config_rules", "ConfigRules"):
        source, arn = found.get("Source") or {}, found["ConfigRuleArn"]
        yield Live(
            "aws:cfg/rule:Rule",
            found["ConfigRuleName"],
            {
                "name": found["ConfigRuleName"],
                "description": found.get("Description"),
                "source": f"{source.get('Owner')} {source.get('SourceIdentifier')}",
                "inputParameters": found.get("InputParameters"),
                "scope": sorted((found.get("Scope") or {}).get("ComplianceResourceTypes") or ()),
                "maximumExecutionFrequency": found.get("MaximumExecutionFrequency"),
                "createdBy": found.get("CreatedBy"),
                "tags": view.tags(arn, "config", "list_tags_for_resource", "Tags", ResourceArn=arn),
            },
            view.region,
        )


def _declared_rule(_: Declared, rule: Resource) -> Mapping[str, Any]:
    source = block(rule.inputs.get("source"))
    scope = block(rule.inputs.get("scope"))
    return {
        **rule.inputs,
        "source": f"{source.get('owner')} {source.get('sourceIdentifier')}",
        "scope": sorted(scope.get("complianceResourceTypes") or ()),
    }


READERS: Final = (
    ResourceReader(
        type="aws:cfg/recorder:Recorder",
        service="config",
        read=recorders,
        key=by("name"),
        declare=_declared_recorder,
        fields=(
            protection("isEnabled", default=False),
            protection("recordingGroup"),
            protection("roleArn"),
            setting("name"),
        ),
        parts=(Part("aws:cfg/recorderStatus:RecorderStatus", "name", "isEnabled", ("isEnabled",)),),
    ),
    ResourceReader(
        type="aws:cfg/deliveryChannel:DeliveryChannel",
        service="config",
        read=delivery_channels,
        key=by("name"),
        declare=_declared_channel,
        fields=(
            protection("s3BucketName"),
            protection("s3KeyPrefix"),
            protection("s3KmsKeyArn", default=None),
            protection("snsTopicArn", default=None),
            setting("snapshotDeliveryProperties"),
            setting("name"),
        ),
    ),
    ResourceReader(
        type="aws:cfg/rule:Rule",
        service="config",
        read=rules,
        key=by("name"),
        declare=_declared_rule,
        fields=(
            protection("source"),
            protection("scope", unordered, default=()),
            protection("inputParameters", document, default=None),
            protection("maximumExecutionFrequency"),
            setting("description"),
            setting("name"),
            TAGS,
        ),
    ),
)
