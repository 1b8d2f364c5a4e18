"""The ports inside the VPC, for network ACLs, security groups and containers alike."""

from __future__ import annotations

from collections.abc import Iterable

from hardening.registry.partners import Partner

HTTPS = 443
GUARD_PORT = 8443
SERVICE_PORT = 8444
EGRESS_PORT = 8445
# On the task's own loopback: no rule lets anything else reach it.
POLICY_PORT = 8081
BOUNDARY_PORT = 8082
# UDP: Envoy's statistics.
STATISTICS_PORT = 8125


def partner_ports(partners: Iterable[Partner]) -> tuple[int, ...]:
    """The ports on which partners take our calls: HTTPS, and what their callback hosts name."""
    return tuple(sorted({HTTPS, *(host.port for partner in partners for host in partner.callback_hosts)}))
