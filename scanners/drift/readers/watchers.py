"""Who watches: GuardDuty, Config, Security Hub, Access Analyzer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks, by
from scanners.drift.fields import TAGS, protection, setting
from scanners.drift.normalize import document, unordered
from scanners.drift.records import Kind, Live, Part
from scanners.policy.stack import Resource


def detectors(view: View) -> Iterator[Live]:
    """GuardDuty's detector of the region."""
    for key in view.pages("guardduty", "list_detectors", "DetectorIds"):
        found = view.ask("guardduty", "get_detector", DetectorId=key)
        yield Live(
            "aws:guardduty/detector:Detector",
            key,
            {
                "enable": found.get("Status") == "ENABLED",
                "findingPublishingFrequency": found.get("FindingPublishingFrequency"),
                "features": [f"{each['Name']} {each['Status']}" for each in found.get("Features") or ()],
                "tags": found.get("Tags"),
            },
            view.region,
        )


def _declared_detector(declared: Declared, detector: Resource) -> Mapping[str, Any]:
    parts = declared.parts(detector, "aws:guardduty/detectorFeature:DetectorFeature", "detectorId")
    features = [f"{by('name')(one)} {one.inputs.get('status')}" for one in parts]
    return {**detector.inputs, "features": features or None}


def recorders(view: View) -> Iterator[Live]:
    """Config's recorder, and whether it records."""
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
    found["recordingGroup"] = _group(next(iter(blocks(recorder.inputs.get("recordingGroup"))), {}))
    for one in declared.parts(recorder, "aws:cfg/recorderStatus:RecorderStatus", "name"):
        found["isEnabled"] = one.inputs.get("isEnabled")
    return found


def channels(view: View) -> Iterator[Live]:
    """Where Config delivers."""
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
    snapshot = next(iter(blocks(channel.inputs.get("snapshotDeliveryProperties"))), {})
    return {**channel.inputs, "snapshotDeliveryProperties": snapshot.get("deliveryFrequency")}


def rules(view: View) -> Iterator[Live]:
    """Config's rules."""
    for found in view.pages("config", "describe_config_rules", "ConfigRules"):
        source = found.get("Source") or {}
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
                "tags": view.pages(
                    "config", "list_tags_for_resource", "Tags", ResourceArn=found["ConfigRuleArn"]
                ),
            },
            view.region,
        )


def _declared_rule(_: Declared, rule: Resource) -> Mapping[str, Any]:
    source = next(iter(blocks(rule.inputs.get("source"))), {})
    scope = next(iter(blocks(rule.inputs.get("scope"))), {})
    return {
        **rule.inputs,
        "source": f"{source.get('owner')} {source.get('sourceIdentifier')}",
        "scope": sorted(scope.get("complianceResourceTypes") or ()),
    }


def hubs(view: View) -> Iterator[Live]:
    """Security Hub, if it is on."""
    off = ("InvalidAccessException", "ResourceNotFoundException")
    found = view.ask("securityhub", "describe_hub", absent=off)
    if found:
        yield Live(
            "aws:securityhub/account:Account",
            "security-hub",
            {
                "autoEnableControls": found.get("AutoEnableControls"),
                "controlFindingGenerator": found.get("ControlFindingGenerator"),
            },
            view.region,
        )


def standards(view: View) -> Iterator[Live]:
    """The standards that Security Hub holds the account to."""
    off = ("InvalidAccessException", "ResourceNotFoundException")
    if not view.ask("securityhub", "describe_hub", absent=off):
        return
    for found in view.pages("securityhub", "get_enabled_standards", "StandardsSubscriptions"):
        arn = found["StandardsArn"]
        yield Live(
            "aws:securityhub/standardsSubscription:StandardsSubscription",
            arn,
            {"standardsArn": arn},
            view.region,
        )


def analyzers(view: View) -> Iterator[Live]:
    """Access analyzers."""
    for found in view.pages("accessanalyzer", "list_analyzers", "analyzers"):
        yield Live(
            "aws:accessanalyzer/analyzer:Analyzer",
            found["name"],
            {"analyzerName": found["name"], "type": found.get("type"), "tags": found.get("tags")},
            view.region,
        )


KINDS: Final = (
    Kind(
        type="aws:guardduty/detector:Detector",
        service="guardduty",
        read=detectors,
        declare=_declared_detector,
        fields=(
            protection("enable", default=True),
            protection("features", unordered),
            setting("findingPublishingFrequency"),
            TAGS,
        ),
        parts=(
            Part(
                "aws:guardduty/detectorFeature:DetectorFeature", "detectorId", "features", ("name", "status")
            ),
        ),
    ),
    Kind(
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
    Kind(
        type="aws:cfg/deliveryChannel:DeliveryChannel",
        service="config",
        read=channels,
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
    Kind(
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
    Kind(
        type="aws:securityhub/account:Account",
        service="securityhub",
        read=hubs,
        key=lambda _: "security-hub",
        fields=(
            protection("autoEnableControls", default=True),
            setting("controlFindingGenerator"),
        ),
    ),
    Kind(
        type="aws:securityhub/standardsSubscription:StandardsSubscription",
        service="securityhub",
        read=standards,
        key=by("standardsArn"),
        fields=(protection("standardsArn"),),
    ),
    Kind(
        type="aws:accessanalyzer/analyzer:Analyzer",
        service="accessanalyzer",
        read=analyzers,
        key=by("analyzerName"),
        fields=(protection("type", default="ACCOUNT"), setting("analyzerName"), TAGS),
    ),
)
