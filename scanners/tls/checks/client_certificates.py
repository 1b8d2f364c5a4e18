"""Judges whether a client certificate is required where it should be."""

from __future__ import annotations

from hardening.checks import Verdicts, check
from scanners.tls.checks.samples import (
    GOOD,
    altered,
)
from scanners.tls.checks.unverified import reached, verdict
from scanners.tls.observations import TlsScan


@check("tls-client-certificate-required", good=GOOD, bad=altered(client_certificate="requested"))
def tls_client_certificate_required(scan: TlsScan) -> Verdicts:
    """Only where the endpoint is expected to require one (mutual TLS): a request alone is not enough."""
    reached(scan)
    if not scan.client_certificate_wanted:
        return
    doubt = "nobody can tell" if scan.client_certificate == "unknown" else ""
    problem = {
        "none": "no client certificate is asked for",
        "requested": "a client certificate is asked for, but the handshake succeeds without one",
    }.get(scan.client_certificate)
    yield from verdict(scan, [problem] if problem else [], doubt)
