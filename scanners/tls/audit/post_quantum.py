"""Whether an endpoint completes a handshake in a post-quantum group, and in which."""

from __future__ import annotations

from dataclasses import replace

from scanners.tls import probes as p
from scanners.tls.audit.answers import hello_seen, without_hello
from scanners.tls.audit.progress import Progress
from scanners.tls.observations import Answer, Probe
from scanners.tls.protocol.key_agreement import COMPLETED_GROUPS
from scanners.tls.protocol.server_hello import Flight, ServerHello
from scanners.tls.protocol.tls13 import Session
from scanners.tls.protocol.wire import End, Ended, connected


async def post_quantum(audit: Progress) -> None:
    """Offer post-quantum groups alone, in a hello as large as a browser's, and shake hands in one of them.

    A ServerHello or HelloRetryRequest is a promise: an endpoint that then does not complete the handshake has
    not kept it.
    """
    at, name = audit.destination, p.POST_QUANTUM_GROUPS
    if not audit.accepted(p.TLS_1_3):
        await audit.ask_if(p.TLS_1_3, name, None)  # it says why this is not asked
        return
    offer = replace(p.post_quantum_groups(at.name), protocols=at.protocols, grease=True)
    audit.offers[name] = offer, False
    audit.probes[name] = Probe(answer=Answer.UNKNOWN, detail=audit.budget.why_spent())
    for _ in range(2):
        if audit.budget.spent():
            return
        session: Session | None = None
        try:
            async with connected(at.address, at.port, audit.budget) as wire:
                session = Session(wire, offer)
                audit.probes[name] = audit.shaken(await session.handshake(), name)
                return
        except Ended as ended:
            asked = session.first if session else None
            audit.probes[name] = _unkept(asked, ended) if asked else without_hello(ended)
            if asked or ended.end not in (End.CLOSED, End.RESET):
                return


def _unkept(asked: ServerHello, ended: Ended) -> Probe:
    """What a hello of the server is worth if no handshake follows: its word, where we lack the group."""
    seen = hello_seen(Flight(asked))
    if asked.group not in COMPLETED_GROUPS and asked.group in p.post_quantum_groups("").groups:
        return Probe(answer=Answer.ACCEPTED, hello=seen, accepted=(seen.suite,))
    detail = f"it chooses {seen.group}, and then does not complete the handshake ({ended.detail})"
    return Probe(answer=Answer.UNKNOWN, detail=detail)
