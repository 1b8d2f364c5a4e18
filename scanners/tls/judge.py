"""From scans to findings: all transport checks on every scan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hardening.checks import Check, Finding, Status, checks_in
from hardening.checks import judge as judged
from scanners.tls.checks import (
    certificate_forms,
    client_certificates,
    declared,
    endpoints,
    handshake,
    key_exchange,
    plaintext,
    reactions,
    resumption,
    revocation,
    second_scan,
    server_certificates,
    server_names,
    versions,
)
from scanners.tls.checks.unverified import SEEN
from scanners.tls.observations import TlsScan

CHECKS: tuple[Check[TlsScan], ...] = checks_in(
    endpoints,
    versions,
    key_exchange,
    handshake,
    server_names,
    client_certificates,
    declared,
    server_certificates,
    revocation,
    certificate_forms,
    plaintext,
    reactions,
    resumption,
    second_scan,
)


def judge(scans: Iterable[TlsScan]) -> list[Finding]:
    """Every check on every scan; each finding says where, and what is wrong at which address of it."""
    return [_placed(finding, scan) for scan in scans for finding in judged(CHECKS, scan)]


def judge_fleet(scans: Iterable[TlsScan]) -> list[Finding]:
    """The same, but one finding for an address that gave no handshake: it lists what it blocks."""
    found = []
    for scan in scans:
        every = judge([scan])
        found += every if scan.state in SEEN else [_blocking(every)]
    return found


def _blocking(findings: list[Finding]) -> Finding:
    """What stands for all the errors of one address."""
    first = next(finding for finding in findings if finding.control == "tls-endpoint-answers")
    lost = {finding.control for finding in findings if finding.status is Status.ERROR} - {first.control}
    blocks = tuple(sorted(lost))
    detail = f"{first.detail}; so {len(blocks)} more controls could not be verified: {', '.join(blocks)}"
    return replace(first, detail=detail, blocks=blocks)


def _placed(finding: Finding, scan: TlsScan) -> Finding:
    at = f" (at {scan.address})" if finding.detail and scan.place != scan.where else ""
    return replace(finding, where=finding.where or scan.where, detail=f"{finding.detail}{at}")


def failed(scan: TlsScan) -> bool:
    """Whether any check fails: then a deep scan is worth its connections."""
    return any(finding.status is Status.FAIL for finding in judged(CHECKS, scan))
