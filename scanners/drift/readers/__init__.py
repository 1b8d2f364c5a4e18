"""The table of the drift audit: one `Kind` for each type that it reads."""

from __future__ import annotations

from typing import Final

from scanners.drift.readers import (
    alarms,
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
    resolver,
    roles,
    routes,
    signals,
    trail,
    watchers,
    workload,
)
from scanners.drift.records import Kind

KINDS: Final[tuple[Kind, ...]] = (
    *network.KINDS,
    *routes.KINDS,
    *network_access.KINDS,
    *names.KINDS,
    *resolver.KINDS,
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
    *alarms.KINDS,
    *signals.KINDS,
    *watchers.KINDS,
)
