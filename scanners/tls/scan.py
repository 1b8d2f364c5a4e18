"""The TLS audit of one environment's own gateway."""

from __future__ import annotations

from collections.abc import Sequence

from hardening.errors import ConfigError
from scanners.target import Scan, Target
from scanners.tls.deep import scan_deep
from scanners.tls.endpoint import Endpoint
from scanners.tls.fleet import Limits, audit_endpoints
from scanners.tls.judge import failed, judge
from scanners.tls.observations import TlsScan
from scanners.tls.profiles import OWN
from scanners.tls.results import as_json

_DEEP_SECONDS = 90.0


def scan(target: Target, *, deep: bool) -> Scan:
    """Audit `target.gateway`; with `deep`, or after a failure, sslyze too. Raises ConfigError."""
    scans = audit_endpoints([own_endpoint(target)], Limits())
    return scanned(scans, deep=deep)


def scanned(scans: Sequence[TlsScan], *, deep: bool, seconds: float = _DEEP_SECONDS) -> Scan:
    """Findings and evidence of finished audits, after the deep scan of those that need it."""
    wanted = [one for one in scans if deep or failed(one)]
    deepened, raw = scan_deep(wanted, seconds)
    by_place = {one.where: one for one in deepened}
    final = [by_place.get(one.where, one) for one in scans]
    subjects = {"tls.json": as_json(final)}
    for place, text in raw.items():
        subjects[f"sslyze-{_file_name(place)}.json"] = text
    return Scan(tuple(judge(final)), subjects)


def own_endpoint(target: Target) -> Endpoint:
    """The gateway of `target`. Raises ConfigError if it names none."""
    if not target.gateway:
        raise ConfigError(f"target {target.name}: gateway: expected host:port, there is none")
    host, _, port = target.gateway.rpartition(":")
    if not host or not port.isdigit():
        raise ConfigError(f"target {target.name}: gateway: expected host:port, not {target.gateway!r}")
    # Beside an emulator, port 80 is this machine's, not the gateway's.
    return Endpoint(
        host=host.strip("[]"),
        port=int(port),
        server_name=target.server_name,
        ca_file=target.ca_file,
        profile=OWN,
        plain_port=0 if target.aws_endpoint else 80,
        source=f"target {target.name}",
    )


def _file_name(place: str) -> str:
    return "".join(char if char.isalnum() or char in ".-" else "-" for char in place)
