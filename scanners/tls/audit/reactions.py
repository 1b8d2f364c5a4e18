"""How an endpoint reacts to more than offers: hellos of today, fallbacks, renegotiation, broken secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from scanners.tls import probes as p
from scanners.tls.audit.answers import ask
from scanners.tls.audit.post_quantum import post_quantum
from scanners.tls.audit.progress import Progress, skipped
from scanners.tls.observations import Answer, Probe
from scanners.tls.protocol.bleichenbacher import VARIANTS, answer_to
from scanners.tls.protocol.codepoints import TLS1_2, VERSIONS
from scanners.tls.protocol.wire import Ended, connected

# What a server says that has no post-quantum group, and read the whole hello.
_NO_GROUP: Final = ("alert handshake_failure", "alert insufficient_security")


async def modern_hellos(audit: Progress) -> None:
    """Offer post-quantum groups as a browser does; if that gets no clear answer, find out what displeases."""
    name = audit.destination.name
    if not (audit.accepted(p.TLS_1_3) or audit.accepted(p.TLS_1_2)):
        audit.probes[p.MODERN] = skipped("neither TLS 1.3 nor TLS 1.2 is offered")
        await post_quantum(audit)
        return
    with _forgiving(audit):
        await post_quantum(audit)
    probe = audit.probes[p.POST_QUANTUM_GROUPS]
    if probe.answer is Answer.ACCEPTED or probe.detail in _NO_GROUP:
        audit.probes[p.MODERN] = Probe(answer=Answer.ACCEPTED)
        return
    if probe.answer is Answer.UNKNOWN and "does not complete" not in probe.detail:
        await audit.ask_if(p.TLS_1_3, p.POST_QUANTUM_GROUPS, p.post_quantum_groups(name))
    with _forgiving(audit):
        await audit.ask(p.MODERN, p.modern(name))
    if not audit.accepted(p.MODERN):
        audit.probes[p.MODERN] = await _displeased(audit)


async def _displeased(audit: Progress) -> Probe:
    """Which part of a hello of today gets no ServerHello, where a smaller hello gets one."""
    name, probe = audit.destination.name, audit.probes[p.MODERN]
    parts = {
        # Without an answer to this one, none of the others tells anything.
        "a hello with two versions": p.modern(name, large=False, grease=False),
        "a large hello": p.modern(name, grease=False),
        "a hello with unknown values": p.modern(name, large=False),
    }
    found: list[str] = []
    for part, offer in parts.items():
        with _forgiving(audit):
            answer, _ = await ask(audit.destination, offer, audit.budget)
        if answer.answer is not Answer.ACCEPTED:
            found.append(f"{part} ({answer.detail})")
            if part.endswith("versions"):
                break
    usual = p.TLS_1_3 if audit.accepted(p.TLS_1_3) else p.TLS_1_2
    still, _ = await ask(audit.destination, audit.offers[usual][0], audit.budget)
    if still.answer is not Answer.ACCEPTED:
        return Probe(answer=Answer.UNKNOWN, detail=f"after it, nothing is answered ({still.detail})")
    why = ", ".join(found) or f"a hello that is both large and has unknown values ({probe.detail})"
    return Probe(answer=Answer.REFUSED, detail=f"no answer to {why}")


@contextmanager
def _forgiving(audit: Progress) -> Iterator[None]:
    """Count silence to an odd hello as an answer to it: it does not make the endpoint a tarpit."""
    before = audit.budget.timeouts
    yield
    audit.budget.timeouts = before


async def downgrades(audit: Progress) -> None:
    """Of an endpoint with old versions or weak suites, ask whether a client can be led to them."""
    name, profile = audit.destination.name, audit.endpoint.profile
    old = audit.probes[p.OLD_VERSIONS].hello if audit.accepted(p.OLD_VERSIONS) else None
    if old and (audit.accepted(p.TLS_1_2) or audit.accepted(p.TLS_1_3)):
        version = next((code for code, known in VERSIONS.items() if known == old.version), TLS1_2)
        await audit.ask(p.FALLBACK, p.fallback(name, version))
    best = audit.probes[p.TLS_1_2].hello if audit.accepted(p.TLS_1_2) else None
    if audit.accepted(p.SUITES_1_2) and best and best.suite in profile.suites:
        await audit.ask(p.WEAK_FIRST, p.weak_first(name, profile))


async def static_rsa(audit: Progress) -> None:
    """Where a suite of static RSA is taken: whether broken secrets are answered alike (ROBOT)."""
    taken = [probe.accepted for probe in audit.answers(p.SUITES_1_2) if probe.answer is Answer.ACCEPTED]
    if not taken:
        return
    offer = replace(p.static_rsa(audit.destination.name), protocols=audit.destination.protocols)
    probe, _ = await ask(audit.destination, offer, audit.budget)
    if probe.answer is not Answer.ACCEPTED:
        return
    first = {variant: await _answered(audit, variant) for variant in VARIANTS}
    if len(set(first.values())) == 1:
        audit.probes[p.STATIC_RSA] = Probe(answer=Answer.REFUSED)
        return
    again = {variant: await _answered(audit, variant) for variant in VARIANTS}
    told = ", ".join(sorted(set(first.values())))
    answer = Answer.ACCEPTED if first == again else Answer.UNKNOWN
    audit.probes[p.STATIC_RSA] = Probe(
        answer=answer, detail=f"broken secrets are not answered alike ({told})"
    )


async def _answered(audit: Progress, variant: str) -> str:
    at = audit.destination
    if audit.budget.spent():
        return audit.budget.why_spent()
    with _forgiving(audit):
        try:
            async with connected(at.address, at.port, audit.budget) as wire:
                return await answer_to(wire, replace(p.static_rsa(at.name), protocols=at.protocols), variant)
        except Ended as ended:
            return ended.detail
