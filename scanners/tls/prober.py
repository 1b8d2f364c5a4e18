"""Audits one address of one endpoint: about a dozen connections, one after the other.

First two full offers (TLS 1.3 and 1.2) show what the endpoint does; then come offers of only what the
profile forbids; last, the first good offer again, which must get the same answer. Only after a failure
does it enumerate (`scanners.tls.enumeration`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from scanners.tls import probes as p
from scanners.tls.certificates import Roots, read_chain
from scanners.tls.endpoint import Endpoint
from scanners.tls.enumeration import enumerate_accepted
from scanners.tls.observations import Answer, Chain, Hello, Plain, Probe, State, TlsScan, Web
from scanners.tls.plaintext import plain_request
from scanners.tls.protocol.codepoints import GROUPS, SIGNATURES, TLS1_2, TLS1_3, named
from scanners.tls.protocol.conversation import (
    Flight,
    Place,
    ask,
    ask_ssl2,
    hello_seen,
    settled,
    without_allowed,
    without_hello,
)
from scanners.tls.protocol.hello import Offer
from scanners.tls.protocol.tls13 import ServerFlight, Session
from scanners.tls.protocol.wire import Budget, End, Ended, connected, is_address
from scanners.tls.web import Answer as HttpAnswer
from scanners.tls.web import get_1_2, get_1_3, seen


@dataclass(slots=True)
class _Audit:
    """What is known so far of one address."""

    endpoint: Endpoint
    place: Place
    budget: Budget
    roots: Roots
    now: datetime
    probes: dict[str, Probe] = field(default_factory=dict)
    chains: list[Chain] = field(default_factory=list)
    web: Web | None = None
    client_certificate: str = "unknown"
    early_data: int | None = None
    plain_on_tls: Plain | None = None
    plain_port: Plain | None = None
    plain_token: Plain | None = None
    last: Probe | None = None

    def accepted(self, name: str) -> bool:
        probe = self.probes.get(name)
        return probe is not None and probe.answer is Answer.ACCEPTED


async def audit_address(endpoint: Endpoint, address: str, roots: Roots, budget: Budget) -> TlsScan:
    """Audit one address within `budget`. Never raises for what the endpoint does."""
    began = asyncio.get_running_loop().time()
    budget_bytes = budget.bytes_left
    name = "" if is_address(endpoint.name) else endpoint.name
    audit = _Audit(endpoint, Place(address, endpoint.port, name), budget, roots, datetime.now(UTC))
    await _look(audit)
    state, reason = _state(audit)
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
        chains=tuple(audit.chains),
        client_certificate=audit.client_certificate,
        early_data=audit.early_data,
        web=audit.web,
        plain_on_tls=audit.plain_on_tls,
        plain_port=audit.plain_port,
        plain_token=audit.plain_token,
        declared=endpoint.declared,
        connections=budget.connections,
        bytes_read=budget_bytes - budget.bytes_left,
        seconds=round(asyncio.get_running_loop().time() - began, 3),
    )


async def _look(audit: _Audit) -> None:
    end = await _newest(audit)
    if end is End.UNREACHABLE:
        return
    await _tls_1_2(audit)
    if end is End.NOT_TLS and not audit.accepted(p.TLS_1_2):
        await _in_the_clear(audit)
        return
    if audit.budget.spent():
        return
    if not audit.accepted(p.TLS_1_3):
        await _post_quantum_only(audit)
    await _forbidden(audit)
    await _names(audit)
    await _in_the_clear(audit)
    await _again(audit)
    await enumerate_accepted(audit.place, audit.endpoint.profile, audit.probes, audit.budget)


async def _newest(audit: _Audit) -> End | None:
    """The whole TLS 1.3 handshake, and a GET on it. How it ended, if it did not succeed."""
    offer = p.tls_1_3(audit.place.name)
    for attempt in (1, 2):
        try:
            async with connected(audit.place.address, audit.place.port, audit.budget) as wire:
                session = Session(wire, offer)
                flight = await session.handshake()
                answer = await get_1_3(session, audit.endpoint.name, audit.endpoint.path, audit.budget)
        except Ended as ended:
            audit.probes[p.TLS_1_3] = without_hello(ended)
            if attempt == 1 and ended.detail in ("closed without an answer", "connection reset"):
                continue
            return ended.end
        break
    _saw(audit, flight)
    audit.early_data = answer.early_data
    audit.web = seen(answer, audit.endpoint.name)
    audit.client_certificate = _client_certificate(flight.asks_for_certificate, answer)
    return None


def _client_certificate(asked: bool, answer: HttpAnswer) -> str:
    if not asked:
        return "none"
    if answer.refused:
        return "required"
    return "requested" if answer.data else "unknown"


async def _post_quantum_only(audit: _Audit) -> None:
    """TLS 1.3 that turns classical groups down may insist on a hybrid, which we cannot complete."""
    offer = p.post_quantum_groups(audit.place.name)
    probe, _ = await ask(audit.place, offer, audit.budget)
    if probe.answer is Answer.ACCEPTED:
        detail = "only post-quantum groups are accepted, which this audit cannot complete"
        audit.probes[p.TLS_1_3] = Probe(answer=Answer.UNKNOWN, detail=detail)
        audit.probes[p.POST_QUANTUM_GROUPS] = probe


def _saw(audit: _Audit, flight: ServerFlight) -> None:
    hello = hello_seen(Flight(flight.hello, flight.chain))
    hello = replace(hello, signature=named(SIGNATURES, flight.signature))
    audit.probes[p.TLS_1_3] = Probe(answer=Answer.ACCEPTED, hello=hello, accepted=(hello.suite,))
    _add_chain(audit, flight.chain, flight.staple)


async def _tls_1_2(audit: _Audit) -> None:
    """TLS 1.2 with everything; and the chain, if TLS 1.3 gave none."""
    probe, flight = await ask(audit.place, p.tls_1_2(audit.place.name), audit.budget, whole=True)
    if probe.hello and probe.hello.version != "TLSv1.2":
        # A TLS 1.2 offer that was answered with an older version.
        probe = Probe(answer=Answer.REFUSED, detail=f"answers with {probe.hello.version}", hello=probe.hello)
    if flight and flight.unproven:
        probe, flight = Probe(answer=Answer.UNKNOWN, detail=flight.unproven), None
    audit.probes[p.TLS_1_2] = probe
    if flight is None:
        return
    if flight.chain and not audit.chains:
        _add_chain(audit, flight.chain, flight.staple)
    if audit.web is None:
        answer = await get_1_2(audit.place, audit.endpoint.name, audit.endpoint.path, audit.budget)
        audit.web = seen(answer, audit.endpoint.name)
        audit.client_certificate = _client_certificate(flight.asks_for_certificate, answer)
        audit.early_data = 0  # TLS 1.2 has none


def _add_chain(audit: _Audit, ders: tuple[bytes, ...], staple: bytes) -> None:
    chain = read_chain(ders, staple, audit.endpoint.name, audit.roots, audit.now)
    known = {c.certificates[0].sha256 for c in audit.chains if c.certificates}
    if not chain.certificates or chain.certificates[0].sha256 not in known:
        audit.chains.append(chain)


async def _forbidden(audit: _Audit) -> None:
    """Offers of only what the profile forbids. Those for a version that is not there are left out."""
    name, profile = audit.place.name, audit.endpoint.profile
    await _ask(audit, p.OLD_VERSIONS, p.old_versions(name))
    if "TLSv1.2" not in profile.allowed:
        audit.probes[p.SUITES_1_2] = _absent("the profile forbids TLS 1.2 altogether")
    await _ask_if(audit, p.TLS_1_2, p.SUITES_1_2, p.suites_1_2(name, profile), whole=True)
    if audit.endpoint.declared is not None:
        undeclared = p.undeclared_suites(name, profile, audit.endpoint.declared.suites)
        await _ask_if(audit, p.TLS_1_2, p.UNDECLARED_SUITES, undeclared)
    curves = p.groups_1_2(name, profile, _leaf_group(audit))
    await _ask_if(audit, p.TLS_1_2, p.GROUPS_1_2, curves, whole=True)
    audit.probes[p.GROUPS_1_2] = without_allowed(audit.probes[p.GROUPS_1_2], curves, profile)
    await _ask_if(audit, p.TLS_1_2, p.SIGNATURES_1_2, p.signatures_1_2(name, profile), whole=True)
    await _ask_if(audit, p.TLS_1_3, p.SUITES_1_3, p.suites_1_3(name, profile))
    await _ask_if(audit, p.TLS_1_3, p.GROUPS_1_3, p.groups_1_3(name, profile))
    await _ask_if(audit, p.TLS_1_3, p.POST_QUANTUM_GROUPS, p.post_quantum_groups(name))
    if any("_DHE_" in suite for suite in profile.suites):
        await _ask_if(audit, p.TLS_1_2, p.FINITE_FIELD, p.finite_field(name), whole=True)


def _leaf_group(audit: _Audit) -> int:
    """The curve of the leaf's key; 0 if it is not an elliptic one."""
    key = next((c.certificates[0].key for c in audit.chains if c.certificates), "")
    return next((code for code, name in GROUPS.items() if key == f"EC {name}"), 0)


async def _names(audit: _Audit) -> None:
    """Without SNI and with a foreign name, in TLS 1.2 where possible: there the certificate shows."""
    if not audit.place.name:
        for probe in (p.NO_NAME, p.FOREIGN_NAME):
            audit.probes[probe] = _absent("the endpoint is named by its address, so that no name is sent")
    else:
        version = p.tls_1_2 if audit.accepted(p.TLS_1_2) else p.tls_1_3
        await _ask(audit, p.NO_NAME, version(""), whole=True)
        await _ask(audit, p.FOREIGN_NAME, version(p.FOREIGN), whole=True)
    if audit.chains and audit.chains[0].certificates:
        first_is_ecdsa = not audit.chains[0].certificates[0].key.startswith("RSA")
        version_code = TLS1_2 if audit.accepted(p.TLS_1_2) else TLS1_3
        offer = p.other_certificate(audit.place.name, version_code, first_is_ecdsa)
        flight = await _ask(audit, p.OTHER_CERTIFICATE, offer, whole=True)
        if flight and flight.chain:
            _add_chain(audit, flight.chain, flight.staple)


async def _in_the_clear(audit: _Audit) -> None:
    endpoint, budget = audit.endpoint, audit.budget
    audit.probes[p.SSL_2] = await ask_ssl2(audit.place, budget)
    if not budget.spent():
        place = (audit.place.address, endpoint.port)
        audit.plain_on_tls = await plain_request(place, endpoint.name, budget, path=endpoint.path)
    if endpoint.plain_port and not budget.spent():
        place = (audit.place.address, endpoint.plain_port)
        audit.plain_port = await plain_request(place, endpoint.name, budget, path=endpoint.path)
        if audit.plain_port.outcome == "silent":
            budget.timeouts -= 1  # a filtered port is no sign of a tarpit
        if audit.plain_port.outcome in ("served", "redirected"):
            audit.plain_token = await plain_request(
                place, endpoint.name, budget, token=True, path=endpoint.path
            )
        else:
            audit.plain_token = audit.plain_port


async def _again(audit: _Audit) -> None:
    """The first good offer once more: does the endpoint still answer, and alike?"""
    name = audit.place.name
    offer = p.tls_1_2(name) if audit.accepted(p.TLS_1_2) else p.tls_1_3(name)
    if not (audit.accepted(p.TLS_1_2) or audit.accepted(p.TLS_1_3)):
        return
    audit.last, _ = await ask(audit.place, offer, audit.budget, whole=True)
    still = audit.last.answer is Answer.ACCEPTED
    for name, probe in audit.probes.items():
        audit.probes[name] = settled(probe, still)


async def _ask_if(audit: _Audit, needed: str, name: str, offer: Offer | None, *, whole: bool = False) -> None:
    if audit.accepted(needed):
        await _ask(audit, name, offer, whole=whole)
    elif audit.probes[needed].answer is Answer.REFUSED:
        audit.probes.setdefault(name, _absent("the endpoint does not offer this version"))
    else:
        audit.probes.setdefault(name, Probe(answer=Answer.UNKNOWN, detail=audit.probes[needed].detail))


async def _ask(audit: _Audit, name: str, offer: Offer | None, *, whole: bool = False) -> Flight | None:
    audit.probes[name], flight = await ask(audit.place, offer, audit.budget, whole=whole)
    return flight


def _absent(why: str) -> Probe:
    return Probe(answer=Answer.SKIPPED, detail=why)


def _state(audit: _Audit) -> tuple[State, str]:
    """How far the audit came, and why no further."""
    # A HelloRetryRequest alone is no handshake.
    hellos = [q for n, q in audit.probes.items() if q.hello and n != p.POST_QUANTUM_GROUPS]
    details = [probe.detail for probe in audit.probes.values() if probe.detail]
    first = audit.probes[p.TLS_1_3].detail
    if not hellos:
        return _no_answer(first, details)
    if audit.budget.spent() and audit.last is None:
        return State.TIMED_OUT, "it stopped answering, and the audit ended early"
    if _contradicts(audit):
        return State.INCONSISTENT, "TLS 1.3 is accepted by some connections and not known to others"
    if audit.last is not None:
        before = audit.probes[p.TLS_1_2 if audit.accepted(p.TLS_1_2) else p.TLS_1_3].hello
        if audit.last.answer is not Answer.ACCEPTED:
            return State.INCONSISTENT, f"the same offer was accepted first, then not ({audit.last.detail})"
        if before and audit.last.hello and _differs(before, audit.last.hello):
            return State.INCONSISTENT, "the same offer got different answers from one address"
    return State.ANSWERED, ""


def _contradicts(audit: _Audit) -> bool:
    """A server with TLS 1.3 has no cause to call its version wrong (RFC 8446, 6.2: protocol_version)."""
    newest = (p.SUITES_1_3, p.GROUPS_1_3, p.POST_QUANTUM_GROUPS)
    refusals = [audit.probes[name].detail for name in newest if name in audit.probes]
    return audit.accepted(p.TLS_1_3) and "alert protocol_version" in refusals


def _no_answer(first: str, details: list[str]) -> tuple[State, str]:
    text = " ".join(details)
    if "answers in plaintext" in text or "answers as" in text or "answers with bytes" in text:
        return State.NOT_TLS, next(d for d in details if d.startswith("answers"))
    if first in ("connection refused", "no answer to the connection attempt") or "unreachable" in first:
        return State.UNREACHABLE, first
    if "timed out" in details:
        return State.TIMED_OUT, "no answer in time"
    return State.HANDSHAKE_FAILED, "; ".join(dict.fromkeys(details))[:300] or "no answer"


def _differs(one: Hello, other: Hello) -> bool:
    # Certificates and groups may vary between equal servers; what was negotiated may not.
    return any(
        getattr(one, name) != getattr(other, name)
        for name in (
            *("version", "suite", "sentinel", "compression"),
            *("extended_master_secret", "secure_renegotiation"),
        )
    )
