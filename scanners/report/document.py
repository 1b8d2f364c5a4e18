"""Findings as one JSON document, the form that the other reports and the evidence are made from."""

from __future__ import annotations

import json
from typing import Any

from scanners.outcome import Outcome, Row

FORMAT = "rampart-findings/1"


def document(outcome: Outcome) -> dict[str, Any]:
    """The outcome as JSON values: `format`, `counts`, `notices`, `findings`."""
    return {
        "format": FORMAT,
        "counts": outcome.counts(),
        "notices": list(outcome.notices),
        "findings": [_row(row) for row in outcome.rows],
    }


def render(outcome: Outcome) -> str:
    """The document as text; the same findings give the same bytes."""
    return json.dumps(document(outcome), indent=1, ensure_ascii=False) + "\n"


def _row(row: Row) -> dict[str, Any]:
    finding = row.finding
    entry: dict[str, Any] = {
        "control": finding.control,
        "check": finding.check,
        "status": finding.status.value,
        "state": row.state.value,
        "severity": finding.severity.value,
        "where": finding.where,
        "detail": finding.detail,
        "fingerprint": row.fingerprint,
    }
    if finding.source:
        entry["source"] = finding.source
    if row.waiver:
        entry["waiver"] = {
            "reason": row.waiver.reason,
            "owner": row.waiver.owner,
            "expires": row.waiver.expires.isoformat(),
        }
    return entry
