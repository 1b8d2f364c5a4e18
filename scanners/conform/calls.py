"""The calls that a service is shown: honest ones, forged ones, and ones that carry what the guard takes off.

All of them only ask. A forged call differs from an honest one in a single thing that the signature covers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.registry.reach import Reach, reach
from hardening.requests.checks.body import MOST_BODY_BYTES
from hardening.requests.header_names import (
    HOP_SIGNATURE_HEADER,
    IDEMPOTENCY_HEADER,
    KIND_HEADER,
    PARTNER_HEADER,
)
from hardening.requests.hop_signature import MOST_SECONDS, Hop, signature
from hardening.requests.routes import PREFIX

# Twice what a call may be old.
_STALE = 2 * MOST_SECONDS
_NOBODY = "rampart-conform-nobody"
# Names of groups, by which checks pick exchanges.
HONEST, FORGED, DECORATED, LARGE, HEALTH = "honest", "forged", "decorated", "large", "health"
VERSIONS, DETAILS, LIST, QUESTION = "versions", "version details", "a list", "a question"
FIRST_PAGE, SECOND_PAGE, EVERYTHING = "the first page", "the second page", "a list with an immoderate limit"
NOWHERE = "an unknown path"
LOOKED_AT = "a list beside looks at its health"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call. `headers` are pairs: a name may come twice. `modules` as in `Exchange`; `name` is unique."""

    group: str
    name: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signer:
    """The guard's part: it names the partner, and signs that with the hop key at `now` (Unix seconds)."""

    key: bytes = field(repr=False)
    partner: str
    now: int

    def signed(self, call: Call, **lies: str | int | bytes) -> Call:
        """The call with the guard's headers. `lies` are what is signed in the place of what is sent."""
        told = {"method": call.method, "target": call.target, "partner": self.partner, "kind": "C"}
        key, now = lies.pop("key", self.key), lies.pop("now", self.now)
        hop = Hop(**{"body": call.body, **told, **lies})  # type: ignore[arg-type]  # by name
        shown = signature(bytes(key), hop, int(now))  # type: ignore[arg-type]  # bytes, by the line above
        own = ((PARTNER_HEADER, self.partner), (KIND_HEADER, "C"), (HOP_SIGNATURE_HEADER, shown))
        return replace(call, headers=(*call.headers, *own))


def calls(signer: Signer, partner: Partner) -> tuple[Call, ...]:
    """Every call, in order. Raises ConfigError for a partner that may read no list."""
    version = partner.versions[-1]
    opens = [one for one in reach(partner) if one.route.version == version]
    listed = next((one.route.template for one in opens if _is_list(one)), "")
    if not listed:
        raise ConfigError(f"--partner {partner.name}: expected one that may read a list in OCPI {version}")
    asked = next((one.route.template for one in opens if one.route.template.endswith("/authorize")), "")
    question = _question(asked.replace("{token_uid}", "RAMPART-CONFORM")) if asked else None
    return (
        *(signer.signed(one) for one in _honest(partner, version, listed, question)),
        *_forged(signer, listed, question),
        *_decorated(signer, version, listed),
        *([signer.signed(_large(question))] if question else []),
        signer.signed(_get(LOOKED_AT, listed, HEALTH)),
    )


def _is_list(one: Reach) -> bool:
    return one.method == "GET" and any(operation.many for operation in one.route.operations)


def _get(name: str, target: str, group: str = HONEST, modules: tuple[str, ...] = ()) -> Call:
    ids = (("x-request-id", f"request-{len(target)}"), ("x-correlation-id", f"correlation-{len(target)}"))
    return Call(group=group, name=name, method="GET", target=target, headers=ids, modules=modules)


def _question(target: str) -> Call:
    """A real-time authorization of an unknown token: a body, and nothing changes (OCPI 2.2.1, 12.2.2)."""
    asked = _get(QUESTION, target)
    typed = (*asked.headers, ("content-type", "application/json"))
    return replace(asked, method="POST", headers=typed, body=b'{"location_id":"LOC-1"}')


def _large(question: Call) -> Call:
    """The largest body that the guard lets through, most of it in a field that OCPI does not know."""
    empty = json.dumps({"location_id": "LOC-1", "x_padding": ""}).encode()
    padded = empty[:-2] + b"a" * (MOST_BODY_BYTES - len(empty)) + empty[-2:]
    return replace(question, group=LARGE, name="the largest body that the guard lets through", body=padded)


def _honest(partner: Partner, version: str, listed: str, question: Call | None) -> Iterator[Call]:
    modules = tuple(partner.modules)
    yield _get(VERSIONS, f"{PREFIX}/versions", modules=modules)
    yield _get(DETAILS, f"{PREFIX}/{version}", modules=modules)
    yield _get(LIST, listed, modules=modules)
    yield _get(EVERYTHING, f"{listed}?limit=1000000", modules=modules)
    yield _get(FIRST_PAGE, f"{listed}?offset=0&limit=2", modules=modules)
    yield _get(SECOND_PAGE, f"{listed}?offset=2&limit=2", modules=modules)
    yield _get(NOWHERE, f"{PREFIX}/{version}/sender/nothing")
    if question:
        yield question


def _forged(signer: Signer, listed: str, question: Call | None) -> Iterator[Call]:
    def forged(name: str, **lies: str | int | bytes) -> Call:
        return signer.signed(_get(f"a forged call: {name}", f"{listed}?limit=2", FORGED), **lies)

    plain = forged("")
    unsigned = tuple(pair for pair in plain.headers if pair[0] != HOP_SIGNATURE_HEADER)
    yield replace(plain, name="a forged call: no signature", headers=unsigned)
    yield forged("another key", key=bytes(len(signer.key)))
    yield forged("another partner", partner=_NOBODY)
    yield forged("another kind of token", kind="A")
    yield forged("another method", method="DELETE")
    yield forged("another path", target=f"{PREFIX}/versions?limit=2")
    yield forged("another query", target=f"{listed}?limit=1")
    yield forged("two minutes old", now=signer.now - _STALE)
    yield forged("two minutes ahead", now=signer.now + _STALE)
    twice = ((PARTNER_HEADER, _NOBODY), *plain.headers)
    yield replace(plain, name="a forged call: two partners", headers=twice)
    added = (*plain.headers, (IDEMPOTENCY_HEADER, "0" * 64))
    yield replace(plain, name="a forged call: an added idempotency key", headers=added)
    if question:
        lied = replace(question, group=FORGED, name="a forged call: another body")
        yield signer.signed(lied, body=b"{}")


# What the guard takes off a call: none of it may mean anything to the service behind it.
_TAKEN_OFF: Mapping[str, str] = {
    "authorization": "Token cmFtcGFydC1jb25mb3Jt",
    "cookie": f"partner={_NOBODY}",
    "x-forwarded-user": _NOBODY,
    "x-forwarded-for": "192.0.2.1",
    "x-http-method-override": "HEAD",
    "x-original-url": "",
    "x-rewrite-url": "",
}


def _decorated(signer: Signer, version: str, listed: str) -> Iterator[Call]:
    """The list again, each time with one header that a service could take for more than it is."""
    for name, value in _TAKEN_OFF.items():
        plain = _get(f"a list with {name}", listed, DECORATED)
        more = (name, value or f"{PREFIX}/{version}")
        yield signer.signed(replace(plain, headers=(*plain.headers, more)))
