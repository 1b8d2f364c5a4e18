"""Findings as OCSF 1.5 Compliance Findings (class 2003), a JSON array of events."""

from __future__ import annotations

from typing import Any, Final

from hardening.checks import Status
from hardening.controls import CONTROLS, Severity
from scanners.outcome import Outcome, Row, State
from scanners.report.facts import RunFacts
from scanners.report.json_text import as_text

_VERSION: Final = "1.5.0"
_CLASS: Final = 2003
_CREATED: Final = 1  # the activity of a finding that a run made
# Severity and compliance status as OCSF numbers them.
_SEVERITY: Final = {Severity.LOW: 2, Severity.MEDIUM: 3, Severity.HIGH: 4, Severity.CRITICAL: 5}
_COMPLIANCE: Final = {
    Status.PASS: (1, "Pass"),
    Status.FAIL: (3, "Fail"),
    Status.ERROR: (0, "Unknown"),
    Status.NOT_APPLICABLE: (99, "Other"),
}
_NEW, _SUPPRESSED = (1, "New"), (3, "Suppressed")


def render(outcome: Outcome, facts: RunFacts) -> str:
    """An event a row, in the rows' order; the same findings give the same bytes."""
    return as_text([_event(row, facts) for row in outcome.rows])


def _event(row: Row, facts: RunFacts) -> dict[str, Any]:
    finding = row.finding
    moment = int(facts.ended.timestamp() * 1000)
    status_id, status = _NEW if row.state is State.OPEN else _SUPPRESSED
    return {
        "activity_id": _CREATED,
        "category_uid": 2,
        "class_uid": _CLASS,
        "type_uid": _CLASS * 100 + _CREATED,
        "time": moment,
        "severity_id": _SEVERITY[finding.severity],
        "severity": finding.severity.value.capitalize(),
        "status_id": status_id,
        "status": status,
        "message": finding.detail or finding.status.value,
        "metadata": {
            "version": _VERSION,
            "product": {"name": "ocpi-rampart", "vendor_name": "ocpi-rampart", "version": facts.version},
        },
        "finding_info": {
            "uid": row.fingerprint,
            "title": finding.check,
            "desc": CONTROLS[finding.control].promise if finding.control in CONTROLS else finding.control,
            "created_time": moment,
        },
        "compliance": _compliance(row),
        "resources": [{"uid": finding.where, "name": finding.where}],
        "unmapped": {"status": finding.status.value, "state": row.state.value, "target": facts.target},
    }


def _compliance(row: Row) -> dict[str, Any]:
    finding = row.finding
    status_id, status = _COMPLIANCE[finding.status]
    clauses = CONTROLS[finding.control].frameworks if finding.control in CONTROLS else ()
    return {
        "control": finding.control,
        "standards": sorted({clause.framework for clause in clauses}),
        "requirements": [str(clause) for clause in clauses],
        "status_id": status_id,
        "status": status,
    }
