"""Which control a property serves: the one home of that mapping.

What a check looks at is learnt from the check itself: it judges its own samples, and the inputs that it
asks for are noted. Beside that, each property has the concern that drift gives it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final

from hardening.checks import Check
from hardening.controls import CONTROLS, Severity
from scanners.drift.readers import READERS
from scanners.drift.records import Concern, Field
from scanners.intent.providers import PROVIDER
from scanners.policy.checks import stack_checks
from scanners.policy.stack import Stack

# The control of a property that no check looks at, by its concern.
BY_CONCERN: Final[Mapping[Concern, str]] = {
    Concern.EXPOSURE: "exposure-as-intended",
    Concern.PROTECTION: "protection-as-intended",
    Concern.SETTING: "settings-as-intended",
}
_RANK: Final = {severity: rank for rank, severity in enumerate(Severity)}  # the most severe first


def served_controls() -> tuple[str, ...]:
    """Every control that a property may serve, in the order of the catalogue."""
    served = {one.control for one in stack_checks()} | set(BY_CONCERN.values())
    return tuple(control for control in CONTROLS if control in served)


def check_name(control: str) -> str:
    """The name of the check that holds what serves a control against what is intended."""
    return control if control in BY_CONCERN.values() else f"{control}-as-intended"


class _Watched(dict[str, Any]):
    """Inputs that note which of them are asked for by name."""

    def __init__(self, inputs: Mapping[str, Any], asked: set[str]) -> None:
        super().__init__(inputs)
        self._asked = asked

    def get(self, key: str, default: Any = None) -> Any:
        self._asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self._asked.add(key)
        return super().__getitem__(key)


@cache
def control_of(type_: str, property_: str) -> str:
    """The control that an input of a Pulumi type serves: the most severe one, a check's own first."""
    by_concern = BY_CONCERN[concern_of(type_, property_)]
    candidates = [*_read_by_checks().get((type_, property_), ()), by_concern]
    return min(candidates, key=lambda control: _RANK[CONTROLS[control].severity])


@cache
def field_of(type_: str, property_: str) -> Field | None:
    """The field under which drift compares the input, if it does; of a part, its owner's field."""
    fields = _fields()
    return fields.get((type_, property_)) or fields.get((type_, ""))


@cache
def concern_of(type_: str, property_: str) -> Concern:
    """The concern that drift gives the property. What drift does not know is taken to protect."""
    if type_.startswith(PROVIDER):
        return Concern.EXPOSURE  # whose account and which endpoints all the rest goes to
    if property_ in ("tags", "tagsAll", "description"):
        return Concern.SETTING
    found = field_of(type_, property_)
    return found.concern if found else Concern.PROTECTION


@cache
def _fields() -> Mapping[tuple[str, str], Field]:
    """(type, top-level input) -> drift's field; (type, "") -> the owner's field that a part sets."""
    fields: dict[tuple[str, str], Field] = {}
    for reader in READERS:
        by_name = {field.name: field for field in reader.fields}
        for field in reader.fields:
            key = (reader.type, field.name.split(".")[0])
            fields[key] = _stricter(field, fields.get(key))
        for part in reader.parts:
            if part.field in by_name:
                key = (part.type, "")
                fields[key] = _stricter(by_name[part.field], fields.get(key))
    return fields


def _stricter(one: Field, other: Field | None) -> Field:
    order = list(Concern)
    return one if other is None or order.index(one.concern) <= order.index(other.concern) else other


@cache
def _read_by_checks() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """(type, input) -> the controls of the checks that ask for it, in the order of the checks."""
    found: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for check in stack_checks():
        for sample in _samples(check):
            asked: dict[str, set[str]] = defaultdict(set)
            watched = tuple(replace(r, inputs=_Watched(r.inputs, asked[r.type])) for r in sample.resources)
            check.run(replace(sample, resources=watched))
            for type_, names in asked.items():
                for name in sorted(names):
                    found[type_, name][check.control] = None
    return {key: tuple(controls) for key, controls in found.items()}


def _samples(check: Check[Stack]) -> Iterator[Stack]:
    """The stacks that a check carries."""
    yield check.good
    for cases in (check.bad, check.also_good, check.unverifiable):
        yield from cases.values()
