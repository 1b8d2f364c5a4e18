"""The join of the catalogue: what builds each control, what refuses for it, and what verifies it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from hardening.answers.passing import ANSWER_CHECKS
from hardening.checks import Check, checks_in
from hardening.controls import CONTROLS, Control
from hardening.ocpi.rules import CHECKS as MESSAGE_CHECKS
from hardening.requests.policy import request_checks
from scanners.acceptance.checks import CHECKS as ACCEPTANCE_CHECKS
from scanners.attachments.checks import CHECKS as ATTACHMENT_CHECKS
from scanners.books import checks as book_checks
from scanners.books import secrets_manager as book_secrets
from scanners.conform import checks as conform_checks
from scanners.drift import checks as drift_checks
from scanners.drills.checks import CHECKS as DRILL_CHECKS
from scanners.intent.checks import intent_checks
from scanners.policy.checks import separation_checks, stack_checks
from scanners.probe import checks as probe_checks
from scanners.probe.server.checks import LISTING_CHECKS, SERVER_CHECKS
from scanners.reconcile import cdr_checks, pair_checks
from scanners.tls.judge import CHECKS as TLS_CHECKS

# Controls that a whole tool verifies, not a check of ours.
TOOLS: Final[Mapping[str, str]] = {"aws-baseline": "checkov"}


@dataclass(frozen=True, slots=True)
class ControlRow:
    """One control with its links. `built_by` names components, the others name checks (`subject: check`)."""

    control: Control
    built_by: tuple[str, ...]
    refused_by: tuple[str, ...]
    verified_by: tuple[str, ...]


def checks_by_subject() -> Mapping[str, tuple[Check[Any], ...]]:
    """Every check of the project, by the kind of subject that it judges."""
    return {
        "request": request_checks(),
        "message": MESSAGE_CHECKS,
        "answer": ANSWER_CHECKS,
        "stack": stack_checks(),
        "two stacks": separation_checks(),
        "tls": TLS_CHECKS,
        "intent": intent_checks(),
        "drift": checks_in(drift_checks),
        "exchange": checks_in(probe_checks),
        "server": SERVER_CHECKS,
        "tokens": checks_in(book_checks, book_secrets),
        "books": checks_in(pair_checks, cdr_checks),
        "listing": LISTING_CHECKS,
        "service": checks_in(conform_checks),
        "acceptance": ACCEPTANCE_CHECKS,
        "drill": DRILL_CHECKS,
        "attachments": ATTACHMENT_CHECKS,
    }


@cache
def control_rows() -> tuple[ControlRow, ...]:
    """Every control of the catalogue, in its order.

    A request check refuses in the gateway, and is verified by the probe, which replays its bad request.
    """
    checks = checks_by_subject()
    refusing = _names(checks["request"], "")
    verifying: dict[str, list[str]] = defaultdict(list)
    for subject, found in checks.items():
        label = "probe" if subject == "request" else subject
        for control, names in _names(found, f"{label}: ").items():
            verifying[control] += names
    for control, tool in TOOLS.items():
        verifying[control].append(tool)
    return tuple(
        ControlRow(control, control.infra, tuple(refusing.get(slug, ())), tuple(verifying.get(slug, ())))
        for slug, control in CONTROLS.items()
    )


def _names(checks: Iterable[Check[Any]], prefix: str) -> dict[str, list[str]]:
    """Control -> the names of its checks."""
    names: dict[str, list[str]] = defaultdict(list)
    for check in checks:
        names[check.control].append(prefix + check.name)
    return names
