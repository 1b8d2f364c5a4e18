"""The run seen from each framework: its clauses, what answers to them, and what nobody assesses."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from hardening.controls.standards import STANDARDS, Standard
from scanners.frameworks import ClauseRow, every_clause
from scanners.report.page.verdicts import worst


@dataclass(frozen=True, slots=True)
class ClauseView:
    """A clause that controls answer to, with the worst of their verdicts."""

    row: ClauseRow
    verdict: str


@dataclass(frozen=True, slots=True)
class StandardView:
    """One framework. `gaps` are the clauses that are not assessed, by the reason."""

    standard: Standard
    clauses: tuple[ClauseView, ...]
    gaps: Mapping[str, tuple[str, ...]]

    @property
    def tally(self) -> Mapping[str, int]:
        """Verdict -> how many answered clauses have it."""
        return Counter(clause.verdict for clause in self.clauses)

    @property
    def unanswered(self) -> int:
        """How many clauses no control answers to."""
        return sum(map(len, self.gaps.values()))


def standard_views(verdicts: Mapping[str, str]) -> tuple[StandardView, ...]:
    """Every framework. `verdicts` maps a control to what this run says of it."""
    return tuple(_view(standard, verdicts) for standard in STANDARDS.values())


def _view(standard: Standard, verdicts: Mapping[str, str]) -> StandardView:
    gaps: dict[str, list[str]] = defaultdict(list)
    answered = []
    for row in every_clause()[standard.key]:
        if row.answers:
            answered.append(ClauseView(row, worst(verdicts[one.control] for one in row.answers)))
        else:
            gaps[row.not_assessed].append(row.clause)
    return StandardView(standard, tuple(answered), {why: tuple(ids) for why, ids in gaps.items()})
