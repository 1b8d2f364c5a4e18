"""The records of the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing that falls due. From `at` (UTC) on it is overdue; `mend` says what to do about it.

    `kind` is what it is ("waiver", "token", "certificate"), `of` what or whose it is.
    """

    at: datetime
    kind: str
    of: str
    mend: str

    def is_over(self, now: datetime) -> bool:
        """Whether it is overdue at `now`."""
        return self.at <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """What falls due until `until`, and what is overdue at `now`, in order; `unasked`: what was left out."""

    now: datetime
    until: datetime
    entries: tuple[Due, ...]
    unasked: tuple[str, ...] = ()

    @property
    def overdue(self) -> tuple[Due, ...]:
        """The entries that are overdue."""
        return tuple(one for one in self.entries if one.is_over(self.now))


def after(day: date) -> datetime:
    """The end of the last day on which something holds, in UTC as everywhere."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def calendar(every: list[Due], now: datetime, within: timedelta, unasked: tuple[str, ...]) -> Calendar:
    """What of `every` is overdue at `now` or falls due `within` so long, the earliest first."""
    until = now + within
    near = sorted((one for one in every if one.at <= until), key=lambda one: (one.at, one.kind, one.of))
    return Calendar(now=now, until=until, entries=tuple(near), unasked=unasked)
