"""Findings as one JSON document, the form that the other reports and the evidence are made from."""

from __future__ import annotations

from typing import Any, Final

from hardening.checks import Status
from hardening.controls import Severity
from scanners.outcome import Outcome, Row, State
from scanners.report.json_text import as_text

FORMAT = "rampart-findings/1"
SCHEMA: Final = "https://json-schema.org/draft/2020-12/schema"


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
    return as_text(document(outcome))


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document. Later versions may have more keys."""
    text = {"type": "string"}
    waiver = {"reason": text, "owner": text, "expires": {"type": "string", "format": "date"}}
    always = {
        "control": text,
        "check": text,
        "status": {"enum": [status.value for status in Status]},
        "state": {"enum": [state.value for state in State]},
        "severity": {"enum": [severity.value for severity in Severity]},
        "where": text,
        "detail": text,
        "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    }
    texts = {"type": "array", "items": text}
    sometimes = {"source": text, "blocks": texts, "remedies": texts, "waiver": required_members(waiver)}
    finding = {**required_members(always), "properties": {**always, **sometimes}}
    counts = {name: {"type": "integer", "minimum": 0} for name in Outcome(()).counts()}
    return {
        "$schema": SCHEMA,
        "title": FORMAT,
        **required_members(
            {
                "format": {"const": FORMAT},
                "counts": required_members(counts),
                "notices": {"type": "array", "items": text},
                "findings": {"type": "array", "items": finding},
            }
        ),
    }


def required_members(properties: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object that has all of these, and perhaps more."""
    return {"type": "object", "properties": properties, "required": list(properties)}


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
    if finding.blocks:
        entry["blocks"] = list(finding.blocks)
    if finding.remedies:
        entry["remedies"] = list(finding.remedies)
    if row.waiver:
        entry["waiver"] = {
            "reason": row.waiver.reason,
            "owner": row.waiver.owner,
            "expires": row.waiver.expires.isoformat(),
        }
    return entry
