"""Judges what a ServerHello and the tickets after it show: extensions, compression, early data."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hardening.checks import Verdicts, check
from scanners.tls import probes as p
from scanners.tls.checks.samples import (
    GOOD,
    HELLO_1_2,
    accepted,
    altered,
    answering,
)
from scanners.tls.checks.unverified import hellos_1_2, probed, verdict
from scanners.tls.observations import Answer, TlsScan

_UNBOUND: Final = accepted(replace(HELLO_1_2, extended_master_secret=False))


@check(
    "tls-extended-master-secret",
    good=GOOD,
    bad={
        "missing": answering(p.TLS_1_2, _UNBOUND),
        "missing on some connections": altered(repeats={p.TLS_1_2: (_UNBOUND,)}),
    },
)
def tls_extended_master_secret(scan: TlsScan) -> Verdicts:
    """The TLS 1.2 ServerHello carries extended_master_secret (RFC 7627)."""
    hellos = hellos_1_2(scan)
    if hellos:
        extended = all(hello.extended_master_secret for hello in hellos)
        yield from verdict(scan, [] if extended else ["no extended master secret"])


@check(
    "tls-renegotiation-secure",
    good=GOOD,
    bad=answering(p.TLS_1_2, accepted(replace(HELLO_1_2, secure_renegotiation=False))),
)
def tls_renegotiation_secure(scan: TlsScan) -> Verdicts:
    """The TLS 1.2 ServerHello carries renegotiation_info (RFC 5746, 3.6)."""
    hellos = hellos_1_2(scan)
    if hellos:
        secure = all(hello.secure_renegotiation for hello in hellos)
        yield from verdict(scan, [] if secure else ["no secure renegotiation (RFC 5746)"])


@check(
    "tls-compression-off",
    good=GOOD,
    bad=answering(p.TLS_1_2, accepted(replace(HELLO_1_2, compression=True))),
)
def tls_compression_off(scan: TlsScan) -> Verdicts:
    """TLS 1.2 chooses no compression when it is offered (RFC 9325, 3.3)."""
    hellos = hellos_1_2(scan)
    if hellos:
        on = any(hello.compression for hello in hellos)
        yield from verdict(scan, ["TLS compression is on (CRIME)"] if on else [])


@check("tls-early-data-off", good=GOOD, bad=altered(early_data=16384))
def tls_early_data_off(scan: TlsScan) -> Verdicts:
    """No session ticket allows early data, which can be replayed (RFC 8446, 8). Only with TLS 1.3."""
    if probed(scan, p.TLS_1_3).answer is Answer.REFUSED:
        return
    problems = [f"session tickets allow {scan.early_data} bytes of early data"] if scan.early_data else []
    yield from verdict(scan, problems, "no ticket could be read" if scan.early_data is None else "")
