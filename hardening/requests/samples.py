"""The requests that request checks are shown: three partners, their tokens, and well-formed calls.

The partners are those of `partners/*.yaml` (a test holds them equal). The tokens open nothing: the
probe puts live ones in their place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from hardening.registry.callback_host import CallbackHost
from hardening.registry.partners import Access, Partner, Party, Share
from hardening.requests import tokens
from hardening.requests.request import Credentials, Request

READ, WRITE = Access.READ, Access.WRITE
ENVIRONMENT = "test"
NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)

EMSP = Partner(
    name="example-emsp",
    environment=ENVIRONMENT,
    parties=(Party("NL", "EMX", "EMSP"),),
    our_parties=("NL*LAB",),
    versions=("2.2.1", "2.3.0"),
    modules=MappingProxyType(
        {
            "locations": (READ,),
            "tariffs": (READ,),
            "sessions": (READ,),
            "cdrs": (READ,),
            "tokens": (READ, WRITE),
            "commands": (WRITE,),
        }
    ),
    networks=("203.0.113.0/28",),
    callback_hosts=(CallbackHost("ocpi.emsp.example"),),
    requests_per_minute=600,
    requests_per_day=100_000,
    contacts=("security@emsp.example",),
)
CPO = Partner(
    name="example-cpo",
    environment=ENVIRONMENT,
    parties=(Party("DE", "CPX", "CPO"),),
    our_parties=("NL*LAB",),
    versions=("2.1.1", "2.2.1", "2.3.0"),
    modules=MappingProxyType(
        {
            "locations": (READ, WRITE),
            "tariffs": (READ, WRITE),
            "sessions": (READ, WRITE),
            "cdrs": (READ, WRITE),
            "tokens": (READ,),
        }
    ),
    networks=("198.51.100.16/28",),
    callback_hosts=(CallbackHost("ocpi.cpo.example", 8443),),
    requests_per_minute=1200,
    requests_per_day=250_000,
    shares=(
        Share(
            "tokens",
            ("uid", "contract_id", "auth_id"),
            "recognise the cards of our drivers at its chargers, and bill their contracts",
            "contract",
        ),
    ),
    contacts=("security@cpo.example",),
)
HUB = Partner(
    name="example-hub",
    environment=ENVIRONMENT,
    parties=(
        Party("NL", "HBX", "HUB"),
        Party("FR", "CPY", "CPO"),
        Party("FR", "CPZ", "CPO"),
        Party("FR", "EMY", "EMSP"),
    ),
    our_parties=("NL*LAB",),
    versions=("2.2.1", "2.3.0"),
    modules=MappingProxyType(
        {
            "locations": (READ, WRITE),
            "cdrs": (READ, WRITE),
            "tokens": (READ, WRITE),
            "commands": (WRITE,),
        }
    ),
    networks=("203.0.113.128/28",),
    callback_hosts=(CallbackHost("ocpi.hub.example"),),
    requests_per_minute=1200,
    requests_per_day=250_000,
    shares=(
        Share(
            "tokens", ("uid",), "recognise the cards of our drivers at the chargers of its CPOs", "contract"
        ),
    ),
    contacts=("security@hub.example",),
)
PARTNERS = (CPO, EMSP, HUB)

# Where the partners of the samples call from, and an address that is on nobody's allow-list.
SOURCES = {EMSP.name: "203.0.113.7", CPO.name: "198.51.100.20", HUB.name: "203.0.113.135"}
STRANGER = "192.0.2.66"

# What a token can be. The lab issues one of each kind to every partner; only `current` and
# `registration` open anything.
CURRENT, REGISTRATION, REVOKED, EXPIRED, FOREIGN = "current", "registration", "revoked", "expired", "foreign"
TOKEN_KINDS = (CURRENT, REGISTRATION, REVOKED, EXPIRED, FOREIGN)


def sample_token(partner: Partner, kind: str = CURRENT) -> str:
    """The sample token of a partner: a text that no store knows."""
    return f"sample.{partner.name}.{kind}"


def credentials(partner: Partner, kind: str = CURRENT) -> Credentials:
    """What a token store says of a partner's token of this kind."""
    return Credentials(
        partner=partner,
        kind="A" if kind == REGISTRATION else "C",
        state="revoked" if kind == REVOKED else "active",
        expires=NOW + timedelta(days=-1 if kind == EXPIRED else 20),
        environment="production" if kind == FOREIGN else ENVIRONMENT,
    )


def call(method: str, path: str, partner: Partner = EMSP, body: Any = None) -> Request:
    """A call of `partner` that keeps to every rule of form, with `body` as JSON."""
    headers = {
        "authorization": tokens.header(sample_token(partner)),
        "host": "ocpi.lab.example",
        "x-forwarded-proto": "https",
        "x-request-id": "6dd5a6a4-8a27-4b2e-9b4c-0c1f5f3f9d11",
    }
    path_and_query = path.split("?", 1)
    if "/sender/" in path or "/receiver/" in path:
        headers["x-correlation-id"] = "a3b1f6b2-50a5-4f9e-8c35-51e1f0c0a7f4"
    content = b""
    if body is not None:
        content = json.dumps(body, separators=(",", ":")).encode()
        headers["content-type"] = "application/json"
    return Request(
        method=method,
        path=path_and_query[0],
        query=path_and_query[1] if len(path_and_query) > 1 else "",
        headers=headers,
        body=content,
        source=SOURCES[partner.name],
        received=NOW,
        environment=ENVIRONMENT,
        credentials=credentials(partner),
    )


def routed(request: Request, sender: str, receiver: str = "NL*LAB") -> Request:
    """The same call with OCPI-from and OCPI-to headers; a party is written `NL*ABC`, "" for none."""
    headers: dict[str, str] = {}
    for name, party in (("from", sender), ("to", receiver)):
        country_code, _, party_id = party.partition("*")
        headers |= {f"ocpi-{name}-country-code": country_code, f"ocpi-{name}-party-id": party_id}
    return with_headers(request, headers)


def with_headers(request: Request, changes: Mapping[str, str]) -> Request:
    """The same call with some headers changed; an empty value takes the header away."""
    headers = {**request.headers, **changes}
    return replace(request, headers={name: value for name, value in headers.items() if value})


def with_token(request: Request, partner: Partner, kind: str) -> Request:
    """The same call with another token of `partner`."""
    changed = with_headers(request, {"authorization": tokens.header(sample_token(partner, kind))})
    return replace(changed, credentials=credentials(partner, kind))


def unknown(request: Request, authorization: str = "") -> Request:
    """The same call with a header that names nobody ("" for none)."""
    return replace(with_headers(request, {"authorization": authorization}), credentials=None)


def from_source(request: Request, source: str) -> Request:
    """The same call from another address."""
    return replace(request, source=source)


def with_body(request: Request, body: bytes, content_type: str = "application/json") -> Request:
    """The same call with these very bytes as its body."""
    return replace(with_headers(request, {"content-type": content_type}), body=body)


def with_path(request: Request, path: str) -> Request:
    """The same call to another path, as it stands."""
    return replace(request, path=path)
