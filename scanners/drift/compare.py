"""Holds the declared stack against the account as it was read. Pure: decides, and reads nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scanners.drift.coverage import OF_THE_PROVIDER, uncovered
from scanners.drift.declared import Declared
from scanners.drift.exclusions import exclusion
from scanners.drift.normalize import difference, dump, holds
from scanners.drift.records import (
    NO_DEFAULT,
    Change,
    Compared,
    Concern,
    Drift,
    Field,
    Kind,
    Live,
    NotCompared,
    Presence,
    Reading,
    Unmanaged,
    Unread,
)
from scanners.policy.stack import SECRET, UNKNOWN, Resource

# (URN, property) -> why an emulator cannot hold it; an empty property stands for the whole resource.
Unheld = Mapping[tuple[str, str], str]


@dataclass(slots=True)
class _Notes:
    """What comparing one resource after the other finds."""

    compared: list[Compared] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    not_compared: list[NotCompared] = field(default_factory=list)


def compare(
    declared: Declared, reading: Reading, kinds: tuple[Kind, ...], unheld: Unheld | None = None
) -> Drift:
    """What changed, what is gone, what nobody declared, and what could not be looked at."""
    unheld = unheld or {}
    notes = _Notes()
    for kind in kinds:
        for resource in declared.stack.of_type(kind.type):
            _hold(kind, resource, declared, reading, unheld, notes)
    notes.not_compared.extend(uncovered(declared, kinds))
    for kind in kinds:
        for (type_, region), reason in reading.failures.items():
            if type_ == kind.type:
                notes.unread.append(Unread(type_, "", _at(reason, region)))
    unmanaged, excluded = _unmanaged(declared, reading, kinds)
    return Drift(
        compared=tuple(notes.compared),
        changes=tuple(notes.changes),
        presences=tuple(notes.presences),
        listed=tuple(
            kind.type for kind in kinds if not kind.unlisted and any(t == kind.type for t, _ in reading.live)
        ),
        unmanaged=unmanaged,
        excluded=excluded,
        unread=tuple(notes.unread),
        not_compared=tuple(notes.not_compared),
    )


def _at(reason: str, region: str) -> str:
    return f"{reason} ({region})" if region else reason


def _hold(
    kind: Kind, resource: Resource, declared: Declared, reading: Reading, unheld: Unheld, notes: _Notes
) -> None:
    """One declared resource against what the account has."""
    if (resource.urn, "") in unheld:
        reason = f"the emulator does not hold it: {unheld[resource.urn, '']}"
        notes.not_compared.append(NotCompared(kind.type, resource.urn, "", reason))
        return
    place = (kind.type, "" if kind.everywhere else declared.region_of(resource))
    if place not in reading.live:
        reason = reading.failures.get(place, "the account was not read there")
        concerns = tuple(c for c in Concern if any(f.concern is c for f in kind.fields))
        notes.unread.append(Unread(kind.type, resource.urn, reason, concerns))
        return
    key = kind.key(resource)
    if not key:
        reason = "the stack does not know its id: it was never deployed"
        notes.unread.append(Unread(kind.type, resource.urn, reason))
        return
    live = next((each for each in reading.live[place] if each.key == key), None)
    notes.presences.append(Presence(resource.urn, key, live is not None))
    if live is not None:
        _properties(kind, resource, live, declared, unheld, notes)


def _properties(
    kind: Kind, resource: Resource, live: Live, declared: Declared, unheld: Unheld, notes: _Notes
) -> None:
    """Every field of one resource that is there."""
    wanted = kind.declare(declared, resource)
    unheld_here = _unheld_properties(kind, resource, declared, unheld)
    looked_at: dict[Concern, list[str]] = defaultdict(list)
    for each in kind.fields:
        value = _wanted(each, wanted, resource)
        reason = (
            unheld_here.get(each.name) or unheld_here.get(each.name.split(".")[0]) or _incomparable(value)
        )
        if reason:
            notes.not_compared.append(NotCompared(kind.type, resource.urn, each.name, reason))
        elif value is not NO_DEFAULT:
            looked_at[each.concern].append(each.name)
            change = _change(each, resource.urn, value, live.properties.get(each.name))
            if change:
                notes.changes.append(change)
    notes.compared.extend(
        Compared(resource.urn, concern, tuple(names)) for concern, names in looked_at.items()
    )
    looked_for = {each.name.split(".")[0] for each in kind.fields}
    for name in sorted(set(resource.inputs) - looked_for - set(kind.identity) - OF_THE_PROVIDER):
        reason = _incomparable(resource.inputs[name]) or "no reader compares it"
        notes.not_compared.append(NotCompared(kind.type, resource.urn, name, reason))


def _wanted(each: Field, wanted: Mapping[str, Any], resource: Resource) -> Any:
    """The declared value of a field, else its default. The provider's own tags count as declared."""
    if each.name == "tags":
        every = resource.outputs.get("tagsAll") or resource.inputs.get("tagsAll")
        return every or wanted.get("tags") or {}
    value = wanted.get(each.name)
    return each.default if value is None else value


def _incomparable(value: Any) -> str:
    if holds(value, SECRET):
        return "a secret, which the audit does not hold"
    return "not known when the stack was written" if holds(value, UNKNOWN) else ""


def _unheld_properties(
    kind: Kind, resource: Resource, declared: Declared, unheld: Unheld
) -> Mapping[str, str]:
    """The properties of a resource, and of its parts, that an emulator does not hold."""
    found = {name: why for (urn, name), why in unheld.items() if urn == resource.urn and name}
    for part in kind.parts:
        for each in declared.parts(resource, part.type, part.link):
            for name in ("", *part.compared):
                if (each.urn, name) in unheld:
                    found[part.field] = unheld[each.urn, name]
    return {name: f"the emulator does not hold it: {why}" for name, why in found.items()}


def _change(each: Field, urn: str, declared: Any, live: Any) -> Change | None:
    ours, theirs = each.shape(declared), each.shape(live)
    if dump(ours) == dump(theirs):
        return None
    texts = ("not shown", "not shown, and different") if each.sealed else difference(ours, theirs)
    return Change(urn, each.name, each.concern, *texts)


def _unmanaged(
    declared: Declared, reading: Reading, kinds: tuple[Kind, ...]
) -> tuple[tuple[Unmanaged, ...], tuple[tuple[Unmanaged, str], ...]]:
    """What the stack does not declare: what is drift, and what is left out with a reason."""
    known = {
        (kind.type, kind.key(resource))
        for kind in kinds
        for resource in declared.stack.resources
        if resource.type == kind.type
    }
    found: list[Unmanaged] = []
    excluded: list[tuple[Unmanaged, str]] = []
    for live, kind in _listed(reading, kinds):
        if (kind.type, live.key) in known:
            continue
        one = Unmanaged(live.type, live.key, live.region)
        reason = exclusion(live)
        if reason:
            excluded.append((one, reason))
        else:
            found.append(one)
    return tuple(found), tuple(excluded)


def _listed(reading: Reading, kinds: tuple[Kind, ...]) -> Iterator[tuple[Live, Kind]]:
    for kind in kinds:
        if kind.unlisted:
            continue
        for (type_, _), all_live in reading.live.items():
            if type_ == kind.type:
                yield from ((live, kind) for live in all_live)
