"""Network ACLs: what may pass between tiers, whatever the security groups say.

They keep no state, so answers need rules too (Amazon VPC User Guide, "Control subnet traffic with network
access control lists").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hardening.errors import ConfigError
from infra.network.ports import EGRESS_PORT, GUARD_PORT, HTTPS, SERVICE_PORT

ANYWHERE = "0.0.0.0/0"

# The default quota each way is 20, and the rule that AWS ends each list with counts (Amazon VPC User Guide,
# "Amazon VPC quotas", rules per network ACL).
_MOST_RULES = 19

# Answers come back to these ports. Remote desktop's port is left out: nothing here answers on it.
_EPHEMERAL = ((1024, 3388), (3390, 65535))


@dataclass(frozen=True)
class Rule:
    """One numbered rule: TCP from or to `cidr_block` on a range of ports."""

    rule_no: int
    action: str
    protocol: str
    cidr_block: str
    from_port: int
    to_port: int


@dataclass(frozen=True, slots=True)
class _Flow:
    cidr: str
    first: int
    last: int


Ranges = Mapping[str, str]


def acl_rules(
    tier: str, ranges: Ranges, partner_ports: tuple[int, ...]
) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Ingress and egress rules of `tier`. `ranges` maps every tier to its range, all zones in one.

    Raises ConfigError where partners use so many ports that AWS would refuse the list.
    """
    ingress, egress = _flows(tier, ranges, partner_ports)
    if max(len(ingress), len(egress)) > _MOST_RULES:
        raise ConfigError(
            f"partners: {len(partner_ports)} different ports in callback hosts; "
            f"a network ACL has room for {_MOST_RULES} rules",
            "agree on fewer ports with the partners: 443 needs no rule of its own",
        )
    return _numbered(ingress), _numbered(egress)


def _flows(tier: str, ranges: Ranges, partner_ports: tuple[int, ...]) -> tuple[list[_Flow], list[_Flow]]:
    outbound = sorted({HTTPS, *partner_ports})
    guard, service = ranges["guard"], ranges["service"]
    if tier == "edge":
        return (
            [*_to(guard, outbound), *_answers(ANYWHERE)],
            [*_to(ANYWHERE, outbound), *_answers(guard)],
        )
    if tier == "guard":
        return (
            [*_to(guard, [GUARD_PORT, HTTPS]), *_to(service, [EGRESS_PORT]), *_answers(ANYWHERE)],
            [
                *_to(guard, [GUARD_PORT]),
                *_to(service, [SERVICE_PORT]),
                *_to(ANYWHERE, outbound),
                *_answers(guard),
                *_answers(service),
            ],
        )
    if tier == "service":
        # The gateway endpoints (S3, DynamoDB) have public addresses, reached without leaving AWS: the
        # routes of this tier, not this list, keep everything else out of reach.
        return (
            [*_to(guard, [SERVICE_PORT]), *_answers(ANYWHERE)],
            [*_to(guard, [EGRESS_PORT]), *_to(ANYWHERE, [HTTPS]), *_answers(guard)],
        )
    return (
        [*_to(guard, [HTTPS]), *_to(service, [HTTPS])],
        [*_answers(guard), *_answers(service)],
    )


def _to(cidr: str, ports: Iterable[int]) -> list[_Flow]:
    return [_Flow(cidr, port, port) for port in ports]


def _answers(cidr: str) -> list[_Flow]:
    return [_Flow(cidr, first, last) for first, last in _EPHEMERAL]


def _numbered(flows: list[_Flow]) -> tuple[Rule, ...]:
    return tuple(
        Rule(100 + 10 * index, "allow", "tcp", flow.cidr, flow.first, flow.last)
        for index, flow in enumerate(flows)
    )
