"""The standalone guard as its user starts it: `rampart guard serve`, before a small service, on loopback."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from hardening.requests import tokens
from infra.lab.gateway import answers, prepare
from infra.lab.ports import free_port
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from infra.runtime.policy_service.stores import TokenRecord

HOP_KEY = bytes(range(32))


class Upstream(ThreadingHTTPServer):
    """Any OCPI service: it answers every call after `seconds`, and remembers what reached it."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        self.seconds = 0.0
        # What it says to every call, in the place of an empty list.
        self.says: bytes = b""
        self.seen: list[tuple[str, str, Mapping[str, str]]] = []
        super().__init__(("127.0.0.1", 0), _Answer)
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Header and body are two writes: the second would wait for the first one's acknowledgement.
    disable_nagle_algorithm = True
    server: Upstream

    def do_GET(self) -> None:
        """Answer a list without an object, and no object."""
        self.rfile.read(int(self.headers.get("content-length", "0")))
        time.sleep(self.server.seconds)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.command, self.path, headers))
        # What a partner pushed is not here.
        told = {"status_code": 2003} if "/receiver/" in self.path else {"status_code": 1000, "data": []}
        body = self.server.says or json.dumps({"timestamp": "2026-01-15T12:00:00Z", **told}).encode()
        self.send_response(200)
        for name, value in (("Content-Length", len(body)), ("X-Total-Count", 0), ("X-Limit", 50)):
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@dataclass(slots=True)
class GuardBed:
    """A guard that runs, its service, and a token for each partner."""

    folder: Path
    port: int
    policy_port: int
    upstream: Upstream
    process: subprocess.Popen[bytes]
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def partners(self) -> Path:
        """The registry's folder."""
        return self.folder / "partners"

    @property
    def ca_file(self) -> str:
        """The CA of the gateway's certificate."""
        return str(self.folder / "certificates" / "ca.pem")

    def log(self) -> str:
        """What the guard wrote."""
        return (self.folder / "guard.log").read_text(encoding="utf-8", errors="replace")

    def connection(self, certificate: Path | None = None) -> http.client.HTTPSConnection:
        """A connection to the gateway. `certificate`: that of the client, with its key."""
        trust = ssl.create_default_context(cafile=self.ca_file)
        if certificate:
            trust.load_cert_chain(certificate)
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=trust, timeout=20)

    def headers(self, partner: str) -> dict[str, str]:
        """The headers of a well-formed call."""
        return {
            "Authorization": tokens.header(self.tokens[partner]),
            "X-Request-ID": "request-1",
            "X-Correlation-ID": "correlation-1",
        }

    def get(self, path: str, headers: Mapping[str, str]) -> tuple[int, Any]:
        """Status and JSON of one call on a connection of its own."""
        with contextlib.closing(self.connection()) as connection:
            connection.request("GET", path, headers=dict(headers))
            answer = connection.getresponse()
            body = answer.read()
            return answer.status, json.loads(body) if body else None

    def registries(self) -> int:
        """How often a worker of the policy service said that it serves another registry."""
        lines = self.log().splitlines()
        return sum('"event":"registry"' in line and '"partners":' in line for line in lines)

    def post(self, path: str, partner: str, body: bytes) -> tuple[int, Any]:
        """Status and JSON of one POST."""
        with contextlib.closing(self.connection()) as connection:
            headers = {**self.headers(partner), "Content-Type": "application/json"}
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def metrics(self, worker: int = 0) -> str:
        """What one of the workers counts; each has the next port."""
        port = self.policy_port + worker
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to stop; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(40)


def write_configuration(folder: Path, upstream: str, changes: Mapping[str, str] | None = None) -> Path:
    """`guard.toml` with everything that it names; returns the file. `changes` are TOML texts, "" for none."""
    made = prepare(folder, Path("partners").resolve())
    (folder / "hop.key").write_bytes(HOP_KEY)
    # Five in a row: looked for one by one, they could overlap.
    port = free_port(5)
    values = {
        "environment": '"test"',
        "listen": f'"127.0.0.1:{port}"',
        "server_names": '["ocpi.lab.example", "127.0.0.1"]',
        "certificate": json.dumps(str(made.certificates.of["gateway"].chain_file)),
        "key": json.dumps(str(made.certificates.of["gateway"].key_file)),
        "upstream": json.dumps(upstream),
        "partners": '"partners"',
        "token_store": '"tokens.sqlite"',
        "hop_key": '"hop.key"',
        "workers": "2",
        "policy_port": str(port + 1),
        "boundary_port": str(port + 3),
        **(changes or {}),
    }
    file = folder / "guard.toml"
    file.write_text("".join(f"{key} = {value}\n" for key, value in values.items() if value), encoding="utf-8")
    return file


def issue(store: SqliteTokenStore, partner: str) -> str:
    """A new token of a partner, in use."""
    token = tokens.issue()
    expires = int((datetime.now(UTC) + timedelta(days=1)).timestamp())
    store.put(TokenRecord(tokens.digest(token), partner, "C", "active", "test", expires))
    return token


@contextlib.contextmanager
def guard_bed(folder: Path) -> Iterator[GuardBed]:
    """Run `rampart guard serve` in `folder`, and end it with all that it started."""
    upstream = Upstream()
    file = write_configuration(folder, f"http://127.0.0.1:{upstream.port}")
    settings = dict(line.split(" = ", 1) for line in file.read_text(encoding="utf-8").splitlines())
    port, policy_port = int(settings["listen"].strip('"').rpartition(":")[2]), int(settings["policy_port"])
    store = SqliteTokenStore(folder / "tokens.sqlite")
    issued = {name: issue(store, name) for name in ("example-emsp", "example-cpo", "example-hub")}
    with (folder / "guard.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "hardening.cli", "guard", "serve", "--config", str(file)],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    bed = GuardBed(folder, port, policy_port, upstream, process, issued)
    try:
        wait_until(lambda: answers(port, "/ocpi/versions", bed.ca_file) == 401, bed)
        # What stands before the service begins by itself, and Envoy sees it a moment later.
        wait_until(lambda: answers(port, "/healthz/path", bed.ca_file) == 200, bed)
        yield bed
    finally:
        if process.poll() is None:
            bed.stop()
        upstream.shutdown()
        upstream.server_close()


def wait_until(condition: Any, bed: GuardBed, seconds: float = 40) -> None:
    """Wait until it is so. Fails with what the guard wrote."""
    end = time.monotonic() + seconds
    while not condition():
        assert bed.process.poll() is None, bed.log()
        assert time.monotonic() < end, bed.log()[-3000:]
        time.sleep(0.05)
