"""Compares the declared stack with the account as it was read. Pure: it reads nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scanners.drift.allowances import Among, Between
from scanners.drift.coverage import OF_THE_PROVIDER, uncovered
from scanners.drift.declared import Declared
from scanners.drift.difference import difference
from scanners.drift.normalize import dump, holds
from scanners.drift.records import (
    NO_DEFAULT,
    Change,
    Compared,
    Concern,
    Drift,
    Field,
    Live,
    NotCompared,
    Presence,
    Reading,
    ResourceReader,
    Unread,
    Unseen,
)
from scanners.drift.unknown_kinds import unasked, unknown_kinds
from scanners.drift.unmanaged import unlisted, unmanaged
from scanners.policy.stack import SECRET, UNKNOWN, Resource

# (URN, property) -> why an emulator cannot hold it; an empty property stands for the whole resource.
Unsupported = Mapping[tuple[str, str], str]


@dataclass(slots=True)
class _Results:
    """The results so far, resource by resource."""

    compared: list[Compared] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    not_compared: list[NotCompared] = field(default_factory=list)


def compare(
    declared: Declared,
    reading: Reading,
    readers: tuple[ResourceReader, ...],
    unsupported: Unsupported | None = None,
) -> Drift:
    """What changed, what is gone, what nobody declared, and what could not be looked at."""
    unsupported = unsupported or {}
    results = _Results()
    for reader in readers:
        for resource in declared.stack.of_type(reader.type):
            _compare_resource(reader, resource, declared, reading, unsupported, results)
    for urn, why in declared.stack.unsettled().items():
        type_ = urn.rpartition("::")[0].rpartition("::")[2].rpartition("$")[2]
        results.unread.append(Unread(type_, urn, why))
    results.not_compared.extend(uncovered(declared, readers))
    results.not_compared.extend(
        NotCompared(reader.type, "", "", f"the emulator does not hold it: {unsupported[reader.type, '']}")
        for reader in readers
        if (reader.type, "") in unsupported
    )
    results.unread.extend(unlisted(declared, reading, readers))
    surprises, excluded = unmanaged(declared, reading, readers)
    silent, unavailable = unasked(reading.inventories)
    results.unread.extend(silent)
    results.not_compared.extend(unavailable)
    return Drift(
        compared=tuple(results.compared),
        changes=tuple(results.changes),
        presences=tuple(results.presences),
        listed=tuple(
            reader.type
            for reader in readers
            if not reader.unlisted and any(t == reader.type for t, _ in reading.live)
        ),
        unmanaged=(*surprises, *unknown_kinds(declared, reading.inventories)),
        excluded=excluded,
        unread=tuple(results.unread),
        not_compared=tuple(results.not_compared),
    )


def _compare_resource(
    reader: ResourceReader,
    resource: Resource,
    declared: Declared,
    reading: Reading,
    unsupported: Unsupported,
    results: _Results,
) -> None:
    """One declared resource against what the account has."""
    if (resource.urn, "") in unsupported:
        reason = f"the emulator does not hold it: {unsupported[resource.urn, '']}"
        results.not_compared.append(NotCompared(reader.type, resource.urn, "", reason))
        return
    where = (reader.type, "" if reader.is_global else declared.region_of(resource))
    if where not in reading.live:
        reason = reading.failures.get(where, "the account was not read there")
        results.unread.append(Unread(reader.type, resource.urn, reason, _concerns(reader)))
        return
    key = reader.key(resource)
    if not key:
        reason = "the stack does not know its id: it was never deployed"
        results.unread.append(Unread(reader.type, resource.urn, reason))
        return
    live = next((each for each in reading.live[where] if each.key == key), None)
    results.presences.append(Presence(resource.urn, key, live is not None))
    if live is not None and live.unseen:
        results.unread.append(Unread(reader.type, resource.urn, live.unseen, _concerns(reader)))
    elif live is not None:
        _compare_properties(reader, resource, live, declared, unsupported, results)


def _concerns(reader: ResourceReader) -> tuple[Concern, ...]:
    return tuple(c for c in Concern if any(f.concern is c for f in reader.fields))


def _compare_properties(
    reader: ResourceReader,
    resource: Resource,
    live: Live,
    declared: Declared,
    unsupported: Unsupported,
    results: _Results,
) -> None:
    """Every field of one resource that is there."""
    declared_values = reader.declare(declared, resource)
    unsupported_here = _unsupported_properties(reader, resource, declared, unsupported)
    looked_at: dict[Concern, list[str]] = defaultdict(list)
    for each in reader.fields:
        value = _declared_value(each, declared_values, resource)
        reason = (
            unsupported_here.get(each.name)
            or unsupported_here.get(each.name.split(".")[0])
            or _incomparable(value)
        )
        if reason:
            results.not_compared.append(NotCompared(reader.type, resource.urn, each.name, reason))
            continue
        theirs = live.has(each.name)
        if isinstance(theirs, Unseen):
            unread = Unread(reader.type, resource.urn, theirs.reason, (each.concern,), each.name)
            results.unread.append(unread)
        elif value is not NO_DEFAULT:
            looked_at[each.concern].append(each.name)
            different = change(each, resource.urn, value, theirs)
            if different:
                results.changes.append(different)
        elif each.normalize(theirs) is not None:
            reason = "the stack declares none, and AWS's default is not known; the account has one"
            results.not_compared.append(NotCompared(reader.type, resource.urn, each.name, reason))
    results.compared.extend(
        Compared(resource.urn, concern, tuple(names)) for concern, names in looked_at.items()
    )
    results.not_compared.extend(_without_field(reader, resource))


def _without_field(reader: ResourceReader, resource: Resource) -> Iterator[NotCompared]:
    """The inputs that no field of the reader compares."""
    looked_for = {each.name.split(".")[0] for each in reader.fields}
    for name in sorted(set(resource.inputs) - looked_for - set(reader.identity) - OF_THE_PROVIDER):
        reason = _incomparable(resource.inputs[name]) or "no reader compares it"
        yield NotCompared(reader.type, resource.urn, name, reason)


def _declared_value(each: Field, declared_values: Mapping[str, Any], resource: Resource) -> Any:
    """The declared value of a field, else its default. The provider's own tags count as declared."""
    if each.name == "tags":
        every = resource.outputs.get("tagsAll") or resource.inputs.get("tagsAll")
        return every or declared_values.get("tags") or {}
    value = declared_values.get(each.name)
    return each.default if value is None else value


def _incomparable(value: Any) -> str:
    if holds(value, SECRET):
        return "a secret, which the audit does not hold"
    return "not known when the stack was written" if holds(value, UNKNOWN) else ""


def _unsupported_properties(
    reader: ResourceReader, resource: Resource, declared: Declared, unsupported: Unsupported
) -> Mapping[str, str]:
    """The properties of a resource, and of its parts, that an emulator does not hold."""
    found = {name: why for (urn, name), why in unsupported.items() if urn == resource.urn and name}
    for part in reader.parts:
        for each in declared.parts(resource, part.type, part.link):
            for name in ("", *part.compared):
                if (each.urn, name) in unsupported:
                    found[part.field] = unsupported[each.urn, name]
    return {name: f"the emulator does not hold it: {why}" for name, why in found.items()}


def change(each: Field, urn: str, declared: Any, live: Any) -> Change | None:
    """The change of one property, or None where both values are the same in the field's form."""
    if isinstance(declared, Between | Among):
        held = declared.holds(live)
        return None if held else Change(urn, each.name, each.concern, str(declared), f"{live}")
    ours, theirs = each.normalize(declared), each.normalize(live)
    if dump(ours) == dump(theirs):
        return None
    texts = ("not shown", "not shown, and different") if each.sealed else difference(ours, theirs)
    return Change(urn, each.name, each.concern, *texts)
