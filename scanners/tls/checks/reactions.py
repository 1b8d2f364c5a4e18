"""Judges reactions: to hellos of today, fallbacks, renegotiation, and clients that prefer weak suites."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hardening.checks import Verdicts, check
from scanners.tls import probes as p
from scanners.tls.checks.endpoints import RENEGOTIATION
from scanners.tls.checks.samples import GOOD, HELLO_1_2, PROBES, REFUSED, accepted, altered, answering
from scanners.tls.checks.unverified import hellos_1_2, nothing_to_judge, probed, reached, unknown, verdict
from scanners.tls.deep_facts import Deep
from scanners.tls.observations import Answer, Probe, State, TlsScan

# RFC 8446, 4.6.1: no ticket lives for longer.
_LONGEST_TICKET: Final = 604_800

_UNKNOWN: Final = Probe(answer=Answer.UNKNOWN, detail="reset")
_SKIPPED: Final = Probe(answer=Answer.SKIPPED, detail="only TLS 1.2 and older can renegotiate")
_WEAK: Final = accepted(replace(HELLO_1_2, suite="TLS_RSA_WITH_AES_128_CBC_SHA"))
_CUT: Final = altered(state=State.UNFINISHED)
_DEEP: Final = Deep(question=RENEGOTIATION, vulnerable=True, detail="sslyze found it vulnerable")


@check(
    "tls-hellos-tolerated",
    good=GOOD,
    bad=answering(p.MODERN, Probe(answer=Answer.REFUSED, detail="no answer to a large hello")),
    also_good={"old versions alone": answering(p.MODERN, _SKIPPED)},
    unverifiable={"not asked": altered(probes={k: v for k, v in PROBES.items() if k != p.MODERN})},
)
def tls_hellos_tolerated(scan: TlsScan) -> Verdicts:
    """Large hellos, unknown values and newer versions are answered (RFC 8446, 4.1.2 and 9.3; RFC 8701)."""
    probe = probed(scan, p.MODERN)
    if probe.answer is Answer.SKIPPED:
        return
    problems = [probe.detail] if probe.answer is Answer.REFUSED else []
    yield from verdict(scan, problems, unknown(p.MODERN, probe))


@check(
    "tls-fallback-refused",
    good=answering(p.FALLBACK, REFUSED),
    bad=answering(p.FALLBACK, accepted(replace(HELLO_1_2, version="TLSv1.0"))),
    unverifiable={"no clear answer": answering(p.FALLBACK, _UNKNOWN), "cut short": _CUT},
)
def tls_fallback_refused(scan: TlsScan) -> Verdicts:
    """Only where old versions are accepted beside newer ones: TLS 1.3's own signal does not protect those."""
    probe = scan.probes.get(p.FALLBACK)
    if probe is None:
        nothing_to_judge(scan)
        return
    reached(scan)
    taken = probe.answer is Answer.ACCEPTED
    problem = "a client that says that it fell back to an old version (TLS_FALLBACK_SCSV) is served"
    yield from verdict(scan, [problem] if taken else [], unknown(p.FALLBACK, probe))


@check(
    "tls-server-order-strong",
    good=answering(p.WEAK_FIRST, accepted(HELLO_1_2)),
    bad=answering(p.WEAK_FIRST, _WEAK),
    unverifiable={"no clear answer": answering(p.WEAK_FIRST, _UNKNOWN), "cut short": _CUT},
)
def tls_server_order_strong(scan: TlsScan) -> Verdicts:
    """Only where weak suites are accepted beside strong ones: the server chooses a strong one still."""
    probe = scan.probes.get(p.WEAK_FIRST)
    if probe is None:
        nothing_to_judge(scan)
        return
    reached(scan)
    chosen = probe.hello.suite if probe.hello else ""
    weak = probe.answer is Answer.ACCEPTED and chosen not in scan.profile.suites
    problems = [f"{chosen} is chosen for a client that prefers it, and has strong suites too"] if weak else []
    yield from verdict(scan, problems, unknown(p.WEAK_FIRST, probe))


@check(
    "tls-heartbeat-off",
    good=GOOD,
    bad=answering(p.TLS_1_2, accepted(replace(HELLO_1_2, heartbeat=True))),
    also_good={"no TLS 1.2": answering(p.TLS_1_2, REFUSED)},
)
def tls_heartbeat_off(scan: TlsScan) -> Verdicts:
    """The TLS 1.2 ServerHello takes up no heartbeat extension (RFC 6520), of which HTTP has no use."""
    hellos = hellos_1_2(scan)
    if hellos:
        on = any(hello.heartbeat for hello in hellos)
        yield from verdict(scan, ["the heartbeat extension is on, without a use"] if on else [])


@check(
    "tls-client-renegotiation-off",
    good=GOOD,
    bad={
        "begun": answering(p.RENEGOTIATION, Probe(answer=Answer.ACCEPTED)),
        "seen by the deep scan": altered(deep=(*GOOD.deep, _DEEP)),
        "in an old version": replace(answering(p.RENEGOTIATION, _SKIPPED), deep=(*GOOD.deep, _DEEP)),
    },
    also_good={"no version that can": answering(p.RENEGOTIATION, _SKIPPED)},
    unverifiable={"no clear answer": answering(p.RENEGOTIATION, _UNKNOWN)},
)
def tls_client_renegotiation_off(scan: TlsScan) -> Verdicts:
    """Each renegotiation costs the server far more than its client (RFC 9325, 3.5; CVE-2011-1473)."""
    probe = probed(scan, p.RENEGOTIATION)
    deep = any(one.vulnerable for one in scan.deep if one.question == RENEGOTIATION)
    if probe.answer is Answer.SKIPPED and not deep:
        return
    on = deep or probe.answer is Answer.ACCEPTED
    yield from verdict(scan, ["a client can renegotiate"] if on else [], unknown(p.RENEGOTIATION, probe))


@check(
    "tls-tickets-short",
    good=GOOD,
    bad=altered(ticket_seconds=_LONGEST_TICKET + 1),
    also_good={"no ticket": altered(ticket_seconds=None)},
)
def tls_tickets_short(scan: TlsScan) -> Verdicts:
    """A ticket's key opens the sessions of its whole life (RFC 8446, 4.6.1; RFC 9325, 3.4)."""
    reached(scan)
    seconds = scan.ticket_seconds
    if seconds is not None:
        problem = f"a session ticket lives {seconds} seconds, {_LONGEST_TICKET} are allowed"
        yield from verdict(scan, [problem] if seconds > _LONGEST_TICKET else [])
