"""Security Hub and its standards (Security Hub API reference)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanners.drift.account import View
from scanners.drift.declared import by
from scanners.drift.fields import protection, setting
from scanners.drift.normalize import unordered
from scanners.drift.records import Live, ResourceReader


def hubs(view: View) -> Iterator[Live]:
    """The settings of Security Hub, if it is on (DescribeHub)."""
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
    """The standards that Security Hub checks the account against (GetEnabledStandards)."""
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


def aggregators(view: View) -> Iterator[Live]:
    """Where findings of other regions are collected (ListFindingAggregators, GetFindingAggregator)."""
    off = ("InvalidAccessException", "ResourceNotFoundException")
    if not view.ask("securityhub", "describe_hub", absent=off):
        return
    for entry in view.pages("securityhub", "list_finding_aggregators", "FindingAggregators"):
        arn = entry["FindingAggregatorArn"]
        found = view.ask("securityhub", "get_finding_aggregator", FindingAggregatorArn=arn)
        yield Live(
            "aws:securityhub/findingAggregator:FindingAggregator",
            arn,
            {"linkingMode": found.get("RegionLinkingMode"), "specifiedRegions": found.get("Regions")},
            view.region,
        )


READERS: Final = (
    ResourceReader(
        type="aws:securityhub/findingAggregator:FindingAggregator",
        service="securityhub",
        read=aggregators,
        key=by("arn"),
        fields=(protection("linkingMode"), protection("specifiedRegions", unordered, default=())),
    ),
    ResourceReader(
        type="aws:securityhub/account:Account",
        service="securityhub",
        read=hubs,
        key=lambda _: "security-hub",
        fields=(
            protection("autoEnableControls", default=True),
            setting("controlFindingGenerator"),
        ),
    ),
    ResourceReader(
        type="aws:securityhub/standardsSubscription:StandardsSubscription",
        service="securityhub",
        read=standards,
        key=by("standardsArn"),
        fields=(protection("standardsArn"),),
    ),
)
