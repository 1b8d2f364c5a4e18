"""Ask the layers in order, stop at the first refusal, fail closed.

Two places ask: the authorizer, which has no body (`decide_call`), and the guard, which has all of it
(`decide`). A crash inside a check is a refusal. A call that no check has passed is a refusal too.
"""

from __future__ import annotations

from hardening.checks import Check, checks_in
from hardening.requests.agreed_body import read_as_agreed
from hardening.requests.body import standing_problems
from hardening.requests.checks import body, body_ownership, callbacks
from hardening.requests.checks.rules import RULE_CHECKS
from hardening.requests.decision import CALL_CHECKS, Decision, decide_call, decision_of, refuse_crash
from hardening.requests.request import Request
from hardening.requests.routes import match

__all__ = ["Decision", "decide", "decide_as_agreed", "decide_call", "refuse_crash", "request_checks"]

# What reads the body comes last: it costs most.
_BODY_CHECKS = checks_in(body, body_ownership)
_CALLBACK_CHECKS = checks_in(callbacks)
_REQUEST_CHECKS = (*CALL_CHECKS, *_BODY_CHECKS, *_CALLBACK_CHECKS, *RULE_CHECKS)

# What is asked of a call without a body, of a message that its edition accepts, and of any other.
_WITHOUT_BODY = (*CALL_CHECKS, *_CALLBACK_CHECKS)
_WITHOUT_RULES = (*CALL_CHECKS, *_BODY_CHECKS, *_CALLBACK_CHECKS)


# What leniencies are about; whatever is asked before it holds, bounds among them.
_OF_THE_LETTER = "message-matches-its-edition"


def request_checks() -> tuple[Check[Request], ...]:
    """Every request check, in the order in which a call meets them."""
    return _REQUEST_CHECKS


def decide(request: Request) -> Decision:
    """The decision on a whole call, body and all: that of `request_checks`, less those that cannot apply.

    Without a body, no check of a body can refuse, unless something is said of how it was read; the rules
    speak only where the message has a problem.
    """
    if not request.body and not request.leniencies and not _wants_body(request):
        return decision_of(request, _WITHOUT_BODY)
    decision = decision_of(request, _WITHOUT_RULES)
    if decision.allowed and standing_problems(request):
        return decision_of(request, _REQUEST_CHECKS)
    return decision


def decide_as_agreed(request: Request) -> tuple[Request, Decision]:
    """The decision on a whole call, and the call that it is on: where only the letter of the edition stands
    against a message, and its partner was let write it so, that is the message as everybody reads it.
    """
    decision = decide(request)
    if decision.control != _OF_THE_LETTER:
        return request, decision
    agreed = read_as_agreed(request)
    return (request, decision) if agreed is None else (agreed, decide(agreed))


def _wants_body(request: Request) -> bool:
    found = match(request.method, request.path)
    return found is None or found.operation is None or bool(found.operation.body)
