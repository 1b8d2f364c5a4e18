"""`rampart guard serve` with its own credentials module and egress guard, and the peer as the one partner."""

from __future__ import annotations

import contextlib
import http
import json
import os
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from hardening.requests import tokens
from hardening.rotation.connection import Connection, Stage
from hardening.rotation.records import TokenRecord
from hardening.yaml_file import read_yaml, yaml_text
from infra.lab.gateway import answers
from infra.lab.ports import free_port
from infra.runtime.credentials.settings import connections
from infra.runtime.credentials.sqlite_vault import SqliteVault
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from tests.beds.guard import write_configuration
from tests.beds.ocpi_peer.peer import Peer, running_peer

PEER_NAME = "ocpi.peer.example"
_TRIES = 60
PARTNER = "example-emsp"
ROLE = {
    "role": "CPO",
    "country_code": "NL",
    "party_id": "LAB",
    "business_details": {"name": "Rampart lab"},
}


@dataclass(frozen=True, slots=True)
class CredentialsBed:
    """A guard that runs, and the peer. `url` is the guard's origin."""

    folder: Path
    url: str
    peer: Peer
    egress_port: int

    @property
    def partner(self) -> Partner:
        """The peer's contract."""
        return next(one for one in read_registry(self.folder / "partners") if one.name == PARTNER)

    @property
    def store(self) -> SqliteTokenStore:
        """The token store."""
        return SqliteTokenStore(self.folder / "tokens.sqlite")

    @property
    def vault(self) -> SqliteVault:
        """The partner's secrets."""
        return SqliteVault(self.folder / "vault.sqlite", PARTNER)

    def outbound(self) -> str:
        """The token that we call the peer with."""
        found = self.vault.read("outbound", Stage.CURRENT)
        return "" if found is None else found.token

    def issue(self, kind: str = "A") -> str:
        """A new inbound token of the partner."""
        token = tokens.issue()
        expires = int((datetime.now(UTC) + timedelta(days=1)).timestamp())
        self.store.put(TokenRecord(tokens.digest(token), PARTNER, kind, "active", "test", expires))
        return token

    def connection(self) -> Connection:
        """The connection as a rotation outside of the guard has it."""
        (key,) = (file for file in self.folder.glob("rampart-guard-*/egress.key"))
        return connections(
            {
                "RAMPART_TOKEN_FILE": str(self.folder / "tokens.sqlite"),
                "RAMPART_VAULT_FILE": str(self.folder / "vault.sqlite"),
                "RAMPART_EGRESS_URL": f"http://127.0.0.1:{self.egress_port}",
                "RAMPART_EGRESS_KEY_FILE": str(key),
            },
            "test",
        )(self.partner)

    def call(self, method: str, path: str, token: str, body: Any = None) -> tuple[int, Any]:
        """One call of the partner: HTTP status, and the envelope.

        503 is called again for a while, as a partner does: a machine with much to do is slow, not broken.
        """
        for _ in range(_TRIES):
            answered = self.call_once(method, path, token, body)
            if answered[0] != http.HTTPStatus.SERVICE_UNAVAILABLE:
                break
            time.sleep(0.5)
        return answered

    def call_once(self, method: str, path: str, token: str, body: Any = None) -> tuple[int, Any]:
        """One call, answered 503 or not."""
        data = None if body is None else json.dumps(body).encode()
        headers = {
            "Authorization": tokens.header(token),
            "X-Request-ID": "1",
            "X-Correlation-ID": "1",
            "Content-Type": "application/json",
        }
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)  # noqa: S310  (https)
        context = ssl.create_default_context(cafile=self.peer.ca_file)
        try:
            with urllib.request.urlopen(request, timeout=60, context=context) as answer:  # noqa: S310
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _envelope(error.read())

    def until_served(self) -> None:
        """Wait until a call of the partner is answered by the module: Envoy finds that out late."""
        status, _ = self.call("GET", "/ocpi/versions", self.issue())
        assert status == http.HTTPStatus.OK, self.log()[-3000:]

    def log(self) -> str:
        """What all processes of the guard wrote."""
        return (self.folder / "guard.log").read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def credentials_bed(folder: Path) -> Iterator[CredentialsBed]:
    """Run it in `folder`, with nobody registered."""
    (folder / "peer").mkdir()
    with running_peer(folder / "peer", PEER_NAME) as peer:
        ports = free_port(2)
        listen = free_port()
        table = {
            "origin": json.dumps(f"https://127.0.0.1:{listen}"),
            "our_roles": _inline([ROLE]),
            "vault": '"vault.sqlite"',
            "certificates": '"peer"',
            "credentials_port": str(ports),
            "egress_port": str(ports + 1),
            "partner_addresses": f'{{ "{PEER_NAME}:{peer.port}" = "127.0.0.1:{peer.port}" }}',
        }
        inline = ", ".join(f"{name} = {value}" for name, value in table.items())
        upstream = f'"http://127.0.0.1:{free_port()}"'
        changes = {"credentials": f"{{ {inline} }}", "listen": f'"127.0.0.1:{listen}"', "workers": "1"}
        file = write_configuration(folder, json.loads(upstream), changes)
        _contract(folder / "partners" / f"{PARTNER}.yaml", peer.port)
        with Path(peer.ca_file).open("a", encoding="ascii") as trusted:
            trusted.write((folder / "certificates" / "ca.pem").read_text(encoding="ascii"))
        bed = CredentialsBed(folder, f"https://127.0.0.1:{listen}", peer, ports + 1)
        with _running(folder, file, listen, peer.ca_file, (ports, ports + 1)):
            bed.until_served()
            peer.told(us=f"{bed.url}/ocpi/2.2.1/credentials")
            yield bed


@contextlib.contextmanager
def _running(folder: Path, file: Path, port: int, ca_file: str, services: tuple[int, ...]) -> Iterator[None]:
    with (folder / "guard.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "hardening.cli", "guard", "serve", "--config", str(file)],
            stdout=log,
            stderr=subprocess.STDOUT,
            # Its own folder for what lives as long as it runs: the test reads a key there.
            env={**os.environ, "PYTHONUNBUFFERED": "1", "TMPDIR": str(folder)},
        )
    try:
        end = time.monotonic() + 120
        well = [200 for _ in services]
        while (
            answers(port, "/ocpi/versions", ca_file) != 401
            or [answers(one, "/healthz") for one in services] != well
        ):
            assert process.poll() is None, (folder / "guard.log").read_text()[-3000:]
            assert time.monotonic() < end, (folder / "guard.log").read_text()[-3000:]
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(40)


def _envelope(text: bytes) -> Any:
    """What Envoy says by itself is no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _contract(file: Path, port: int) -> None:
    document = read_yaml(file).data
    document |= {"callback_hosts": [f"{PEER_NAME}:{port}"], "tls_ca_file": "ca.pem"}
    file.write_text(yaml_text(document), encoding="utf-8")


def _inline(value: Any) -> str:
    """A value as inline TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_inline(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)
