"""Trails of AWS CloudTrail with their event selectors (CloudTrail API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import blocks, by
from scanners.drift.fields import TAGS, protection, setting
from scanners.drift.normalize import last_part, log_group, marked, unordered
from scanners.drift.records import Live, ResourceReader


def trails(view: View) -> Iterator[Live]:
    """Trails whose home is this region, with their logging status (DescribeTrails, GetTrailStatus)."""
    for trail in view.ask("cloudtrail", "describe_trails", includeShadowTrails=False)["trailList"]:
        if trail.get("HomeRegion", view.region) != view.region:
            continue
        arn = trail["TrailARN"]
        yield Live(
            "aws:cloudtrail/trail:Trail",
            arn,
            {
                "name": trail.get("Name"),
                "enableLogging": view.later("cloudtrail", "get_trail_status", "IsLogging", Name=arn),
                "s3BucketName": trail.get("S3BucketName"),
                "s3KeyPrefix": trail.get("S3KeyPrefix"),
                "kmsKeyId": trail.get("KmsKeyId"),
                "cloudWatchLogsGroupArn": trail.get("CloudWatchLogsLogGroupArn"),
                "cloudWatchLogsRoleArn": trail.get("CloudWatchLogsRoleArn"),
                "snsTopicName": trail.get("SnsTopicName"),
                "includeGlobalServiceEvents": trail.get("IncludeGlobalServiceEvents"),
                "isMultiRegionTrail": trail.get("IsMultiRegionTrail"),
                "isOrganizationTrail": trail.get("IsOrganizationTrail"),
                "enableLogFileValidation": trail.get("LogFileValidationEnabled"),
                "eventSelectors": partial(_selectors, view, arn, "EventSelectors"),
                "advancedEventSelectors": partial(_selectors, view, arn, "AdvancedEventSelectors"),
                "insightSelectors": partial(_insights, view, arn),
                "tags": partial(_tags, view, arn),
            },
            view.region,
        )


def _selectors(view: View, arn: str, kind: str) -> Any:
    return _named(view.ask("cloudtrail", "get_event_selectors", TrailName=arn).get(kind))


def _insights(view: View, arn: str) -> Any:
    none = ("InsightNotEnabledException",)
    found = view.ask("cloudtrail", "get_insight_selectors", absent=none, TrailName=arn)
    return _named(found.get("InsightSelectors"))


def _tags(view: View, arn: str) -> Any:
    found = view.ask("cloudtrail", "list_tags", ResourceIdList=[arn])["ResourceTagList"]
    return found[0].get("TagsList") if found else None


def _named(selectors: Any) -> Any:
    """Selectors in Pulumi's names."""
    return [_selector(each) for each in selectors or ()]


def _selector(selector: Mapping[str, Any]) -> Mapping[str, Any]:
    found = {name[0].lower() + name[1:]: value for name, value in selector.items()}
    for plural in ("dataResources", "fieldSelectors"):
        if isinstance(found.get(plural), list):
            found[plural] = [_selector(each) for each in found[plural]]
    # Pulumi puts some lists of texts into the plural.
    return {f"{name}s" if name.lower().endswith("swith") else name: value for name, value in found.items()}


def event_selectors(value: Any) -> Any:
    """Event selectors as a set. A single selector that equals the default of AWS counts as none."""
    found = []
    for selector in blocks(value):
        one = {
            "readWriteType": "All",
            "includeManagementEvents": True,
            **{name: item for name, item in selector.items() if item is not None},
        }
        # Pulumi writes `equals` of field selectors as it is; the API calls it Equals.
        found.append(one)
    shaped = unordered(found)
    plain_one = unordered([{"readWriteType": "All", "includeManagementEvents": True}])
    return None if shaped == plain_one else shaped


READERS: Final = (
    ResourceReader(
        type="aws:cloudtrail/trail:Trail",
        service="cloudtrail",
        read=trails,
        key=by("arn"),
        fields=(
            protection("enableLogging", default=True),
            protection("enableLogFileValidation", default=False),
            protection("isMultiRegionTrail", default=False),
            protection("includeGlobalServiceEvents", default=True),
            protection("isOrganizationTrail", default=False),
            protection("s3BucketName"),
            protection("s3KeyPrefix", default=None),
            protection("kmsKeyId", last_part, default=None),
            protection("cloudWatchLogsGroupArn", log_group, default=None),
            protection("cloudWatchLogsRoleArn", default=None),
            protection("eventSelectors", event_selectors, default=()),
            protection("advancedEventSelectors", marked, default=()),
            protection("insightSelectors", unordered, default=()),
            setting("snsTopicName", default=None),
            setting("name"),
            TAGS,
        ),
    ),
)
