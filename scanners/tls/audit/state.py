"""How far the audit of one address came, and why no further."""

from __future__ import annotations

from typing import Final

from scanners.tls import probes as p
from scanners.tls.audit.progress import Progress
from scanners.tls.audit.rotation import negotiated_apart, version_denied
from scanners.tls.observations import Answer, State

_ASKED: Final = (Answer.REFUSED, Answer.UNKNOWN)


def state_of(audit: Progress) -> tuple[State, str]:
    """The state of a finished audit, and the reason (empty if it answered)."""
    # A HelloRetryRequest alone is no handshake.
    hellos = [q for n, q in audit.probes.items() if q.hello and n != p.POST_QUANTUM_GROUPS]
    details = [probe.detail for probe in audit.probes.values() if probe.detail and probe.answer in _ASKED]
    first = audit.probes[p.TLS_1_3].detail
    if not hellos:
        return _no_answer(first, details)
    if audit.cut and audit.budget.timeouts < 2:
        return State.UNFINISHED, audit.cut.removeprefix("it was not asked: ")
    if audit.cut and audit.last is None:
        return State.TIMED_OUT, "it stopped answering, and the audit ended early"
    if version_denied(audit):
        return State.INCONSISTENT, "TLS 1.3 is accepted by some connections and not known to others"
    if audit.cut and audit.last and audit.last.answer is not Answer.ACCEPTED:
        return State.INCONSISTENT, "it answered first, and then two connections got no answer in time"
    if audit.last is not None and audit.last.answer is not Answer.ACCEPTED:
        return State.INCONSISTENT, f"the same offer was accepted first, then not ({audit.last.detail})"
    apart = [line for name in audit.repeats for line in negotiated_apart(audit, name)]
    if apart:
        return State.INCONSISTENT, "the same offer got different answers from one address"
    return State.ANSWERED, ""


def _no_answer(first: str, details: list[str]) -> tuple[State, str]:
    text = " ".join(details)
    if "answers in plaintext" in text or "answers as" in text or "answers with bytes" in text:
        return State.NOT_TLS, next(d for d in details if d.startswith("answers"))
    if first in ("connection refused", "no answer to the connection attempt") or "unreachable" in first:
        return State.UNREACHABLE, first
    if "timed out" in details:
        return State.TIMED_OUT, "no answer in time"
    return State.HANDSHAKE_FAILED, "; ".join(dict.fromkeys(details))[:300] or "no answer"
