"""Events to shares and lost minutes: pure counting.

A minute is lost where fewer of its events were good than the objective asks of the month. One without an
event is neither lost nor held. All partners together are counted under `ALL`, callers whom nobody recognised
among them: an authorizer that fails recognises nobody, and every call then counts against all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hardening.objectives import Objective
from scanners.objectives.records import ALL, MINUTE, NOBODY, Event, Measured, Month, Span

# The minute of events that have none.
_SOMEWHEN = -1
# Objective -> its terms.
Table = Mapping[str, Objective]


@dataclass(slots=True)
class _Counts:
    """Good and all events of each minute of the month."""

    minutes: dict[int, list[int]] = field(default_factory=dict)

    def add(self, minute: int, count: int, *, good: bool) -> None:
        counted = self.minutes.setdefault(minute, [0, 0])
        counted[0] += count if good else 0
        counted[1] += count


class Counting:
    """Counts events as they come: a month may have millions of them."""

    def __init__(self, month: Month, ours: Table, of_partners: Mapping[str, Table]) -> None:
        """`of_partners` has each partner's own terms; those without any have `ours`."""
        self._month, self._ours, self._of_partners = month, ours, of_partners
        self._counts: dict[tuple[str, str], _Counts] = {}

    def add(self, event: Event) -> None:
        """Count one event, unless it is of another month."""
        if event.at is not None and not self._month.has(event.at):
            return
        minute = _SOMEWHEN if event.at is None else (event.at - self._month.begin) // MINUTE
        for partner in {ALL, event.partner}:
            good = event.is_good(self._terms(partner)[event.objective])
            self._counts.setdefault((event.objective, partner), _Counts()).add(minute, event.count, good=good)

    def measured(self, asked: Iterable[str]) -> tuple[Measured, ...]:
        """Each of the objectives that were `asked`: of all, of each partner, and of whoever else came."""
        return tuple(
            self._measured(objective, partner) for objective in asked for partner in self._partners(objective)
        )

    def _partners(self, objective: str) -> list[str]:
        came = {partner for name, partner in self._counts if name == objective}
        return [ALL, *sorted((came | set(self._of_partners)) - {ALL, NOBODY}), *sorted(came & {NOBODY})]

    def _measured(self, objective: str, partner: str) -> Measured:
        terms = self._terms(partner)[objective]
        counts = self._counts.get((objective, partner), _Counts()).minutes
        return Measured(
            objective=terms,
            partner=partner,
            good=sum(good for good, _ in counts.values()),
            total=sum(total for _, total in counts.values()),
            spans=tuple(_spans(_lost(counts, terms), self._month.begin)),
        )

    def _terms(self, partner: str) -> Table:
        return self._of_partners.get(partner, self._ours)


def _lost(counts: Mapping[int, list[int]], objective: Objective) -> list[int]:
    return sorted(
        minute
        for minute, (good, total) in counts.items()
        if minute != _SOMEWHEN and not objective.holds(good, total)
    )


def _spans(minutes: Iterable[int], begin: datetime) -> Iterator[Span]:
    """Minutes on end as spans."""
    first = last = None
    for minute in minutes:
        if first is not None and last is not None and minute > last + 1:
            yield Span(begin + first * MINUTE, last - first + 1)
            first = None
        first, last = minute if first is None else first, minute
    if first is not None and last is not None:
        yield Span(begin + first * MINUTE, last - first + 1)
