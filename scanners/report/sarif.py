"""Findings as SARIF 2.1.0 (OASIS), within the limits that code-scanning services accept."""

from __future__ import annotations

import json
from typing import Any

from hardening.checks import Status
from hardening.controls import CONTROLS, Severity
from scanners.outcome import Outcome, Row, State

_LEVEL = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
# GitHub reads `security-severity` as a CVSS-like score.
_SCORE = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
_KIND = {
    Status.PASS: "pass",
    Status.FAIL: "fail",
    Status.NOT_APPLICABLE: "notApplicable",
    Status.ERROR: "open",  # SARIF 3.27.9: "evaluated ... insufficient information"
}


def render(outcome: Outcome, version: str) -> str:
    """One run. Failures and errors are results; passes are counted in the run's properties."""
    rows = [r for r in outcome.rows if r.finding.status in (Status.FAIL, Status.ERROR)]
    run = {
        "tool": {"driver": {"name": "rampart", "version": version, "rules": _rules(rows)}},
        "results": [_result(row) for row in rows],
        "properties": {"counts": outcome.counts()},
    }
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _rules(rows: list[Row]) -> list[dict[str, Any]]:
    rules = {}
    for row in rows:
        control = CONTROLS[row.finding.control]
        rules[_rule_id(row)] = {
            "id": _rule_id(row),
            "shortDescription": {"text": control.promise},
            "help": {"text": f"{control.promise} Source: {control.citation}."},
            "properties": {
                "security-severity": _SCORE[row.finding.severity],
                "tags": ["security", control.layer.value, *control.frameworks][:20],
            },
        }
    return [rules[rule] for rule in sorted(rules)]


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
        "level": _LEVEL[finding.severity] if finding.status is Status.FAIL else "none",
        "message": {"text": finding.detail or CONTROLS[finding.control].promise},
        "partialFingerprints": {"rampart/v1": row.fingerprint},
        "locations": [_location(row)],
    }
    if row.state is not State.OPEN:
        why = row.waiver.reason if row.waiver else "in the baseline"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": why}]
    return result


def _location(row: Row) -> dict[str, Any]:
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": row.finding.where or row.finding.control}]
    }
    file, _, line = row.finding.source.rpartition(":")
    if file and line.isdigit():
        location["physicalLocation"] = {
            "artifactLocation": {"uri": file},
            "region": {"startLine": max(1, int(line))},
        }
    return location
