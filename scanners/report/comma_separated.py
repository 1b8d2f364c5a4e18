"""Findings as CSV (RFC 4180), a line a judgement, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import Final

from scanners.outcome import Outcome, Row

COLUMNS: Final = (
    "control",
    "check",
    "status",
    "state",
    "severity",
    "where",
    "detail",
    "source",
    "reason",
    "owner",
    "expires",
    "fingerprint",
)
# With one of these in front a spreadsheet takes a cell for a formula, and a cell can hold what a partner sent
# (OWASP, CSV Injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def render(outcome: Outcome) -> str:
    """A head, and a line a row in the rows' order. A cell that would be a formula begins with `'`."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    lines.writerows([_safe(cell) for cell in _cells(row)] for row in outcome.rows)
    return text.getvalue()


def _cells(row: Row) -> tuple[str, ...]:
    finding, waiver = row.finding, row.waiver
    accepted = (waiver.reason, waiver.owner, waiver.expires.isoformat()) if waiver else ("", "", "")
    return (
        finding.control,
        finding.check,
        finding.status.value,
        row.state.value,
        finding.severity.value,
        finding.where,
        finding.detail,
        finding.source,
        *accepted,
        row.fingerprint,
    )


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
