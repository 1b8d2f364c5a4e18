"""A run as OSCAL assessment results, and what is open or accepted as a plan of action and milestones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from hardening.checks import Status
from hardening.controls import CONTROLS
from scanners.outcome import Outcome, Row, State
from scanners.report.facts import RunFacts
from scanners.report.oscal.catalogue import CATALOG
from scanners.report.oscal.parts import identifier, metadata, moment, props


def assessment_results(outcome: Outcome, facts: RunFacts) -> dict[str, Any]:
    """Each judgement is an observation, each control that was judged a finding over its observations."""
    judged = sorted({row.finding.control for row in outcome.rows} & CONTROLS.keys())
    result = {
        "uuid": identifier("result", facts.target, moment(facts.started)),
        "title": f"{facts.target}, {moment(facts.started)}",
        "description": f"{len(judged)} of {len(CONTROLS)} controls were looked at.",
        "start": moment(facts.started),
        "end": moment(facts.ended),
        "reviewed-controls": {"control-selections": [_selection(judged)]},
        "observations": [_observation(number, row, facts) for number, row in enumerate(outcome.rows)],
        "findings": list(_findings(outcome, facts)),
    }
    plan = {
        "uuid": identifier("plan", facts.version),
        "title": f"Every check of ocpi-rampart {facts.version}",
        "description": f"The controls are those of {CATALOG}.",
    }
    full = {name: value for name, value in result.items() if value != []}
    return {
        "assessment-results": {
            "uuid": identifier("assessment-results", facts.target, moment(facts.started)),
            "metadata": metadata(f"What was found on {facts.target}", facts),
            "import-ap": {"href": f"#{plan['uuid']}"},
            "results": [full],
            "back-matter": {"resources": [plan]},
        }
    }


def plan_of_action(outcome: Outcome, facts: RunFacts) -> dict[str, Any] | None:
    """What does not hold: accepted by a waiver until a day, or open. None where all holds."""
    failing = [(n, row) for n, row in enumerate(outcome.rows) if row.finding.status is Status.FAIL]
    if not failing:
        return None
    return {
        "plan-of-action-and-milestones": {
            "uuid": identifier("plan-of-action", facts.target, moment(facts.started)),
            "metadata": metadata(f"What does not hold on {facts.target}", facts),
            "system-id": {"id": facts.target},
            "observations": [_observation(number, row, facts) for number, row in failing],
            "risks": [_risk(number, row, facts) for number, row in failing],
            "poam-items": [_item(number, row, facts) for number, row in failing],
        }
    }


def _selection(judged: list[str]) -> dict[str, Any]:
    return {"include-controls": [{"control-id": control} for control in judged]} if judged else {}


def _observation(number: int, row: Row, facts: RunFacts) -> dict[str, Any]:
    finding = row.finding
    return {
        "uuid": _of_row("observation", number, facts),
        "title": finding.check,
        "description": f"{finding.where}: {finding.detail or finding.status.value}",
        "props": props(
            control=finding.control,
            status=finding.status.value,
            state=row.state.value,
            severity=finding.severity.value,
            fingerprint=row.fingerprint,
        ),
        "methods": ["TEST"],
        "collected": moment(facts.ended),
    }


def _findings(outcome: Outcome, facts: RunFacts) -> Iterator[dict[str, Any]]:
    numbered = enumerate(outcome.rows)
    for control, group in groupby(numbered, key=lambda pair: pair[1].finding.control):
        rows = list(group)
        state = _state([row for _, row in rows])
        if state and control in CONTROLS:
            yield {
                "uuid": identifier("finding", control, facts.target, moment(facts.started)),
                "title": control,
                "description": CONTROLS[control].promise,
                "target": {"type": "statement-id", "target-id": f"{control}_stmt", "status": state},
                "related-observations": [
                    {"observation-uuid": _of_row("observation", number, facts)} for number, _ in rows
                ],
            }


def _state(rows: list[Row]) -> dict[str, str]:
    """Whether a control is satisfied; empty where none of its checks applied.

    What could not be verified and what is only accepted is not satisfied.
    """
    statuses = {row.finding.status for row in rows}
    if Status.FAIL in statuses:
        return {"state": "not-satisfied", "reason": "fail"}
    if Status.ERROR in statuses:
        return {"state": "not-satisfied", "reason": "other", "remarks": "It could not be verified."}
    return {"state": "satisfied", "reason": "pass"} if Status.PASS in statuses else {}


def _risk(number: int, row: Row, facts: RunFacts) -> dict[str, Any]:
    finding = row.finding
    accepted = row.state is State.WAIVED and row.waiver
    risk = {
        "uuid": _of_row("risk", number, facts),
        "title": f"{finding.check} at {' '.join(finding.where.split())}",
        "description": finding.detail or "the control does not hold",
        "statement": row.waiver.reason if row.waiver else "nobody accepted it",
        "props": props(severity=finding.severity.value, owner=row.waiver.owner if row.waiver else ""),
        "status": "deviation-approved" if accepted else "open",
    }
    return {**risk, "deadline": f"{row.waiver.expires}T23:59:59Z"} if row.waiver else risk


def _item(number: int, row: Row, facts: RunFacts) -> dict[str, Any]:
    finding = row.finding
    return {
        "uuid": _of_row("item", number, facts),
        "title": finding.control,
        "description": f"{finding.where}: {finding.detail or 'the control does not hold'}",
        "props": props(state=row.state.value, fingerprint=row.fingerprint),
        "related-observations": [{"observation-uuid": _of_row("observation", number, facts)}],
        "related-risks": [{"risk-uuid": _of_row("risk", number, facts)}],
    }


def _of_row(kind: str, number: int, facts: RunFacts) -> str:
    return identifier(kind, str(number), facts.target, moment(facts.started))
