"""Findings as lines for a terminal: what counts first, then one line that adds up."""

from __future__ import annotations

from hardening.checks import Status
from scanners.outcome import Outcome, Row, State


def render(outcome: Outcome, show_suppressed: bool = False) -> str:
    """One line a failure or error (and a suppressed one, if asked), with what can be done, and a summary."""
    shown = [r for r in outcome.rows if r.finding.status in (Status.FAIL, Status.ERROR)]
    if not show_suppressed:
        shown = [r for r in shown if r.state is State.OPEN]
    return "\n".join([*map(_line, shown), summary(outcome)]) + "\n"


def summary(outcome: Outcome) -> str:
    """`128 passed, 0 failed, 0 not verified, 3 waived, 12 not applicable`."""
    counts = outcome.counts()
    known = f", {counts['known']} known" if counts["known"] else ""
    return (
        f"{counts['pass']} passed, {counts['fail']} failed, {counts['error']} not verified, "
        f"{counts['waived']} waived{known}, {counts['not-applicable']} not applicable"
    )


def _line(row: Row) -> str:
    finding = row.finding
    status = finding.status.value if row.state is State.OPEN else row.state.value
    place = f"  {finding.where}" if finding.where else ""
    source = f"  ({finding.source})" if finding.source else ""
    reason = f"  [waived until {row.waiver.expires}: {row.waiver.reason}]" if row.waiver else ""
    check = f"/{finding.check}" if finding.check != finding.control else ""
    rule = f"{finding.control}{check}{place}"
    line = f"{status:6} {finding.severity.value:8} {rule}: {finding.detail}{source}{reason}"
    return "\n       ".join((line, *finding.remedies))
