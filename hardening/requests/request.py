"""One OCPI call, as it reaches the guard or the authorizer, with what the stores know about its token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from urllib.parse import parse_qsl

from hardening.registry.partners import Partner


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the token store says of the presented credentials token (never the token itself)."""

    partner: Partner
    kind: str  # "A" (registration only) or "C" (in use); OCPI 2.2.1, 7.1
    state: str  # one of those in hardening.rotation.records
    expires: datetime
    environment: str = ""  # where the token was issued; "" is no environment, and is refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The subject of every request check.

    `path` is as sent, without the query; header names are lower-case, and a header that was sent twice
    has its values joined with a comma; `received` is UTC. `environment` is the one that the gateway
    serves. `credentials` is None when the token is missing, malformed or unknown. `leniencies`: how often
    each was needed to make `body` of what came (`hardening.requests.agreed_body`).
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    source: str = ""
    received: datetime
    environment: str = ""
    credentials: Credentials | None = None
    leniencies: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


# Several checks read one query.
@lru_cache(maxsize=8)
def parameters(query: str) -> tuple[tuple[str, str], ...]:
    """The names and values of a query, in their order; a name without a value has an empty one."""
    return tuple(parse_qsl(query, keep_blank_values=True))
