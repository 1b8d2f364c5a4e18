"""Findings as SARIF 2.1.0 (OASIS)."""

from __future__ import annotations

from typing import Any

from hardening import sarif
from hardening.checks import Status
from hardening.controls import CONTROLS
from scanners.explain.explain import explanations
from scanners.explain.explanation import Explanation
from scanners.outcome import Outcome, Row, State
from scanners.report.json_text import as_text

_KIND = {
    Status.PASS: "pass",
    Status.FAIL: "fail",
    Status.NOT_APPLICABLE: "notApplicable",
    Status.ERROR: "open",  # SARIF 3.27.9: "evaluated ... insufficient information"
}


def render(outcome: Outcome, version: str) -> str:
    """One run. Failures and errors are results; passes are counted in the run's properties."""
    rows = [r for r in outcome.rows if r.finding.status in (Status.FAIL, Status.ERROR)]
    first = {_rule_id(row): row for row in reversed(rows)}
    told = explanations(first)
    rules = [
        sarif.rule(name, CONTROLS[row.finding.control], row.finding.severity, _help(told.get(name)))
        for name, row in first.items()
    ]
    log = sarif.log(version, rules, map(_result, rows), {"counts": outcome.counts()})
    return as_text(log)


def _help(found: Explanation | None) -> sarif.Help:
    if found is None:
        return sarif.Help()
    return sarif.Help(found.title, found.what, found.mend, found.example, found.citation, found.address)


def _rule_id(row: Row) -> str:
    """The control's slug; for a rule of another scanner, the control's slug and that rule's id."""
    finding = row.finding
    return finding.control if finding.check.islower() else f"{finding.control}/{finding.check}"


def _result(row: Row) -> dict[str, Any]:
    finding = row.finding
    result: dict[str, Any] = {
        "ruleId": _rule_id(row),
        "kind": _KIND[finding.status],
        # SARIF 3.27.10: `level` is "none" unless the kind is "fail".
        "level": sarif.LEVELS[finding.severity] if finding.status is Status.FAIL else "none",
        "message": {"text": finding.detail or CONTROLS[finding.control].promise},
        "partialFingerprints": {"rampart/v1": row.fingerprint},
        "locations": [_location(row)],
    }
    if row.state is not State.OPEN:
        why = row.waiver.reason if row.waiver else "in the baseline"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": why}]
    return result


def _location(row: Row) -> dict[str, Any]:
    name = row.finding.where or row.finding.control
    file, _, line = row.finding.source.rpartition(":")
    # A source without a line names no file that a code-scanning service could show.
    return (
        sarif.location(name, file, max(1, int(line))) if file and line.isdecimal() else sarif.location(name)
    )
