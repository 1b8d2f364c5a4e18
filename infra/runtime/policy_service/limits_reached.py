"""The decisions on calls of which too many, too long or too costly ones have come."""

from __future__ import annotations

from hardening.requests.checks.body import MOST_BODY_BYTES
from hardening.requests.decision import Decision
from hardening.requests.statuses import BUSY, TOO_LARGE, TOO_MANY

LANE_FULL = Decision(False, *BUSY, "plan-per-partner", "this partner's bodies cost more time than it has", 1)
STORE_BUSY = Decision(False, *BUSY, "token-known", "too many unknown tokens wait for the store", 1)
BODY_TOO_LARGE = Decision(False, *TOO_LARGE, "message-is-bounded", f"at most {MOST_BODY_BYTES} bytes")


def too_many_of_partner(seconds: int) -> Decision:
    """More calls than a contract has; the next one after so many seconds."""
    return Decision(False, *TOO_MANY, "plan-per-partner", "more calls than contracted", seconds)


def too_many_of_source(seconds: int) -> Decision:
    """More calls of nobody's than a source may send; the next one after so many seconds."""
    return Decision(False, *TOO_MANY, "token-known", "too many of nobody's calls from there", seconds)
