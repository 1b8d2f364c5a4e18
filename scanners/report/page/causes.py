"""What is open, by its cause: what was expected, what was seen, how to mend it, and whose it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from hardening.checks import Status
from hardening.controls import CONTROLS, Severity
from scanners.explain.explanation import Explanation
from scanners.outcome import Outcome, Row

_RANK: Final = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of a cause. `since` is when the first run began in which it was open; empty: this one."""

    row: Row
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The open judgements of one check: they fail, or could not be verified, for one reason.

    `owners` are those whom resources or settings name; none: nobody is named.
    """

    control: str
    check: str
    status: Status
    severity: Severity
    expected: str
    mend: str
    owners: tuple[str, ...]
    blocks: tuple[str, ...]
    places: tuple[Place, ...]

    @property
    def since(self) -> str:
        """When the oldest of its places was first open; empty: in this run."""
        return min((place.since for place in self.places if place.since), default="")


def causes(
    outcome: Outcome,
    explained: Mapping[str, Explanation],
    owner: Callable[[Row], str],
    since: Mapping[str, str],
) -> tuple[Cause, ...]:
    """What is open by cause: failures before what could not be verified, the most severe first."""
    alike: dict[tuple[Status, str, str], list[Row]] = defaultdict(list)
    for row in outcome.open(Status.FAIL, Status.ERROR):
        alike[row.finding.status, row.finding.control, row.finding.check].append(row)
    found = [_cause(rows, explained, owner, since) for rows in alike.values()]
    return tuple(sorted(found, key=_urgency))


def _cause(
    rows: list[Row],
    explained: Mapping[str, Explanation],
    owner: Callable[[Row], str],
    since: Mapping[str, str],
) -> Cause:
    first = rows[0].finding
    told = explained.get(first.check) or explained.get(first.control)
    control = CONTROLS.get(first.control)
    return Cause(
        control=first.control,
        check=first.check,
        status=first.status,
        severity=min((row.finding.severity for row in rows), key=_RANK.__getitem__),
        expected=told.what if told else control.promise if control else "",
        mend=told.mend if told else "",
        owners=_each(owner(row) for row in rows),
        blocks=_each(name for row in rows for name in row.finding.blocks),
        places=tuple(Place(row=row, since=since.get(row.fingerprint, "")) for row in rows),
    )


def _each(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _urgency(cause: Cause) -> tuple[bool, int, str, str]:
    return cause.status is not Status.FAIL, _RANK[cause.severity], cause.control, cause.check
