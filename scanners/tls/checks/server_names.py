"""Judges what a client that asks for no name, or for a foreign one, learns."""

from __future__ import annotations

from dataclasses import replace

from hardening.checks import Verdicts, check
from scanners.tls import probes as p
from scanners.tls.checks.samples import (
    GOOD,
    HELLO_1_2,
    accepted,
    answering,
)
from scanners.tls.checks.unverified import probed, unknown, verdict
from scanners.tls.observations import Answer, TlsScan

_INTERNAL = ("localhost", ".local", ".internal", ".lan", ".intranet", ".corp", ".home", ".localdomain")


@check(
    "tls-foreign-names-learn-nothing",
    good=GOOD,
    bad=answering(p.NO_NAME, accepted(replace(HELLO_1_2, names=("db-1.corp",), leaf_sha256="99"))),
)
def tls_foreign_names_learn_nothing(scan: TlsScan) -> Verdicts:
    """The default certificate may be the endpoint's own, or another public one; not one with inner names."""
    asked = [(name, probed(scan, name)) for name in (p.NO_NAME, p.FOREIGN_NAME)]
    if all(probe.answer is Answer.SKIPPED for _, probe in asked):
        return
    own = {c.sha256 for chain in scan.chains for c in chain.certificates[:1]}
    problems, doubts = [], [unknown(name, probe) for name, probe in asked]
    for name, probe in asked:
        if probe.answer is not Answer.ACCEPTED:
            continue
        if scan.profile.names_strictly:
            problems.append(f"{name}: the handshake is completed")
        if probe.hello is None:
            doubts.append(f"{name}: its certificate was not seen")
        elif probe.hello.leaf_sha256 not in own:
            inner = [n for n in probe.hello.names if n == "localhost" or n.endswith(_INTERNAL)]
            problems.extend(f"{name}: the certificate names {n}" for n in inner[:1])
    yield from verdict(scan, problems, "; ".join(filter(None, doubts)))
