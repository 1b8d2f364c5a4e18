"""The table of the drift audit: one `Kind` for each type that it reads."""

from __future__ import annotations

from typing import Final

from scanners.drift.kinds import (
    buckets,
    clients,
    containers,
    firewall,
    functions,
    gateway,
    keeping,
    names,
    network,
    network_access,
    roles,
    signals,
    trail,
    workload,
)
from scanners.drift.records import Kind

KINDS: Final[tuple[Kind, ...]] = (
    *network.KINDS,
    *network_access.KINDS,
    *names.KINDS,
    *firewall.KINDS,
    *gateway.KINDS,
    *clients.KINDS,
    *workload.KINDS,
    *containers.KINDS,
    *functions.KINDS,
    *keeping.KINDS,
    *buckets.KINDS,
    *roles.KINDS,
    *trail.KINDS,
    *signals.KINDS,
)
