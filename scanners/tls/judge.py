"""From scans to findings: all transport checks on every scan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hardening.checks import Check, Finding, Status, checks_in
from scanners.checks import plaintext, server_certificates, transport
from scanners.tls.observations import TlsScan

CHECKS: tuple[Check[TlsScan], ...] = checks_in(transport, server_certificates, plaintext)


def judge(scans: Iterable[TlsScan]) -> list[Finding]:
    """Every check on every scan; each finding says where."""
    return [
        finding if finding.where else replace(finding, where=scan.where)
        for scan in scans
        for check in CHECKS
        for finding in check.run(scan)
    ]


def failed(scan: TlsScan) -> bool:
    """Whether any check fails: then a deep scan is worth its connections."""
    return any(f.status is Status.FAIL for check in CHECKS for f in check.run(scan))
