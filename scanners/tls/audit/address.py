"""Audits one address of one endpoint: about a dozen connections, one after the other.

First two full offers (TLS 1.3 and 1.2) show what the endpoint does; then come offers of only what the
profile forbids; last, the first good offer again, which must get the same answer. Only after a failure
does it enumerate (`scanners.tls.audit.enumeration`).
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from scanners.tls import probes as p
from scanners.tls.audit.answers import ask_ssl2, settled
from scanners.tls.audit.clients import certificates_shown
from scanners.tls.audit.enumeration import enumerate_accepted
from scanners.tls.audit.forbidden import forbidden_offers, other_names
from scanners.tls.audit.handshakes import tls_1_2, tls_1_3
from scanners.tls.audit.plaintext import plain_request
from scanners.tls.audit.progress import Progress
from scanners.tls.audit.reactions import downgrades, modern_hellos, static_rsa
from scanners.tls.audit.resumed_clients import resumed_clients
from scanners.tls.audit.revocation import Responders
from scanners.tls.audit.rotation import accepted_first, differences, many_more, once_more
from scanners.tls.audit.sessions import (
    never_renegotiated,
    older_session,
    resumed_abroad,
    resumed_with_forbidden_suites,
)
from scanners.tls.audit.state import state_of
from scanners.tls.certificates.roots import Roots
from scanners.tls.endpoint import Endpoint
from scanners.tls.observations import Answer, Plain, TlsScan
from scanners.tls.protocol.conversation import Destination
from scanners.tls.protocol.wire import Budget, End, is_address
from scanners.tls.revocation_facts import Revocation


async def audit_address(
    endpoint: Endpoint, address: str, roots: Roots, budget: Budget, responders: Responders | None = None
) -> TlsScan:
    """Audit one address within `budget`, and ask `responders`. Never raises for what the endpoint does."""
    began, budget_bytes = asyncio.get_running_loop().time(), budget.bytes_left
    audit = Progress(endpoint, _destination(endpoint, address), budget, roots, datetime.now(UTC))
    await _look(audit)
    state, reason = state_of(audit)
    return TlsScan(
        endpoint=str(endpoint),
        address=address,
        server_name=endpoint.name,
        taken=audit.now,
        profile=endpoint.profile,
        state=state,
        reason=reason,
        pins=endpoint.pins,
        client_certificate_wanted=endpoint.client_certificate,
        partner=endpoint.partner,
        probes=audit.probes,
        repeats={name: tuple(probes) for name, probes in audit.repeats.items()},
        chains=tuple(audit.chains),
        revocation=await _revocation(audit, responders),
        client_certificate=audit.client_certificate,
        client_missing=endpoint.client_missing,
        clients=audit.clients,
        resumed=audit.resumed,
        early_data=audit.early_data,
        ticket_seconds=audit.ticket_seconds,
        http_refused=not audit.destination.protocols,
        web=audit.web,
        plain_on_tls=audit.plain_on_tls,
        plain_port=audit.plain_port,
        plain_token=audit.plain_token,
        declared=endpoint.declared,
        differences=differences(audit),
        connections=budget.connections,
        bytes_read=budget_bytes - budget.bytes_left,
        seconds=round(asyncio.get_running_loop().time() - began, 3),
    )


async def _revocation(audit: Progress, responders: Responders | None) -> tuple[Revocation, ...] | None:
    if responders is None or not audit.endpoint.revocation:
        return None
    trusted = [ders for (ders, _), chain in audit.sent.items() if not (chain.trust or chain.doubt)]
    return await responders.about(trusted, audit.roots)


def _destination(endpoint: Endpoint, address: str) -> Destination:
    return Destination(address, endpoint.port, "" if is_address(endpoint.name) else endpoint.name)


async def _look(audit: Progress) -> None:
    end = await tls_1_3(audit)
    if end is End.UNREACHABLE:
        return
    await tls_1_2(audit)
    if end is End.NOT_TLS and not audit.accepted(p.TLS_1_2):
        await _in_the_clear(audit)
        return
    if _cut_short(audit):
        return
    await certificates_shown(audit)
    await once_more(audit)
    await older_session(audit)
    await forbidden_offers(audit)
    await resumed_with_forbidden_suites(audit)
    await modern_hellos(audit)
    await downgrades(audit)
    await static_rsa(audit)
    await other_names(audit)
    await resumed_abroad(audit)
    await resumed_clients(audit)
    await _in_the_clear(audit)
    await _again(audit)
    never_renegotiated(audit)
    _cut_short(audit)  # before what is only asked after a failure
    await enumerate_accepted(audit.destination, audit.endpoint.profile, audit.probes, audit.budget)


async def _in_the_clear(audit: Progress) -> None:
    endpoint, budget = audit.endpoint, audit.budget
    audit.probes[p.SSL_2] = await ask_ssl2(audit.destination, budget)
    if not budget.spent():
        address = (audit.destination.address, endpoint.port)
        audit.plain_on_tls = await plain_request(address, endpoint.name, budget, path=endpoint.path)
    if endpoint.plain_port and not budget.spent():
        address = (audit.destination.address, endpoint.plain_port)
        audit.plain_port = await plain_request(address, endpoint.name, budget, path=endpoint.path)
        if audit.plain_port.outcome == "silent":
            budget.timeouts -= 1  # a filtered port is no sign of a tarpit
        if audit.plain_port.outcome in ("served", "redirected"):
            audit.plain_token = await plain_request(
                address, endpoint.name, budget, token=True, path=endpoint.path
            )
        else:
            audit.plain_token = audit.plain_port


def _cut_short(audit: Progress) -> bool:
    """Whether nothing more may be asked. A plaintext port not asked by then is unknown, not absent."""
    audit.cut = audit.budget.why_spent()
    if audit.cut and audit.endpoint.plain_port:
        unasked = Plain(outcome="unknown", detail=audit.cut)
        audit.plain_port = audit.plain_port or unasked
        audit.plain_token = audit.plain_token or unasked
    return bool(audit.cut)


async def _again(audit: Progress) -> None:
    """The first good offer once more: does the endpoint still answer, and in the same way?"""
    name = p.TLS_1_2 if audit.accepted(p.TLS_1_2) else p.TLS_1_3
    if not audit.accepted(name):
        return
    audit.last = await audit.again(name)
    _settle(audit)
    if audit.last.answer is Answer.ACCEPTED:
        await many_more(audit)
        _settle(audit)
    accepted_first(audit)


def _settle(audit: Progress) -> None:
    still = audit.last is not None and audit.last.answer is Answer.ACCEPTED
    for name, probe in audit.probes.items():
        audit.probes[name] = settled(probe, still)
    for name, repeats in audit.repeats.items():
        audit.repeats[name] = [settled(probe, still) for probe in repeats]
