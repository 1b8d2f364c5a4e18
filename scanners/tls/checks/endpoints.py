"""Judges whether an endpoint answers, whether its addresses agree, and known attacks on it."""

from __future__ import annotations

from hardening.checks import Unverifiable, Verdicts, check
from scanners.tls import probes as p
from scanners.tls.checks.samples import (
    GOOD,
    PROBES,
    REFUSED,
    altered,
)
from scanners.tls.checks.unverified import probed, reached, verdict
from scanners.tls.deep_facts import Deep
from scanners.tls.observations import Answer, TlsScan


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
    bad=altered(deep=(Deep(question="heartbleed", vulnerable=True, detail="it leaks memory"),)),
)
def tls_known_attacks_fail(scan: TlsScan) -> Verdicts:
    """Only where the deep scan was wanted; then its silence is an error."""
    if not scan.deep_wanted:
        return
    reached(scan)
    problems = [f"{d.question}: {d.detail}" for d in scan.deep if d.vulnerable]
    doubts = [f"{d.question}: {d.detail}" for d in scan.deep if d.vulnerable is None]
    if not scan.deep:
        doubts = ["the deep scan gave no result"]
    yield from verdict(scan, problems, "; ".join(doubts))
