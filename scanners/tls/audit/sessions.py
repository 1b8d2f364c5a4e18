"""Sessions of TLS 1.2 and 1.3: whether a client can renegotiate one, and what it is when it is resumed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from scanners.tls import probes as p
from scanners.tls.audit.answers import hello_seen, without_hello
from scanners.tls.audit.progress import Progress, skipped
from scanners.tls.observations import Answer, Probe
from scanners.tls.protocol.hello import Offer
from scanners.tls.protocol.server_hello import Flight
from scanners.tls.protocol.suites import SUITES
from scanners.tls.protocol.tls12 import Session12
from scanners.tls.protocol.wire import End, Ended, connected

_PATIENCE: Final = 1.0  # seconds for an answer to a renegotiation
_ONLY_OLDER: Final = "only versions before TLS 1.2 are accepted, where this audit does not ask for it"


async def older_session(audit: Progress) -> None:
    """Make the TLS 1.2 offer again, complete the handshake, and ask for another in the same connection.

    What the server gives to resume the session is kept. Where it chooses what this client cannot complete, it
    is asked once more, for what it can.
    """
    if not audit.accepted(p.TLS_1_2):
        return
    if not await _renegotiated(audit, audit.offers[p.TLS_1_2][0], again=True):
        await _renegotiated(audit, p.renegotiable(audit.destination.name), again=False)
    if audit.old_session is None:
        seen = audit.probes[p.RENEGOTIATION]
        none = skipped("no session that could be resumed is given to a client without a certificate")
        for name in (p.RESUMED_OLD, p.RESUMED_WEAK):
            audit.probes[name] = replace(seen) if seen.answer is Answer.UNKNOWN else none


async def _renegotiated(audit: Progress, offer: Offer, *, again: bool) -> bool:
    """Whether this client has what the server chose: then it is known if a client can renegotiate."""
    at, budget = audit.destination, audit.budget
    if budget.spent():
        audit.probes[p.RENEGOTIATION] = Probe(answer=Answer.UNKNOWN, detail=budget.why_spent())
        return True
    offer = replace(offer, protocols=at.protocols)
    done, fault, session = False, True, None
    try:
        async with connected(at.address, at.port, budget) as wire:
            session = Session12(wire, offer)
            flight = await session.begin()
            if again:
                _repeat(audit, offer, flight)
            if not session.can_finish():
                detail = "this audit cannot complete what the endpoint chose"
                audit.probes[p.RENEGOTIATION] = Probe(answer=Answer.UNKNOWN, detail=detail)
                return False
            await session.finish()
            done = True
            audit.ticket_seconds = _longer(audit.ticket_seconds, session.ticket_seconds)
            audit.old_session = session.session()
            audit.probes[p.RENEGOTIATION] = begun = await _begun(session)
            if begun.answer is Answer.REFUSED:
                await session.close()
                fault = False
    except Ended as ended:
        # Whatever ends the connection once the handshake is done, is no new handshake. Nor does a client get
        # so far that has no certificate where one is wanted.
        refused = done or (session is not None and session.asked)
        answer = Answer.REFUSED if refused and ended.end is not End.TIMED_OUT else Answer.UNKNOWN
        audit.probes[p.RENEGOTIATION] = Probe(answer=answer, detail=f"the connection ended: {ended.detail}")
    if fault and audit.old_session and audit.old_session.session:
        await _without_a_fault(audit, offer)
    return True


async def _begun(session: Session12) -> Probe:
    try:
        async with asyncio.timeout(_PATIENCE):
            begun = await session.renegotiate()
    except TimeoutError:
        return Probe(answer=Answer.UNKNOWN, detail="no answer in time")
    return Probe(answer=Answer.ACCEPTED if begun else Answer.REFUSED)


def _repeat(audit: Progress, offer: Offer, flight: Flight) -> None:
    """Count the server's flight as another answer to the TLS 1.2 offer."""
    seen = hello_seen(flight)
    probe = Probe(answer=Answer.ACCEPTED, hello=seen, accepted=(seen.suite,))
    probe, _ = audit.kept(p.TLS_1_2, offer, probe, flight)
    audit.repeats.setdefault(p.TLS_1_2, []).append(probe)


async def _without_a_fault(audit: Progress, offer: Offer) -> None:
    """Make the session anew: a server may forget one whose connection ended by an alert."""
    at = audit.destination
    audit.old_session = None
    if audit.budget.spent():
        return
    try:
        async with connected(at.address, at.port, audit.budget) as wire:
            session = Session12(wire, offer)
            await session.begin()
            if session.can_finish():
                await session.finish()
                await session.close()
                audit.old_session = session.session()
    except Ended:
        return


def _longer(one: int | None, other: int | None) -> int | None:
    return max((seconds for seconds in (one, other) if seconds is not None), default=None)


def never_renegotiated(audit: Progress) -> None:
    """Say why no renegotiation was asked for, where it was not."""
    older = audit.probes[p.OLD_VERSIONS]
    if p.RENEGOTIATION in audit.probes:
        return
    if audit.probes[p.TLS_1_2].answer is Answer.UNKNOWN:
        detail = audit.probes[p.TLS_1_2].detail
        audit.probes[p.RENEGOTIATION] = Probe(answer=Answer.UNKNOWN, detail=detail)
    elif older.answer is Answer.ACCEPTED:
        audit.probes[p.RENEGOTIATION] = Probe(answer=Answer.UNKNOWN, detail=_ONLY_OLDER)
    else:
        audit.probes[p.RENEGOTIATION] = skipped("only TLS 1.2 and older can renegotiate")


async def once_more_in_old_versions(audit: Progress) -> None:
    """Repeat the offer of old versions, and name the session of TLS 1.2 in it, if there is one."""
    if audit.old_session is None:
        await audit.again(p.OLD_VERSIONS)
        return
    offer = audit.offers[p.OLD_VERSIONS][0]
    probe, resumed = await _resumed(audit, p.RESUMED_OLD, offer)
    if not resumed:
        audit.repeats.setdefault(p.OLD_VERSIONS, []).append(probe)


async def resumed_with_forbidden_suites(audit: Progress) -> None:
    """Name the session, and offer only suites that the profile forbids: resumed, it would use one of them."""
    offer = p.suites_1_2(audit.destination.name, audit.endpoint.profile)
    if audit.old_session and offer:
        probe, resumed = await _resumed(audit, p.RESUMED_WEAK, offer)
        if resumed and probe.hello and probe.hello.suite == SUITES.get(audit.old_session.suite):
            audit.probes[p.RESUMED_WEAK] = Probe(answer=Answer.REFUSED, detail="the session keeps its suite")


async def resumed_abroad(audit: Progress) -> None:
    """Name the session under a foreign name, if that has another certificate in TLS 1.2 (RFC 6066, 3).

    Where such a name is refused, or answered as any other, there is no second host to be taken for.
    """
    own = audit.leaves(p.TLS_1_2, p.TLS_1_3)
    shown = [audit.probes[name].hello for name in (p.NO_NAME, p.FOREIGN_NAME) if audit.accepted(name)]
    apart = any(one.version == "TLSv1.2" and one.leaf_sha256 not in own for one in shown if one)
    if audit.old_session and apart:
        await _resumed(audit, p.RESUMED_ABROAD, p.tls_1_2(p.FOREIGN))


async def _resumed(audit: Progress, name: str, offer: Offer) -> tuple[Probe, bool]:
    """Make an offer that names the session of TLS 1.2: the answer, and whether it is resumed."""
    at, budget = audit.destination, audit.budget
    audit.probes[name] = probe = Probe(answer=Answer.UNKNOWN, detail=budget.why_spent())
    if budget.spent():
        return probe, False
    try:
        async with connected(at.address, at.port, budget) as wire:
            session = Session12(wire, replace(offer, protocols=at.protocols), audit.old_session)
            flight = await session.begin()
    except Ended as ended:
        audit.probes[name] = probe = without_hello(ended)
        return probe, False
    hello = hello_seen(flight)
    probe = Probe(answer=Answer.ACCEPTED, hello=hello, accepted=(hello.version, hello.suite))
    refused = Probe(answer=Answer.REFUSED, detail="a full handshake")
    audit.probes[name] = probe if flight.resumed else refused
    return probe, flight.resumed


async def groups_without_exchange(audit: Progress) -> None:
    """Offer the groups that the profile forbids in TLS 1.3, and a ticket that needs none of them.

    A server that takes the ticket so (psk_ke) exchanges no keys: who steals its ticket key reads the session.
    """
    offer = p.groups_1_3(audit.destination.name, audit.endpoint.profile)
    if audit.ticket and audit.accepted(p.TLS_1_3):
        bare = p.without_exchange(offer or p.any_group_1_3(audit.destination.name), audit.ticket)
        flight = await audit.ask(p.RESUMED_BARE, bare)
        probe = audit.probes[p.RESUMED_BARE]
        if not (flight and flight.resumed):
            if probe.answer is not Answer.UNKNOWN:
                audit.probes[p.RESUMED_BARE] = Probe(answer=Answer.REFUSED)
            if offer:
                audit.offers[p.GROUPS_1_3] = offer, False
                audit.probes[p.GROUPS_1_3] = probe
                return
    await audit.ask_if(p.TLS_1_3, p.GROUPS_1_3, offer)
