"""Judges what a ServerHello and the tickets after it show: extensions, compression, early data."""

from __future__ import annotations

from dataclasses import replace

from hardening.checks import Verdicts, check
from scanners.tls import probes as p
from scanners.tls.checks.samples import (
    GOOD,
    HELLO_1_2,
    accepted,
    altered,
    answering,
)
from scanners.tls.checks.unverified import hello_1_2, probed, verdict
from scanners.tls.observations import Answer, TlsScan


@check(
    "tls-extended-master-secret",
    good=GOOD,
    bad=answering(p.TLS_1_2, accepted(replace(HELLO_1_2, extended_master_secret=False))),
)
def tls_extended_master_secret(scan: TlsScan) -> Verdicts:
    """The TLS 1.2 ServerHello carries extended_master_secret (RFC 7627)."""
    hello = hello_1_2(scan, probed(scan, p.TLS_1_2))
    if hello:
        yield from verdict(scan, [] if hello.extended_master_secret else ["no extended master secret"])


@check(
    "tls-renegotiation-secure",
    good=GOOD,
    bad=answering(p.TLS_1_2, accepted(replace(HELLO_1_2, secure_renegotiation=False))),
)
def tls_renegotiation_secure(scan: TlsScan) -> Verdicts:
    """The TLS 1.2 ServerHello carries renegotiation_info (RFC 5746, 3.6)."""
    hello = hello_1_2(scan, probed(scan, p.TLS_1_2))
    if hello:
        yield from verdict(scan, [] if hello.secure_renegotiation else ["no secure renegotiation (RFC 5746)"])


@check(
    "tls-compression-off",
    good=GOOD,
    bad=answering(p.TLS_1_2, accepted(replace(HELLO_1_2, compression=True))),
)
def tls_compression_off(scan: TlsScan) -> Verdicts:
    """TLS 1.2 chooses no compression when it is offered (RFC 9325, 3.3)."""
    hello = hello_1_2(scan, probed(scan, p.TLS_1_2))
    if hello:
        yield from verdict(scan, ["TLS compression is on (CRIME)"] if hello.compression else [])


@check("tls-early-data-off", good=GOOD, bad=altered(early_data=16384))
def tls_early_data_off(scan: TlsScan) -> Verdicts:
    """No session ticket allows early data, which can be replayed (RFC 8446, 8). Only with TLS 1.3."""
    if probed(scan, p.TLS_1_3).answer is Answer.REFUSED:
        return
    problems = [f"session tickets allow {scan.early_data} bytes of early data"] if scan.early_data else []
    yield from verdict(scan, problems, "no ticket could be read" if scan.early_data is None else "")
