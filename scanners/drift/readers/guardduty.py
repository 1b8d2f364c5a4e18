"""Detectors of GuardDuty and their filters (GuardDuty API reference)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.allowances import Among
from scanners.drift.declared import Declared, block, blocks, by
from scanners.drift.fields import TAGS, protection, setting
from scanners.drift.normalize import number
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
                "features": _features(
                    (
                        each.get("Name"),
                        each.get("Status"),
                        [(x.get("Name"), x.get("Status")) for x in each.get("AdditionalConfiguration") or ()],
                    )
                    for each in found.get("Features") or ()
                ),
                "tags": found.get("Tags"),
            },
            view.region,
        )


def _features(found: Iterable[tuple[Any, Any, list[tuple[Any, Any]]]]) -> list[str]:
    """Each feature, and each agent that it may install, with its status."""
    return [
        f"{each} {state}"
        for name, status, agents in found
        for each, state in ((name, status), *((f"{name} {agent}", of_agent) for agent, of_agent in agents))
    ]


def filters(view: View) -> Iterator[Live]:
    """Filters of findings: one that archives makes findings vanish unread (ListFilters, GetFilter)."""
    for detector in view.pages("guardduty", "list_detectors", "DetectorIds"):
        for name in view.pages("guardduty", "list_filters", "FilterNames", DetectorId=detector):
            facts = partial(_filter, view, detector, name)
            yield Live(_FILTER, f"{detector}:{name}", facts, view.region)


def _filter(view: View, detector: str, name: str) -> Mapping[str, Any]:
    found = view.ask("guardduty", "get_filter", DetectorId=detector, FilterName=name)
    action = str(found.get("Action") or "NOOP")
    return {
        "name": name,
        "action": action,
        "rank": found.get("Rank"),
        "description": found.get("Description"),
        "findingCriteria": dict(_criteria((found.get("FindingCriteria") or {}).get("Criterion") or {})),
        "about": "which archives findings unread" if action == "ARCHIVE" else "",
    }


def _criteria(found: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Each field with its conditions, in Pulumi's names; AWS answers the old names beside the new."""
    for field, tests in found.items():
        for name, pulumi in _TESTS.items():
            if tests.get(name):
                yield f"{field} {pulumi}", _text(tests[name])


def _text(value: Any) -> Any:
    """Pulumi writes a number of a test as text."""
    return value if isinstance(value, list | tuple) else str(value)


_TESTS: Final = {
    "Equals": "equals",
    "NotEquals": "notEquals",
    "GreaterThan": "greaterThan",
    "GreaterThanOrEqual": "greaterThanOrEqual",
    "LessThan": "lessThan",
    "LessThanOrEqual": "lessThanOrEqual",
}
_FILTER: Final = "aws:guardduty/filter:Filter"


def _declared_filter(_: Declared, resource: Resource) -> Mapping[str, Any]:
    criteria = blocks(block(resource.inputs.get("findingCriteria")).get("criterions"))
    return {
        **resource.inputs,
        "findingCriteria": {
            f"{each.get('field')} {name}": _text(each[name])
            for each in criteria
            for name in _TESTS.values()
            if each.get(name)
        },
    }


def _filter_key(resource: Resource) -> str:
    return f"{resource.inputs.get('detectorId')}:{by('name')(resource)}"


def _declared_detector(declared: Declared, detector: Resource) -> Mapping[str, Any]:
    parts = declared.parts(detector, "aws:guardduty/detectorFeature:DetectorFeature", "detectorId")
    features = _features(
        (
            by("name")(one),
            one.inputs.get("status"),
            [(x.get("name"), x.get("status")) for x in blocks(one.inputs.get("additionalConfigurations"))],
        )
        for one in parts
    )
    # AWS answers every feature that it knows, and its own sources, which nobody can declare.
    return {**detector.inputs, "features": Among(tuple(features)) if features else None}


READERS: Final = (
    ResourceReader(
        type=_FILTER,
        service="guardduty",
        read=filters,
        key=_filter_key,
        declare=_declared_filter,
        identity=("detectorId",),
        fields=(
            protection("action", default="NOOP"),
            protection("findingCriteria"),
            # The first filter that fits decides.
            protection("rank", number),
            setting("description", default=None),
            setting("name"),
        ),
    ),
    ResourceReader(
        type="aws:guardduty/detector:Detector",
        service="guardduty",
        read=detectors,
        declare=_declared_detector,
        fields=(
            protection("enable", default=True),
            protection("features"),
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
