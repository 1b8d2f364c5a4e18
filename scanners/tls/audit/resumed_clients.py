"""Whether a resumed session is a way past the client certificate: it is settled in full handshakes alone."""

from __future__ import annotations

from dataclasses import replace

from scanners.tls import probes as p
from scanners.tls.audit.clients import client_seen
from scanners.tls.audit.progress import Progress
from scanners.tls.audit.web import Answer, get_1_3, get_in_1_2
from scanners.tls.protocol.resumption import OldSession, Ticket
from scanners.tls.protocol.tls12 import Session12
from scanners.tls.protocol.tls13 import Session
from scanners.tls.protocol.wire import Ended, connected


async def resumed_clients(audit: Progress) -> None:
    """Resume sessions without a certificate, where one was agreed upon, and keep what such a client gets.

    They were made without a certificate, with nobody's, without a name, and for another name of the
    certificate's: what is served there need not ask for one.
    """
    if "anonymous" not in audit.clients or not audit.endpoint.client_certificate:
        return
    others = [("no name", ""), *(("another name", name) for name in _other_names(audit)[:1])]
    if audit.accepted(p.TLS_1_3):
        made = {"without a certificate": audit.ticket, "with nobody's certificate": audit.foreign_ticket}
        made |= {f"for {how}": await _ticket_for(audit, name) for how, name in others}
        for how, ticket in made.items():
            if ticket and (answer := await _in_1_3(audit, ticket)):
                audit.resumed[f"{how}, in TLS 1.3"] = client_seen(answer)
    if audit.accepted(p.TLS_1_2):
        older = {"without a certificate": audit.old_session}
        older |= {f"for {how}": await _session_for(audit, name) for how, name in others}
        for how, session in older.items():
            if session and (answer := await _in_1_2(audit, session)):
                audit.resumed[f"{how}, in TLS 1.2"] = client_seen(answer)


def _other_names(audit: Progress) -> list[str]:
    own = audit.endpoint.name.lower()
    leaves = [chain.certificates[0] for chain in audit.chains if chain.certificates]
    names = dict.fromkeys(name.lower() for leaf in leaves for name in leaf.names)
    return [name for name in names if name != own and "*" not in name and "." in name and name.isascii()]


async def _ticket_for(audit: Progress, name: str) -> Ticket | None:
    """The ticket of a session made for `name`; None if there is none."""
    at, budget = audit.destination, audit.budget
    if budget.spent():
        return None
    try:
        async with connected(at.address, at.port, budget) as wire:
            session = Session(wire, replace(p.tls_1_3(name), protocols=at.protocols))
            await session.handshake()
            answer = await get_1_3(session, name or audit.endpoint.name, audit.endpoint.path, budget)
    except Ended:
        return None
    return answer.ticket


async def _session_for(audit: Progress, name: str) -> OldSession | None:
    """The session of TLS 1.2 made for `name`; None if there is none."""
    at, budget = audit.destination, audit.budget
    if budget.spent():
        return None
    try:
        async with connected(at.address, at.port, budget) as wire:
            session = Session12(wire, replace(p.renegotiable(name), protocols=at.protocols))
            await session.begin()
            if not session.can_finish():
                return None
            await session.finish()
            await session.close()
            return session.session()
    except Ended:
        return None


async def _in_1_3(audit: Progress, ticket: Ticket) -> Answer | None:
    """What a GET in the resumed session gets; None if it is not resumed."""
    at, budget = audit.destination, audit.budget
    if budget.spent():
        return Answer(problem=budget.why_spent())
    session = None
    try:
        async with connected(at.address, at.port, budget) as wire:
            session = Session(wire, replace(p.tls_1_3(at.name), protocols=at.protocols, psk=ticket))
            flight = await session.handshake()
            if not flight.hello.resumes:
                return None
            return await get_1_3(session, audit.endpoint.name, audit.endpoint.path, budget)
    except Ended as ended:
        taken = session is not None and session.first is not None and session.first.resumes
        return Answer(problem=ended.detail) if taken else None


async def _in_1_2(audit: Progress, kept: OldSession) -> Answer | None:
    """The same in TLS 1.2."""
    at, budget = audit.destination, audit.budget
    if budget.spent():
        return Answer(problem=budget.why_spent())
    resumed = False
    try:
        async with connected(at.address, at.port, budget) as wire:
            session = Session12(wire, replace(p.renegotiable(at.name), protocols=at.protocols), kept)
            resumed = (await session.begin()).resumed
            if not resumed:
                return None
            await session.finish()
            return await get_in_1_2(session, audit.endpoint.name, audit.endpoint.path, budget)
    except Ended as ended:
        return Answer(problem=ended.detail) if resumed else None
