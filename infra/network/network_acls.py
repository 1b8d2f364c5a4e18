"""Network ACLs: what may pass between tiers, whatever the security groups say.

They keep no state, so answers need rules too (Amazon VPC User Guide, "Control subnet traffic with network
access control lists").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from infra.network.ports import GUARD_PORT, HTTPS, PROXY_PORT, SERVICE_PORT

ANYWHERE = "0.0.0.0/0"

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
    cidrs: Iterable[str]
    first: int
    last: int


Cidrs = Mapping[str, tuple[str, ...]]


def acl_rules(
    tier: str, cidrs: Cidrs, partner_ports: tuple[int, ...]
) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Ingress and egress rules of `tier`. `cidrs` maps every tier to its ranges."""
    ingress, egress = _flows(tier, cidrs, partner_ports)
    return _numbered(ingress), _numbered(egress)


def _flows(tier: str, cidrs: Cidrs, partner_ports: tuple[int, ...]) -> tuple[list[_Flow], list[_Flow]]:
    outbound = sorted({HTTPS, *partner_ports})
    if tier == "edge":
        return (
            [*_to(cidrs["guard"], outbound), *_answers([ANYWHERE])],
            [*_to([ANYWHERE], outbound), *_answers(cidrs["guard"])],
        )
    if tier == "guard":
        inside = [*cidrs["guard"], *cidrs["service"]]
        return (
            [
                *_to(cidrs["guard"], [GUARD_PORT, HTTPS]),
                *_to(cidrs["service"], [PROXY_PORT]),
                *_answers([ANYWHERE]),
            ],
            [
                *_to(cidrs["guard"], [GUARD_PORT]),
                *_to(cidrs["service"], [SERVICE_PORT]),
                *_to([ANYWHERE], outbound),
                *_answers(inside),
            ],
        )
    if tier == "service":
        # The gateway endpoints (S3, DynamoDB) have public addresses, reached without leaving AWS: the
        # routes of this tier, not this list, keep everything else out of reach.
        return (
            [*_to(cidrs["guard"], [SERVICE_PORT]), *_answers([ANYWHERE])],
            [*_to(cidrs["guard"], [PROXY_PORT]), *_to([ANYWHERE], [HTTPS]), *_answers(cidrs["guard"])],
        )
    callers = [*cidrs["guard"], *cidrs["service"]]
    return [*_to(callers, [HTTPS])], [*_answers(callers)]


def _to(cidrs: Iterable[str], ports: Iterable[int]) -> list[_Flow]:
    return [_Flow(cidrs, port, port) for port in ports]


def _answers(cidrs: Iterable[str]) -> list[_Flow]:
    return [_Flow(cidrs, first, last) for first, last in _EPHEMERAL]


def _numbered(flows: Iterable[_Flow]) -> tuple[Rule, ...]:
    pairs = [(flow, cidr) for flow in flows for cidr in flow.cidrs]
    return tuple(
        Rule(100 + 10 * index, "allow", "tcp", cidr, flow.first, flow.last)
        for index, (flow, cidr) in enumerate(pairs)
    )
