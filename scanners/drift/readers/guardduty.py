"""Detectors of GuardDuty (GuardDuty API reference, GetDetector)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, by
from scanners.drift.fields import TAGS, protection, setting
from scanners.drift.normalize import unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def detectors(view: View) -> Iterator[Live]:
    """The detector of the region with its features (GetDetector)."""
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


READERS: Final = (
    ResourceReader(
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
)
