"""What a run knows about each control, in one word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from hardening.checks import Status
from hardening.controls import Control
from scanners.catalogue import ControlRow, control_rows
from scanners.outcome import Outcome, Row, State

# From worst to best; the order of bars and legends.
VERDICTS: Final[Mapping[str, str]] = {
    "failed": "fails in at least one place",
    "not verified": "could not be verified, or no audit of this run looks at it",
    "waived": "fails only where somebody accepted it, with a reason and a date",
    "manual": "a person verifies it",
    "not applicable": "nothing of this target has what it is about",
    "verified": "verified, and holds wherever it was looked at",
}


@dataclass(frozen=True, slots=True)
class ControlView:
    """A control with what this run knows about it. `verdict` is one of `VERDICTS`."""

    links: ControlRow
    verdict: str
    rows: tuple[Row, ...]

    @property
    def control(self) -> Control:
        """The control itself."""
        return self.links.control


def control_views(outcome: Outcome) -> tuple[ControlView, ...]:
    """Every control of the catalogue with its verdict in this run."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in outcome.rows:
        rows[row.finding.control].append(row)
    return tuple(
        ControlView(links, _verdict(links.control, rows[links.control.id]), tuple(rows[links.control.id]))
        for links in control_rows()
    )


def unseen(views: Iterable[ControlView]) -> list[str]:
    """The controls that somebody could verify, and that no audit of this run looked at."""
    return [view.control.id for view in views if view.verdict == "not verified" and not view.rows]


def worst(verdicts: Iterable[str]) -> str:
    """The worst of several verdicts; `not verified` of none: an empty list never means yes."""
    return min(verdicts, key=[*VERDICTS].index, default="not verified")


def of_rows(rows: Iterable[Row]) -> str:
    """The verdict of some judgements; empty where none of them says anything."""
    looked_at = [row for row in rows if row.finding.status is not Status.NOT_APPLICABLE]
    statuses = {row.finding.status for row in looked_at if row.state is State.OPEN}
    if Status.FAIL in statuses:
        return "failed"
    if Status.ERROR in statuses:
        return "not verified"
    if any(row.state is not State.OPEN for row in looked_at):
        return "waived"
    return "verified" if looked_at else ""


def _verdict(control: Control, rows: list[Row]) -> str:
    if found := of_rows(rows):
        return found
    if rows:
        return "not applicable"
    return "manual" if control.manual else "not verified"
