"""Whom the probe may attack unasked: this machine, and environments that are marked as test."""

from __future__ import annotations

import ipaddress

from hardening.errors import CollectError
from scanners.probe.scan import scan
from scanners.target import Scan, Target


def is_free(target: Target) -> bool:
    """Whether forbidden calls disturb nobody: a gateway on loopback, or of a test environment."""
    if target.environment == "test":
        return True
    host = target.gateway.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def asked_probe(target: Target, *, attack_production: bool) -> Scan:
    """Probe the gateway where that is free or was asked for. Raises CollectError where it is not."""
    if not (attack_production or is_free(target)):
        raise CollectError(
            f"nobody asked for forbidden calls to {target.gateway or target.name}, no test environment",
            "ask with --attack-production, or leave it out with --without probe",
        )
    return scan(target)
