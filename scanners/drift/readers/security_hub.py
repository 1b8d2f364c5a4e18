"""Security Hub and its standards (Security Hub API reference)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanners.drift.account import View
from scanners.drift.declared import by
from scanners.drift.fields import protection, setting
from scanners.drift.records import Kind, Live


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


KINDS: Final = (
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
)
