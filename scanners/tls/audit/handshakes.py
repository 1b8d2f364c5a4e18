"""The two full offers that show what an endpoint does: TLS 1.3 and TLS 1.2, each with one GET."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from scanners.tls import probes as p
from scanners.tls.audit.answers import without_hello
from scanners.tls.audit.clients import client_seen
from scanners.tls.audit.progress import Progress
from scanners.tls.audit.web import Answer as HttpAnswer
from scanners.tls.audit.web import get_1_2, get_1_3, seen
from scanners.tls.observations import Answer, Probe
from scanners.tls.protocol.codepoints import NO_APPLICATION_PROTOCOL
from scanners.tls.protocol.hello import Offer
from scanners.tls.protocol.tls13 import Session
from scanners.tls.protocol.wire import End, Ended, connected


async def tls_1_3(audit: Progress) -> End | None:
    """Complete a TLS 1.3 handshake and GET on it. The way it ended early; None if it was completed."""
    offer = p.tls_1_3(audit.destination.name)
    audit.offers[p.TLS_1_3] = offer, True
    ended = await _get_1_3(audit, offer)
    if ended and ended.detail in ("closed without an answer", "connection reset"):
        ended = await _get_1_3(audit, offer)
    if ended and ended.alert == NO_APPLICATION_PROTOCOL:
        with _no_protocol(audit):
            ended = await _get_1_3(audit, offer)
    if ended is None:
        return None
    audit.probes[p.TLS_1_3] = without_hello(ended)
    return ended.end


async def _get_1_3(audit: Progress, offer: Offer) -> Ended | None:
    at = audit.destination
    try:
        async with connected(at.address, at.port, audit.budget) as wire:
            session = Session(wire, replace(offer, protocols=at.protocols))
            flight = await session.handshake()
            answer = await get_1_3(session, audit.endpoint.name, audit.endpoint.path, audit.budget)
    except Ended as ended:
        return ended
    audit.probes[p.TLS_1_3] = audit.shaken(flight)
    audit.early_data = answer.early_data
    audit.ticket, audit.ticket_seconds = answer.ticket, answer.ticket_seconds
    audit.web = seen(answer, audit.endpoint.name)
    _saw_client(audit, flight.asks_for_certificate, answer)
    return None


@contextmanager
def _no_protocol(audit: Progress) -> Iterator[None]:
    """Name no application protocol (ALPN), as old clients do; for all that follows, if that is answered."""
    named = audit.destination
    audit.destination = replace(named, protocols=())
    yield
    if not (audit.accepted(p.TLS_1_3) or audit.accepted(p.TLS_1_2)):
        audit.destination = named


def _saw_client(audit: Progress, asked: bool, answer: HttpAnswer) -> None:
    """Keep whether a client certificate is asked for, and what a client without one gets."""
    if not asked:
        audit.client_certificate = "none"
        return
    client = audit.clients["anonymous"] = client_seen(answer)
    audit.client_certificate = {"refused": "required", "answered": "requested"}.get(client.outcome, "unknown")


async def tls_1_2(audit: Progress) -> None:
    """Offer TLS 1.2 with everything, and keep its chain; GET, if TLS 1.3 gave no answer."""
    offer = p.tls_1_2(audit.destination.name)
    flight = await audit.ask(p.TLS_1_2, offer, whole=True)
    if audit.probes[p.TLS_1_2].detail == "alert no_application_protocol":
        with _no_protocol(audit):
            flight = await audit.ask(p.TLS_1_2, offer, whole=True)
    if flight is None:
        return
    newest = audit.probes[p.TLS_1_3]
    if flight.hello.sentinel and newest.answer is Answer.REFUSED:
        # Only a server with TLS 1.3 marks an older answer (RFC 8446, 4.1.3): our offer displeases it.
        detail = f"the TLS 1.2 answer tells of TLS 1.3, but our offer of it is refused ({newest.detail})"
        audit.probes[p.TLS_1_3] = Probe(answer=Answer.UNKNOWN, detail=detail)
    if audit.web is None:
        answer = await get_1_2(audit.destination, audit.endpoint.name, audit.endpoint.path, audit.budget)
        audit.web = seen(answer, audit.endpoint.name)
        _saw_client(audit, flight.asks_for_certificate, answer)
        if audit.probes[p.TLS_1_3].answer is Answer.REFUSED:
            audit.early_data = 0  # TLS 1.2 has none
