"""Where the gates disagree, class by class.

Routes, methods and kinds of token are finite, and networks have end points: each class of calls is asked of
every gate once. Partners with one contract are one class; so are all addresses between two ends of networks.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hardening.errors import CollectError
from hardening.registry.networks import network
from hardening.registry.partners import Partner
from hardening.registry.reach import call_of
from hardening.requests.checks.body import MOST_BODY_BYTES
from hardening.requests.checks.call import MOST_QUERY_CHARACTERS
from hardening.requests.decision import decide_call
from hardening.requests.routes import ROUTES, Route
from hardening.requests.statuses import LEFT_TO_THE_GUARD
from scanners.reach.firewall import AddressSets, Sent
from scanners.reach.gates import Gates

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
KINDS = ("C", "A")
# The longest identifier of OCPI (CDR.id), each character of it escaped.
_LONGEST_ID = "%20" * 39
REFUSED, OPEN = "refused before the guard", "refused by the guard alone"


@dataclass(frozen=True, slots=True, order=True)
class Disagreement:
    """A class of calls on which the gates differ: `kind` is REFUSED (it was contracted) or OPEN."""

    kind: str
    where: str
    gates: str


def disagreements(gates: Gates) -> Iterator[Disagreement]:
    """Every class on which the gates of an environment differ.

    Raises CollectError for firewall rules that are not known here, and where there is no partner to ask for.
    """
    if not gates.guard:
        raise CollectError("the registry has no partner of this environment")
    yield from _networks(gates)
    source = str(network(gates.guard[0].networks[0])[0])
    for names, by_guard, by_authorizer in _contracts(gates):
        for route in ROUTES:
            for method in METHODS:
                yield from _call(gates, route, method, source, (names, by_guard, by_authorizer))
    yield from _sizes(gates, source)


def _contracts(gates: Gates) -> Iterator[tuple[str, Partner | None, Partner | None]]:
    """One partner for each pair of contracts that guard and authorizer have of it."""
    guard, authorizer = ({one.name: one for one in held} for held in (gates.guard, gates.authorizer))
    seen: set[object] = set()
    for name in sorted({*guard, *authorizer}):
        pair = guard.get(name), authorizer.get(name)
        key = tuple(_contract(one) for one in pair)
        if key not in seen:
            seen.add(key)
            yield name, *pair


def _contract(partner: Partner | None) -> object:
    if partner is None:
        return None
    modules = tuple(sorted((name, tuple(sorted(given))) for name, given in partner.modules.items()))
    roles = tuple(sorted({party.role for party in partner.parties}))
    return partner.environment, partner.auth_encoding, partner.versions, modules, roles


def _call(
    gates: Gates, route: Route, method: str, source: str, who: tuple[str, Partner | None, Partner | None]
) -> Iterator[Disagreement]:
    name, by_guard, by_authorizer = who
    values = dict.fromkeys(route.parameters, _LONGEST_ID) | {"country_code": "NL", "party_id": "ABC"}
    path = route.template.format(**values)
    outer = [f"firewall {rule}"] if (rule := gates.firewall.refuses(Sent(source, method, path))) else []
    if method not in gates.api.methods.get(route.template, {}):
        outer.append("API definition")
    for kind in KINDS:
        served = _decides(by_guard, route, method, kind)
        refusing = [
            *outer,
            *([] if _passes_authorizer(by_authorizer, route, method, kind) else ["authorizer"]),
        ]
        where = f"{name}, token {kind}: {method} {route.template}"
        if served and refusing:
            yield Disagreement(REFUSED, where, ", ".join(refusing))
        elif not served and not refusing:
            yield Disagreement(OPEN, where, "guard")


def _decides(partner: Partner | None, route: Route, method: str, kind: str) -> bool:
    return any(_decided(partner, route, method, kind)) if partner else False


def _passes_authorizer(partner: Partner | None, route: Route, method: str, kind: str) -> bool:
    return any(_decided(partner, route, method, kind, LEFT_TO_THE_GUARD)) if partner else False


def _decided(
    partner: Partner, route: Route, method: str, kind: str, left: frozenset[int] = frozenset()
) -> Iterator[bool]:
    """For each role of the partner, whether its call passes."""
    parties = {party.role: party for party in partner.parties}.values()
    for party in parties if "party_id" in route.parameters else (partner.parties[0],):
        decision = decide_call(call_of(partner, route, method, party=party, kind=kind))
        yield decision.allowed or decision.http_status in left


def _networks(gates: Gates) -> Iterator[Disagreement]:
    contracted = AddressSets({one.name: one.networks for one in gates.guard})
    for partner in gates.guard:
        for text in partner.networks:
            found = network(text)
            ends = int(found[0]), int(found[-1])
            kind = ipaddress.IPv4Address if found.version == 4 else ipaddress.IPv6Address
            for number in (ends[0], ends[1], ends[0] - 1, ends[1] + 1):
                if 0 <= number < 2**found.max_prefixlen:
                    yield from _address(gates, contracted, partner.name, str(kind(number)))


def _address(gates: Gates, contracted: AddressSets, name: str, source: str) -> Iterator[Disagreement]:
    refusing = ["firewall"] if gates.firewall.refuses(Sent(source)) else []
    refusing += [] if gates.api.admits(source) else ["resource policy"]
    where = f"{name}: from {source}"
    if contracted.holding(source):
        if refusing:
            yield Disagreement(REFUSED, where, ", ".join(refusing))
    elif not refusing:
        yield Disagreement(OPEN, where, "guard")


def _sizes(gates: Gates, source: str) -> Iterator[Disagreement]:
    """The longest query and body that the guard reads; and whether what may have no body needs one."""
    put = Sent(source, "PUT", "/ocpi/2.2.1/receiver/locations/NL/ABC/1")
    for sent, where in (
        (replace(put, body=MOST_BODY_BYTES), f"a body of {MOST_BODY_BYTES} bytes"),
        (replace(put, method="GET", query="x" * MOST_QUERY_CHARACTERS), "the longest query"),
    ):
        rule = gates.firewall.refuses(sent)
        if rule:
            yield Disagreement(REFUSED, where, f"firewall {rule}")
    for template, methods in gates.api.methods.items():
        for method, required in methods.items():
            optional = method in ("GET", "DELETE") or template.endswith("/authorize")
            if required and optional:
                yield Disagreement(REFUSED, f"{method} {template} without a body", "API definition")
