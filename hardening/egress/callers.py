"""Who may ask the egress guard: each caller signs its call with a key of its own, and is checked for each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hardening.egress.target import Refused
from hardening.requests.hop_signature import Hop, is_genuine, signature

CALLER_HEADER = "x-rampart-caller"
SIGNATURE_HEADER = "x-rampart-signature"
# The egress guard's word on what became of a call: one of `Fate`.
FATE_HEADER = "x-rampart-egress"
CALLERS = "egress-callers-known"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Those that exchange tokens with a partner, and so present the ones that they change. On AWS `credentials` is
# the OCPI service, whose credentials module partners register with.
CHANGE_TOKENS = ("rotation", "credentials")


class Fate(StrEnum):
    """What became of a call that was given to the egress guard."""

    ANSWERED = "answered"  # status and body are the partner's
    REFUSED = "refused"  # it did not leave
    UNSENT = "unsent"  # no connection: the partner knows nothing of it
    IN_DOUBT = "in doubt"  # it left, and there is no answer that could be read


@dataclass(frozen=True, slots=True)
class Caller:
    """A service of ours. Who `changes_tokens` presents those that it changes; others get the current one.

    Each of the `keys` counts: while one takes the place of another there are two.
    """

    name: str
    keys: tuple[bytes, ...]
    changes_tokens: bool = False

    def __repr__(self) -> str:
        return f"Caller({self.name!r}, changes_tokens={self.changes_tokens})"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller asks for. `path` has the query; header names are lower-case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


def signed(caller: str, key: bytes, asked: Asked, now: int) -> dict[str, str]:
    """The headers that say who calls. Raises ValueError for a short key."""
    return {CALLER_HEADER: caller, SIGNATURE_HEADER: signature(key, _hop(caller, asked), now)}


def caller_of(callers: Mapping[str, Caller], asked: Asked, now: int) -> Caller:
    """Who calls. Raises Refused: unknown, not signed for this call, with a token that it may not send."""
    caller = callers.get(asked.headers.get(CALLER_HEADER, ""))
    if caller is None:
        raise Refused(CALLERS, "no such caller", 401)
    hop, shown = _hop(caller.name, asked), asked.headers.get(SIGNATURE_HEADER, "")
    if not any(is_genuine(key, hop, shown, now) for key in caller.keys):
        raise Refused(CALLERS, "the signature is not this call's", 401)
    if asked.method not in METHODS:
        raise Refused(CALLERS, "a method that OCPI does not use", 405)
    if "authorization" in asked.headers and not caller.changes_tokens:
        raise Refused(CALLERS, "this caller has no tokens of its own")
    return caller


def key_secret(environment: str, caller: str) -> str:
    """The name in Secrets Manager of the key of `caller`."""
    return f"rampart/{environment}/egress/{caller}"


def certificate_secret(environment: str) -> str:
    """The name in Secrets Manager of the egress guard's certificate and key, in PEM."""
    return f"rampart/{environment}/internal/egress-certificate"


def service_certificate_secret(environment: str) -> str:
    """The name in Secrets Manager of the OCPI service's certificate and key, in PEM."""
    return f"rampart/{environment}/internal/service-certificate"


def client_certificate_secret(environment: str, name: str) -> str:
    """The name in Secrets Manager of a certificate that we show partners, with its key, in PEM."""
    return f"rampart/{environment}/internal/client-certificate/{name}"


def _hop(caller: str, asked: Asked) -> Hop:
    """The token is signed too, by its digest: it decides in whose name we speak."""
    token = hashlib.sha256(asked.headers.get("authorization", "").encode("latin-1")).hexdigest()
    return Hop(
        method=asked.method, target=asked.path, partner=caller, kind=f"egress {token}", body=asked.body
    )
