"""Ask checks in order, stop at the first refusal, fail closed; and what is asked before there is a body.

Apart from `hardening.requests.policy`, so the authorizer needs nothing but Python's own library.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hardening.checks import Check, Status, checks_in, passed_until
from hardening.controls import CONTROLS
from hardening.requests.checks import call, contract, ownership, source, token
from hardening.requests.request import Request
from hardening.requests.statuses import CRASHED, FORBIDDEN, SUCCESS, Refusal

# In this order a call meets them.
_CALLER_CHECKS: tuple[Check[Request], ...] = checks_in(source, token)
CALL_CHECKS: tuple[Check[Request], ...] = (*_CALLER_CHECKS, *checks_in(call, contract, ownership))

# A call that one of these refuses is not known to be the partner's, and not counted as its.
CALLER_CONTROLS = frozenset(one.control for one in _CALLER_CHECKS)

# Without a verdict of these, nobody was recognised or nothing was asked for.
_INDISPENSABLE = frozenset(control.id for control in CONTROLS.values() if control.indispensable)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a call. `control` is the one that refused it, `detail` for the log, not the caller.

    `retry_after`: seconds after which the caller may come again (RFC 9110, 10.2.3); 0 for nothing said.
    """

    allowed: bool
    http_status: int
    ocpi_status: int
    control: str = ""
    detail: str = ""
    retry_after: int = 0


_ALLOWED = Decision(True, 200, SUCCESS)


def decision_of(request: Request, checks: Iterable[Check[Request]]) -> Decision:
    """The decision of `checks` on a call: the first failure or error refuses it."""
    passed, refusing = passed_until(checks, request)
    if refusing is not None:
        return _refused_by(refusing, request)
    if not passed >= _INDISPENSABLE:
        return Decision(False, *CRASHED, min(_INDISPENSABLE - passed), "it was not asked")
    return _ALLOWED


def _refused_by(one: Check[Request], request: Request) -> Decision:
    for finding in one.run(request):
        if finding.status is Status.FAIL:
            return Decision(False, *_refusal(one.control), one.control, finding.detail)
        if finding.status is Status.ERROR:
            return Decision(False, *CRASHED, one.control, finding.detail)
    return Decision(False, *CRASHED, one.control, "two readings of one call differ")


def _refusal(control: str) -> Refusal:
    return CONTROLS[control].refusal or FORBIDDEN


def decide_call(request: Request) -> Decision:
    """The decision on a call whose body is not there to be read: the authorizer's."""
    return decision_of(request, CALL_CHECKS)


def refuse_crash(control: str = "token-known") -> Decision:
    """The decision when the asking itself went wrong: a store that does not answer, a defect."""
    return Decision(False, *CRASHED, control, "it could not be asked")
