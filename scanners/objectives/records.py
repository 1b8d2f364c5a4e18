"""The records of a month: events, what they add up to, and what the objectives make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from hardening.objectives import Objective

# Who stands for all partners, and for callers that nobody recognised.
ALL = "(all)"
NOBODY = "(nobody)"
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Event:
    """One event that an objective counts: `taken` is how much it took, in the objective's unit.

    `failed` is one that is bad however long it took. `count` of them are alike; without `at` they were
    somewhen in the month.
    """

    objective: str
    at: datetime | None
    partner: str
    taken: float = 0.0
    failed: bool = False
    count: int = 1

    def is_good(self, objective: Objective) -> bool:
        """Whether the objective counts it as good."""
        return not self.failed and (objective.limit is None or self.taken <= objective.limit)


@dataclass(frozen=True, slots=True)
class Month:
    """One month in UTC: from `begin` on, before `end`."""

    begin: datetime
    end: datetime

    @classmethod
    def of(cls, year: int, month: int) -> Month:
        """The month. Raises ValueError for none."""
        begin = datetime(year, month, 1, tzinfo=UTC)
        return cls(begin, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC))

    def has(self, at: datetime) -> bool:
        """Whether it is in the month."""
        return self.begin <= at < self.end


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes on end in which too few events were good, from `begin`."""

    begin: datetime
    minutes: int


class State(StrEnum):
    """How an objective stands. UNMEASURED: nothing happened that it counts."""

    MET = "met"
    MISSED = "missed"
    UNMEASURED = "unmeasured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One objective of one partner in a month. `spans` are the minutes that were lost."""

    objective: Objective
    partner: str
    good: int
    total: int
    spans: tuple[Span, ...] = ()

    @property
    def percent(self) -> float:
        """The share of good events; 0 of none."""
        return 100 * self.good / self.total if self.total else 0.0

    @property
    def state(self) -> State:
        """Met or missed, by counts: no rounding decides."""
        if not self.total:
            return State.UNMEASURED
        return State.MET if self.objective.holds(self.good, self.total) else State.MISSED

    @property
    def lost_minutes(self) -> int:
        """How many minutes were lost."""
        return sum(span.minutes for span in self.spans)

    @property
    def budget_left(self) -> float:
        """What is left of the error budget, as a share of it; below 0 where it was overdrawn."""
        allowed, bad = self.objective.spare * self.total, self.total - self.good
        if not allowed:
            return 0.0 if bad else 1.0
        return 1 - bad / allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A month. `unread` says by source how many lines could not be read; `unasked` what was not given."""

    month: Month
    measured: tuple[Measured, ...]
    unread: Mapping[str, int]
    unasked: tuple[str, ...] = ()

    @property
    def missed(self) -> tuple[Measured, ...]:
        """The objectives that were not met."""
        return tuple(one for one in self.measured if one.state is State.MISSED)

    @property
    def is_whole(self) -> bool:
        """Whether each source was read to its end, and had something of the month."""
        silent = [one for one in self.measured if one.partner == ALL and one.state is State.UNMEASURED]
        return not silent and not any(self.unread.values())
