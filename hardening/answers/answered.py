"""One call and the OCPI service's answer to it: the subject of every check of answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hardening.registry.partners import Partner
from hardening.requests.body import value_of
from hardening.requests.routes import Match, match
from hardening.requests.statuses import SUCCESS


# Without slots: what is derived is kept beside the fields, as every check asks for it.
@dataclass(frozen=True, kw_only=True)
class Answered:
    """`partner` asked; `path` has no query. Header names are lower-case. `our_hosts` are our names."""

    partner: Partner
    method: str
    path: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    our_hosts: frozenset[str]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @cached_property
    def found(self) -> Match | None:
        """What was asked."""
        return match(self.method, self.path)

    @cached_property
    def envelope(self) -> Mapping[str, Any]:
        """OCPI's envelope; empty where there is none."""
        value = value_of(self.body)
        return value if isinstance(value, dict) else {}

    @property
    def ocpi_status(self) -> int:
        """The envelope's status; 0 where it has none."""
        code = self.envelope.get("status_code")
        return code if isinstance(code, int) and not isinstance(code, bool) else 0

    @property
    def took_it(self) -> bool:
        """Whether the service did what it was asked to."""
        return 200 <= self.status < 300 and SUCCESS <= self.ocpi_status < 2000

    @cached_property
    def objects(self) -> tuple[Any, ...]:
        """The objects that it holds: those of a list, or the one."""
        data = self.envelope.get("data")
        if data is None:
            return ()
        return tuple(data) if isinstance(data, list) else (data,)
