"""Ask the layers in order, stop at the first refusal, fail closed.

Two places ask: the authorizer, which has no body (`decide_call`), and the guard, which has all of it
(`decide`). A crash inside a check is a refusal. A call that no check has passed is a refusal too.
"""

from __future__ import annotations

from collections.abc import Iterable

from hardening.checks import Check, checks_in
from hardening.requests.checks import body, body_ownership, callbacks
from hardening.requests.checks.rules import RULE_CHECKS
from hardening.requests.decision import CALL_CHECKS, Decision, decide_call, decision_of, refuse_crash
from hardening.requests.request import Request

__all__ = ["Decision", "decide", "decide_call", "refuse_crash", "request_checks"]

# What reads the body comes last: it costs most.
_REQUEST_CHECKS = (*CALL_CHECKS, *checks_in(body, body_ownership, callbacks), *RULE_CHECKS)


def request_checks() -> tuple[Check[Request], ...]:
    """Every request check, in the order in which a call meets them."""
    return _REQUEST_CHECKS


def decide(request: Request, checks: Iterable[Check[Request]] | None = None) -> Decision:
    """The decision on a whole call, body and all."""
    return decision_of(request, _REQUEST_CHECKS if checks is None else checks)
