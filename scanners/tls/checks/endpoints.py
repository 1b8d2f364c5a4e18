"""Judges whether an endpoint answers, whether its addresses agree, and known attacks on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.tls import probes as p
from scanners.tls.checks.samples import (
    GOOD,
    PROBES,
    REFUSED,
    altered,
    answering,
)
from scanners.tls.checks.unverified import nothing_to_judge, probed, reached, unknown, verdict
from scanners.tls.deep_facts import Deep
from scanners.tls.observations import Answer, Probe, State, TlsScan

# The deep scan's question of a weakness that is no attack on secrets: another check judges it.
RENEGOTIATION: Final = "client-renegotiation"
_LEAKING: Final = Deep(question="heartbleed", vulnerable=True, detail="it leaks memory")
_TELLING: Final = Probe(answer=Answer.ACCEPTED, detail="broken secrets are not answered alike")


@check(
    "tls-endpoint-answers",
    good=GOOD,
    bad={
        "neither version": altered(probes={**PROBES, p.TLS_1_3: REFUSED, p.TLS_1_2: REFUSED}),
        "HTTP/2 alone": altered(http_refused=True),
    },
)
def tls_endpoint_answers(scan: TlsScan) -> Verdicts:
    """A state other than `answered` is an error: nothing else could be verified either."""
    reached(scan)
    known = (p.TLS_1_3, p.TLS_1_2)
    problems = []
    if all(probed(scan, name).answer is Answer.REFUSED for name in known):
        problems.append("neither TLS 1.3 nor TLS 1.2 is offered")
    elif not any(probed(scan, name).answer is Answer.ACCEPTED for name in known):
        raise Unverifiable(scan.where, "; ".join(probed(scan, name).detail for name in known))
    if scan.http_refused:
        problems.append("HTTP/1.1 is refused (ALPN): the rest was seen without naming a protocol")
    yield from verdict(scan, problems)


@check("tls-addresses-agree", good=GOOD, bad=altered(differences=("192.0.2.11 has another certificate",)))
def tls_addresses_agree(scan: TlsScan) -> Verdicts:
    """Every address of an endpoint answers like the first (`TlsScan.differences`)."""
    reached(scan)
    yield from verdict(scan, scan.differences)


@check(
    "tls-known-attacks-fail",
    good=GOOD,
    bad={
        "seen by the deep scan": altered(deep=(_LEAKING,)),
        "seen by our own audit": replace(answering(p.STATIC_RSA, _TELLING), deep_wanted=False, deep=()),
    },
    also_good={
        "broken secrets are answered alike": answering(p.STATIC_RSA, REFUSED),
        "of less weight": altered(deep=(*GOOD.deep, replace(_LEAKING, question="client-renegotiation"))),
    },
    unverifiable={
        "answers that differ by chance": answering(p.STATIC_RSA, replace(_TELLING, answer=Answer.UNKNOWN)),
        "cut short": altered(state=State.UNFINISHED, deep_wanted=False),
    },
)
def tls_known_attacks_fail(scan: TlsScan) -> Verdicts:
    """ROBOT where static RSA is taken; the others where the deep scan was wanted: its silence is an error."""
    robot = scan.probes.get(p.STATIC_RSA)
    if robot is None and not scan.deep_wanted:
        nothing_to_judge(scan)
        return
    reached(scan)
    deep = [one for one in scan.deep if one.question != RENEGOTIATION]
    problems = [f"{one.question}: {one.detail}" for one in deep if one.vulnerable]
    doubts = [f"{one.question}: {one.detail}" for one in deep if one.vulnerable is None]
    if robot is not None:
        problems += [f"robot: {robot.detail}"] if robot.answer is Answer.ACCEPTED else []
        doubts.append(unknown("robot", robot))
    if scan.deep_wanted and not scan.deep:
        doubts.append("the deep scan gave no result")
    doubts = [doubt for doubt in doubts if doubt]
    yield from verdict(scan, problems, "; ".join(doubts))
