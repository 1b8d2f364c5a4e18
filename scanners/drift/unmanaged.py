"""What is in the account and nobody declared, in the stack's regions and in all others. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scanners.drift.declared import Declared
from scanners.drift.exclusions import exclusion, undecided
from scanners.drift.records import Live, Reading, ResourceReader, Unmanaged, Unread, Unseen

Found = tuple[tuple[Unmanaged, ...], tuple[tuple[Unmanaged, str], ...]]


def unmanaged(declared: Declared, reading: Reading, readers: tuple[ResourceReader, ...]) -> Found:
    """What the stack does not declare: what is drift, and what is left out with a reason."""
    known, own = _known(declared, readers), declared.regions()
    found: list[Unmanaged] = []
    excluded: list[tuple[Unmanaged, str]] = []
    for live in _listed(reading, readers):
        if (live.type, live.region, live.key) in known or live.unseen or undecided(live):
            continue
        about = live.has("about")
        away = bool(live.region) and live.region not in own
        text = "" if about is None or isinstance(about, Unseen) else str(about)
        one = Unmanaged(live.type, live.key, live.region, text, away)
        reason = exclusion(live)
        if reason:
            excluded.append((one, reason))
        else:
            found.append(one)
    return tuple(found), tuple(excluded)


def unlisted(declared: Declared, reading: Reading, readers: tuple[ResourceReader, ...]) -> Iterator[Unread]:
    """Types of which nobody can say what is there; in other regions, how many types that are."""
    types, known = {reader.type for reader in readers}, _known(declared, readers)
    away: dict[tuple[str, str], int] = defaultdict(int)
    for (type_, region), reason in reading.failures.items():
        if region and region not in declared.regions():
            away[region, reason] += 1
        elif type_ in types:
            yield Unread(type_, "", f"{reason} ({region})" if region else reason)
    for (region, reason), count in sorted(away.items()):
        yield Unread(f"region {region}", "", f"{reason} ({count} types)")
    for live in _listed(reading, readers):
        reason = live.unseen or undecided(live)
        if reason and (live.type, live.region, live.key) not in known:
            yield Unread(live.type, "", f"{live.key}: {reason}")


def _known(declared: Declared, readers: tuple[ResourceReader, ...]) -> set[tuple[str, str, str]]:
    """Type, region (empty for a global type) and key of everything that the stack knows."""
    by_type = {reader.type: reader for reader in readers}
    return {
        (r.type, "" if by_type[r.type].is_global else declared.region_of(r), by_type[r.type].key(r))
        for r in declared.stack.resources
        if r.type in by_type
    }


def _listed(reading: Reading, readers: tuple[ResourceReader, ...]) -> Iterator[Live]:
    listed = {reader.type for reader in readers if not reader.unlisted}
    for (type_, _), rows in reading.live.items():
        if type_ in listed:
            yield from rows
