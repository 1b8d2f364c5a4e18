"""A connection in memory: the two secrets, the records, and a partner that answers from a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hardening.registry.partners import Partner
from hardening.requests.samples import EMSP
from hardening.requests.tokens import digest
from hardening.rotation.connection import INBOUND, OUTBOUND, Answer, Connection, Outcome, Secret, Stage
from hardening.rotation.records import ACTIVE, Terms, TokenRecord
from infra.runtime.policy_service.stores import MemoryTokenStore

HOST = "https://ocpi.emsp.example"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TERMS = Terms("test", timedelta(minutes=60), timedelta(days=60))


class MemoryVault:
    """Two secrets in memory: see `Vault`."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, Stage], Secret] = {}

    def read(self, direction: str, stage: Stage) -> Secret | None:
        return self.held.get((direction, stage))

    def write_pending(self, direction: str, secret: Secret) -> None:
        self.held[direction, Stage.PENDING] = secret

    def promote(self, direction: str) -> None:
        new = self.held.pop((direction, Stage.PENDING), None)
        if new is not None:
            if (direction, Stage.CURRENT) in self.held:
                self.held[direction, Stage.PREVIOUS] = self.held[direction, Stage.CURRENT]
            self.held[direction, Stage.CURRENT] = new

    def discard(self, direction: str) -> None:
        self.held.pop((direction, Stage.PENDING), None)

    def waits(self, direction: str) -> bool:
        return (direction, Stage.PENDING) in self.held


def _api() -> dict[str, Answer]:
    endpoints = [
        {"identifier": name, "role": "SENDER", "url": f"{HOST}/2.2.1/{name}"}
        for name in ("credentials", "tokens")
    ]
    return {
        f"GET {HOST}/versions": Answer(Outcome.DONE, [{"version": "2.2.1", "url": f"{HOST}/2.2.1"}]),
        f"GET {HOST}/2.2.1": Answer(Outcome.DONE, {"version": "2.2.1", "endpoints": endpoints}),
        f"GET {HOST}/2.2.1/credentials": Answer(Outcome.DONE, {"token": "#NA"}),
    }


@dataclass
class Platform:
    """A partner: its answers by method and URL (whatever is not there is 404), and what it was asked.

    `tokens` are those with which every call has another answer, `body` is the last one that came.
    """

    answers: dict[str, Answer] = field(default_factory=_api)
    tokens: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    body: Mapping[str, Any] = field(default_factory=dict)

    def call(self, method: str, url: str, token: str, body: Mapping[str, Any] | None) -> Answer:
        self.asked.append((f"{method} {url}", token))
        self.body = self.body if body is None else body
        known = self.answers.get(f"{method} {url}", Answer(Outcome.REFUSED, detail="HTTP 404"))
        return self.tokens.get(token, known)


class MemoryRecords(MemoryTokenStore):
    """Records in memory. As DynamoDB, it takes no empty key."""

    def find(self, digest: str) -> TokenRecord | None:
        if not digest:
            raise ValueError("an empty key")
        return super().find(digest)


def connection(platform: Platform, partner: Partner = EMSP) -> Connection:
    """Nobody is registered yet. The clock stands at `NOW`."""
    return Connection(partner, TERMS, MemoryVault(), MemoryRecords(), platform.call, lambda: NOW)


def holds(here: Connection, direction: str, token: str, **more: Any) -> Secret:
    """Make `token` the current one of a direction; what was current is then the previous one."""
    secret = Secret(token, **more)
    here.vault.write_pending(direction, secret)
    here.vault.promote(direction)
    return secret


def honours(here: Connection, token: str, state: str = ACTIVE, kind: str = "C", replaces: str = "") -> str:
    """Have a record of an inbound token, and give its digest."""
    expires = int((NOW + TERMS.lifetime).timestamp())
    record = TokenRecord(digest(token), here.partner.name, kind, state, "test", expires, replaces)
    here.records.put(record)  # type: ignore[attr-defined]  # the store's, not the rotation's
    return record.digest


def registered(here: Connection) -> None:
    """Both sides hold a token of the other: `theirs` opens the partner, `ours` opens us."""
    holds(here, INBOUND, "ours")
    honours(here, "ours")
    url, versions = f"{HOST}/2.2.1/credentials", f"{HOST}/versions"
    holds(
        here, OUTBOUND, "theirs", url=url, versions=versions, ours={"url": "https://us.example/ocpi/versions"}
    )
