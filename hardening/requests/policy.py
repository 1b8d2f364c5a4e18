"""Ask the layers in order, stop at the first refusal, fail closed.

Two places ask: the authorizer, which has no body (`decide_call`), and the guard, which has all of it
(`decide`). A crash inside a check is a refusal. A call that no check has passed is a refusal too.
"""

from __future__ import annotations

from hardening.checks import Check, checks_in
from hardening.requests.body import standing_problems
from hardening.requests.checks import body, body_ownership, callbacks
from hardening.requests.checks.rules import RULE_CHECKS
from hardening.requests.decision import CALL_CHECKS, Decision, decide_call, decision_of, refuse_crash
from hardening.requests.request import Request
from hardening.requests.routes import match

__all__ = ["Decision", "decide", "decide_call", "refuse_crash", "request_checks"]

# What reads the body comes last: it costs most.
_BODY_CHECKS = checks_in(body, body_ownership)
_CALLBACK_CHECKS = checks_in(callbacks)
_REQUEST_CHECKS = (*CALL_CHECKS, *_BODY_CHECKS, *_CALLBACK_CHECKS, *RULE_CHECKS)

# What is asked of a call without a body, of a message that its edition accepts, and of any other.
_WITHOUT_BODY = (*CALL_CHECKS, *_CALLBACK_CHECKS)
_WITHOUT_RULES = (*CALL_CHECKS, *_BODY_CHECKS, *_CALLBACK_CHECKS)


def request_checks() -> tuple[Check[Request], ...]:
    """Every request check, in the order in which a call meets them."""
    return _REQUEST_CHECKS


def decide(request: Request) -> Decision:
    """The decision on a whole call, body and all: that of `request_checks`, less those that cannot apply.

    Without a body, no check of a body can refuse; the rules speak only where the message has a problem.
    """
    if not request.body and not _wants_body(request):
        return decision_of(request, _WITHOUT_BODY)
    decision = decision_of(request, _WITHOUT_RULES)
    if decision.allowed and standing_problems(request):
        return decision_of(request, _REQUEST_CHECKS)
    return decision


def _wants_body(request: Request) -> bool:
    found = match(request.method, request.path)
    return found is None or found.operation is None or bool(found.operation.body)
