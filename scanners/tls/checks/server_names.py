"""Judges what a client that asks for no name, or for a foreign one, learns."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

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

_INTERNAL = (".localhost", ".local", ".internal", ".lan", ".intranet", ".corp", ".home", ".localdomain")


def _showing(name: str) -> TlsScan:
    """The default certificate is another, and names `name`."""
    return answering(p.NO_NAME, accepted(replace(HELLO_1_2, names=(name,), leaf_sha256="99")))


@check(
    "tls-foreign-names-learn-nothing",
    good=GOOD,
    bad={
        "a private domain": _showing("db-1.corp"),
        "one label": _showing("db-1"),
        "a private address": _showing("10.1.2.3"),
    },
    also_good={"a public name": _showing("www.example.com"), "a public address": _showing("9.9.9.9")},
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
            inner = [host for host in probe.hello.names if _inner(host)]
            problems.extend(f"{name}: the certificate names {n}" for n in inner[:1])
    yield from verdict(scan, problems, "; ".join(filter(None, doubts)))


def _inner(host: str) -> bool:
    """Whether the outside should not know of `host`: a private name or address, or one label alone."""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.lower().endswith(_INTERNAL)
