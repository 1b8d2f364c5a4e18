"""The table of the drift audit: one `Kind` for each type that it reads."""

from __future__ import annotations

from typing import Final

from scanners.drift.kinds import (
    buckets,
    firewall,
    gateway,
    keeping,
    network,
    network_access,
    roles,
    trail,
)
from scanners.drift.records import Kind

KINDS: Final[tuple[Kind, ...]] = (
    *network.KINDS,
    *network_access.KINDS,
    *firewall.KINDS,
    *gateway.KINDS,
    *keeping.KINDS,
    *buckets.KINDS,
    *roles.KINDS,
    *trail.KINDS,
)
