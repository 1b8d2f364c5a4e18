"""The TLS audit of one environment's own gateway."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hardening.checks import Finding
from hardening.errors import ConfigError
from scanners.policy.stack_file import read_stack
from scanners.target import Scan, Target
from scanners.tls.audit.deep import scan_deep
from scanners.tls.audit.fleet import Limits, audit_endpoints
from scanners.tls.declared import declared_for
from scanners.tls.endpoint import Endpoint
from scanners.tls.judge import failed, judge
from scanners.tls.observations import TlsScan
from scanners.tls.profiles import OWN
from scanners.tls.results import as_json

_DEEP_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Scanned:
    """Finished audits with their findings, and what the deep scan wrote."""

    scans: tuple[TlsScan, ...]
    findings: tuple[Finding, ...]
    raw: Mapping[str, str]


def scan(target: Target, *, deep: bool) -> Scan:
    """Audit `target.gateway`; with `deep`, or after a failure, sslyze too. Raises ConfigError."""
    done = scanned(audit_endpoints([own_endpoint(target)], Limits()), deep=deep)
    subjects = {"tls.json": as_json(done.scans)}
    for place, text in done.raw.items():
        subjects[f"sslyze-{_file_name(place)}.json"] = text
    return Scan(done.findings, subjects)


def scanned(
    scans: Sequence[TlsScan],
    *,
    deep: bool,
    never: bool = False,
    seconds: float = _DEEP_SECONDS,
    judged: Callable[[Sequence[TlsScan]], list[Finding]] = judge,
) -> Scanned:
    """Judge finished audits, after the deep scan of those that need it: all with `deep`, else the failed."""
    wanted = [number for number, one in enumerate(scans) if deep or (not never and failed(one))]
    deepened, raw = scan_deep([scans[number] for number in wanted], seconds)
    found = dict(zip(wanted, deepened, strict=True))
    final = tuple(found.get(number, one) for number, one in enumerate(scans))
    return Scanned(final, tuple(judged(final)), raw)


def own_endpoint(target: Target) -> Endpoint:
    """The gateway of `target`. Raises ConfigError if it names none."""
    if not target.gateway:
        raise ConfigError(f"target {target.name}: gateway: expected host:port, there is none")
    host, _, port = target.gateway.rpartition(":")
    if not host or not port.isdecimal():
        raise ConfigError(f"target {target.name}: gateway: expected host:port, not {target.gateway!r}")
    # Beside an emulator, port 80 is this machine's, not the gateway's.
    stack = read_stack(target.stack_file) if target.stack_file else None
    return Endpoint(
        host=host.strip("[]"),
        port=int(port),
        server_name=target.server_name,
        ca_file=target.ca_file,
        profile=OWN,
        declared=declared_for(stack, target.server_name) if stack else None,
        plain_port=0 if target.aws_endpoint else 80,
        source=f"target {target.name}",
    )


def _file_name(place: str) -> str:
    return "".join(char if char.isalnum() or char in ".-" else "-" for char in place)
