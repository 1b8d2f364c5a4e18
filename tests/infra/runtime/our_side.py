"""Our side of a connection with the peer: SQLite stores, real calls, and an endpoint for the peer."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from hardening.registry.callback_host import CallbackHost
from hardening.requests.samples import EMSP
from hardening.requests.tokens import digest, issue, presented
from hardening.rotation.connection import Call, Connection, Secret, Stage
from hardening.rotation.receiver import serve
from hardening.rotation.records import Conflict, Terms, TokenRecord, first_use
from infra.runtime.credentials.sqlite_vault import SqliteVault
from infra.runtime.functions.credentials_exchange import calls_to
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from tests.beds.http_server import http_server
from tests.beds.ocpi_peer.peer import NAME, Peer

OURS: Mapping[str, Any] = {"url": "https://us.example/ocpi/versions", "roles": []}
_NO_TOKEN = "0" * 64
TERMS = Terms("test", timedelta(minutes=60), timedelta(days=60))


@dataclass(slots=True)
class OurSide:
    """One partner of ours, the peer, and where it calls us."""

    connection: Connection
    url: str = ""

    def outbound(self) -> Secret:
        """What we call the peer with."""
        found = self.connection.vault.read("outbound", Stage.CURRENT)
        assert found is not None
        return found

    def hears(self, authorization: str) -> str:
        """The digest of a token that is presented and honoured; one of no token for any other."""
        for reading in presented(authorization):
            key = digest(reading.token)
            first_use(self.connection.records, key, self.connection.clock())
            record = self.connection.records.find(key)
            own = reading.encoding == self.connection.partner.auth_encoding
            if own and record is not None and record.honoured(self.connection.clock()):
                return key
        return _NO_TOKEN


def our_side(
    folder: Path, peer: Peer, seconds: float = 1.0, call: Call | None = None, **partner: Any
) -> OurSide:
    """Our side, not registered yet. `partner`: what its contract has otherwise than the samples' eMSP."""
    known = replace(EMSP, callback_hosts=(CallbackHost(NAME, peer.port),), **partner)
    records = SqliteTokenStore(folder / "tokens.sqlite")
    vault = SqliteVault(folder / "vault.sqlite", known.name)
    clock = lambda: datetime.now(UTC)  # noqa: E731  (one clock, two users)
    return OurSide(Connection(known, TERMS, vault, records, call or calls_to(known, seconds), clock))


def registered(us: OurSide, peer: Peer, **state: Any) -> None:
    """Both sides have tokens, as after a registration some time ago."""
    theirs, inbound = issue(), issue()
    root = peer.versions.removesuffix("/versions")
    version = str(state.get("versions", ["2.2.1"])[0])
    known = {"takes": [theirs], "presents": inbound, "registered": True, "token_a": ""}
    peer.told(us=us.url, **{**known, **state})
    vault = us.connection.vault
    vault.write_pending("inbound", Secret(inbound))
    vault.promote("inbound")
    vault.write_pending("outbound", Secret(theirs, f"{root}/{version}/credentials", OURS, peer.versions))
    vault.promote("outbound")
    expires = int((us.connection.clock() + TERMS.lifetime).timestamp())
    record = TokenRecord(digest(inbound), us.connection.partner.name, "C", "active", "test", expires)
    us.connection.records.put(record)  # type: ignore[attr-defined]  # the store's, not the rotation's


@contextlib.contextmanager
def answering(us: OurSide) -> Iterator[OurSide]:
    """Serve our credentials endpoint on loopback; `us.url` is where."""

    class Endpoint(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
            status, envelope = _answer(us, self.command, self.headers.get("Authorization", ""), body)
            text = json.dumps(envelope).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with http_server(Endpoint) as server:
        us.url = f"http://127.0.0.1:{server.server_port}/ocpi/2.2.1/credentials"
        yield us


def _answer(us: OurSide, method: str, authorization: str, body: Any) -> tuple[int, dict[str, Any]]:
    while True:
        with contextlib.suppress(Conflict):
            reply = serve(us.connection, OURS, method, us.hears(authorization), body)
            return reply.http_status, {"status_code": reply.ocpi_status, "data": reply.data}
