"""What clients get from an endpoint that asks for a certificate: with none, with a foreign one, with ours."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from scanners.tls import probes as p
from scanners.tls.audit.plaintext import parse_head
from scanners.tls.audit.progress import Progress
from scanners.tls.audit.web import Answer, get_1_2, get_1_3, seen
from scanners.tls.certificates.shown import client_certificate, foreign_certificate
from scanners.tls.observations import Client
from scanners.tls.protocol.client_certificate import ClientCertificate
from scanners.tls.protocol.tls13 import Session
from scanners.tls.protocol.wire import Ended, connected


async def certificates_shown(audit: Progress) -> None:
    """Show a foreign certificate where one was agreed upon, and ours if there is one; only to who asks.

    What ours gets is the endpoint's real answer: it replaces that to a client without one.
    """
    if "anonymous" not in audit.clients:
        return
    if audit.endpoint.client_certificate:
        with tempfile.TemporaryDirectory(prefix="rampart-tls-") as folder:
            answer = await _get(audit, foreign_certificate(Path(folder)))
        audit.clients["foreign"], audit.foreign_ticket = client_seen(answer), answer.ticket
    if audit.endpoint.client_file:
        answer = await _get(audit, client_certificate(audit.endpoint.client_file))
        audit.clients["ours"] = client_seen(answer)
        if answer.data:
            audit.web = seen(answer, audit.endpoint.name)
            audit.early_data = answer.early_data or 0


async def _get(audit: Progress, shown: ClientCertificate) -> Answer:
    endpoint, at, budget = audit.endpoint, audit.destination, audit.budget
    if budget.spent():
        return Answer(problem=budget.why_spent())
    if not audit.accepted(p.TLS_1_3):
        return await get_1_2(at, endpoint.name, endpoint.path, budget, shown.file)
    try:
        async with connected(at.address, at.port, budget) as wire:
            offer = replace(p.tls_1_3(at.name), protocols=at.protocols)
            session = Session(wire, offer, shown)
            probe = audit.shaken(await session.handshake())
            audit.repeats.setdefault(p.TLS_1_3, []).append(probe)
            return await get_1_3(session, endpoint.name, endpoint.path, budget)
    except Ended as ended:
        return Answer(problem=ended.detail)


def client_seen(answer: Answer) -> Client:
    """What one client got, as a fact."""
    head = parse_head(bytes(answer.data))
    if head is not None:
        return Client(outcome="answered", status=head.status)
    if answer.refused:
        return Client(outcome="refused", detail=answer.problem)
    gone = answer.problem in ("connection reset", "the connection was reset") or answer.ended
    return Client(outcome="closed" if gone else "unknown", detail=answer.problem)
