"""What a partner's token can do: every operation of the route table, asked of the request checks."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hardening.registry.partners import Partner, Party
from hardening.requests import tokens
from hardening.requests.decision import decide_call
from hardening.requests.request import Credentials, Request
from hardening.requests.routes import ROUTES, Operation, Route

# Contracts do not change with the hour: any moment before the expiry will do.
_RECEIVED = datetime(2026, 1, 1, tzinfo=UTC)
_ID = "ID-1"


@dataclass(frozen=True, slots=True)
class Reach:
    """One operation that is open. `parties` are those that it is open as, where the URL names one."""

    method: str
    route: Route
    parties: tuple[Party, ...]


def reach(partner: Partner, kind: str = "C") -> Iterator[Reach]:
    """What a token of `kind` (A: registration, C: in use) opens from the partner's own networks."""
    for route in ROUTES:
        for operation in route.operations:
            if "party_id" not in route.parameters:
                if decide_call(call_of(partner, route, operation.method, kind=kind)).allowed:
                    yield Reach(operation.method, route, ())
                continue
            parties = tuple(
                party for party in partner.parties if _opens(partner, route, operation, party, kind)
            )
            if parties:
                yield Reach(operation.method, route, parties)


def _opens(partner: Partner, route: Route, operation: Operation, party: Party, kind: str) -> bool:
    return decide_call(call_of(partner, route, operation.method, party=party, kind=kind)).allowed


def call_of(
    partner: Partner,
    route: Route,
    method: str,
    *,
    party: Party | None = None,
    kind: str = "C",
    source: str = "",
) -> Request:
    """A well-formed call of `route`, without its body; from `source`, or the partner's first address."""
    owner = party or partner.parties[0]
    values = dict.fromkeys(route.parameters, _ID)
    values |= {"country_code": owner.country_code, "party_id": owner.party_id}
    body = any(one.method == method and one.body for one in route.operations)
    headers = {
        "authorization": tokens.header("any", partner.auth_encoding),
        "x-forwarded-proto": "https",
        "x-request-id": _ID,
        "x-correlation-id": _ID,
        **({"content-type": "application/json"} if body else {}),
    }
    lifetime = _RECEIVED + timedelta(days=1)
    return Request(
        method=method,
        path=route.template.format(**values),
        headers=headers,
        source=source or str(ipaddress.ip_network(partner.networks[0])[0]),
        received=_RECEIVED,
        environment=partner.environment,
        credentials=Credentials(partner, kind, "active", lifetime, partner.environment),
    )


def reach_rows(partner: Partner, kind: str = "C") -> Iterator[tuple[str, ...]]:
    """The rows of a table: version, module, interface, method, path, and as which parties."""
    for one in reach(partner, kind):
        parties = " ".join(f"{party}:{party.role}" for party in one.parties) or "-"
        route = one.route
        yield (
            route.version or "-",
            route.module,
            route.interface or "-",
            one.method,
            route.template,
            parties,
        )
