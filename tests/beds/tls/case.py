"""One case: a server, how it is audited, and what the audit must say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from scanners.tls.endpoint import Endpoint
from scanners.tls.observations import State
from tests.beds.tls.pki import NAME, Pki
from tests.beds.tls.servers import Server


@dataclass(frozen=True, slots=True)
class Setup:
    """What cases are built from: certificates, the ports of two shared servers, and `start` for more."""

    pki: Pki
    good: int
    other: int
    start: Callable[[Server], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`fails` are exactly the controls that must fail; `errors` those that may not be verified (`*`: any).

    `plain` is what listens on the plaintext port (None: nothing does).
    """

    name: str
    server: Server
    fails: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()
    state: State = State.ANSWERED
    plain: Server | None = None
    endpoint: dict[str, Any] = field(default_factory=dict)
    slow: bool = False

    def audited(self, port: int, plain_port: int, pki: Pki) -> Endpoint:
        """The endpoint to audit."""
        settings: dict[str, Any] = {
            "host": "127.0.0.1",
            "server_name": NAME,
            "ca_file": pki.ca_file,
            "plain_port": plain_port,
        }
        return Endpoint(port=port, **(settings | self.endpoint))


ANY = frozenset({"*"})
Cases = Callable[[Setup], list[Case]]


def fails(*controls: str) -> frozenset[str]:
    """The controls that must fail."""
    return frozenset(controls)
