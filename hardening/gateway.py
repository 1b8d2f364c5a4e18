"""Ask the layers in order, stop at the first refusal, fail closed.

Two places ask: the authorizer, which has no body (`decide_call`), and the guard, which has all of it
(`decide`). A crash inside a check is a refusal. A call that no check has passed is a refusal too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hardening import (
    body_ownership,
    call_form,
    callbacks,
    identity,
    message_form,
    ownership,
    perimeter,
    scope,
)
from hardening.checks import Check, Status, checks_in
from hardening.ocpi_status import CRASHED, SUCCESS, refusal
from hardening.request import Request

# In this order a call meets them. What reads the body comes last: it costs most.
_CALL_CHECKS: tuple[Check[Request], ...] = checks_in(perimeter, identity, call_form, scope, ownership)
_BODY_CHECKS: tuple[Check[Request], ...] = checks_in(message_form, body_ownership, callbacks)
_REQUEST_CHECKS = (*_CALL_CHECKS, *_BODY_CHECKS)

# Without a verdict of these, nobody was recognised or nothing was asked for.
_INDISPENSABLE = frozenset({"token-known", "token-not-revoked", "token-not-expired", "unknown-path-refused"})


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a call. `control` is the one that refused it, `detail` for the log, not the caller."""

    allowed: bool
    http_status: int
    ocpi_status: int
    control: str = ""
    detail: str = ""


def request_checks() -> tuple[Check[Request], ...]:
    """Every request check, in the order in which a call meets them."""
    return _REQUEST_CHECKS


def decide(request: Request, checks: Iterable[Check[Request]] | None = None) -> Decision:
    """The decision on a whole call, body and all."""
    asked = _REQUEST_CHECKS if checks is None else tuple(checks)
    passed: set[str] = set()
    for check in asked:
        for finding in check.run(request):
            if finding.status is Status.ERROR:
                return Decision(False, *CRASHED, check.control, finding.detail)
            if finding.status is Status.FAIL:
                return Decision(False, *refusal(check.control), check.control, finding.detail)
            if finding.status is Status.PASS:
                passed.add(check.control)
    missing = sorted(_INDISPENSABLE - passed)
    if missing:
        return Decision(False, *CRASHED, missing[0], "it was not asked")
    return Decision(True, 200, SUCCESS)


def decide_call(request: Request) -> Decision:
    """The decision on a call whose body is not there to be read: the authorizer's."""
    return decide(request, _CALL_CHECKS)


def refuse_crash(control: str = "token-known") -> Decision:
    """The decision when the asking itself went wrong: a store that does not answer, a defect."""
    return Decision(False, *CRASHED, control, "it could not be asked")
