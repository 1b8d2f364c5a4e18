"""Thousands of partners' platforms behind one HTTPS server, in a process of its own, with their failures.

`python -m tests.beds.many_peers PEM` serves with the key and chain in PEM until standard input is closed; the
first line of output is the port. A partner's name ends with its number, which decides how it fails.
"""

from __future__ import annotations

import contextlib
import json
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

import trustme

from hardening.requests.tokens import digest, header, issue, presented
from tests.beds.http_server import http_server

# Of a hundred partners, one fails in each of these ways.
DOWN, ERROR, NO_PUT, REFUSES, MUTE = "down", "500", "405", "2000", "answer lost"
_FAULTS = {1: DOWN, 2: ERROR, 3: NO_PUT, 4: REFUSES, 5: MUTE}
_ROLES = [{"role": "CPO", "country_code": "DE", "party_id": "CPX", "business_details": {"name": "x"}}]


def fault_of(partner: str) -> str:
    """How this partner fails, "" where it does not."""
    return _FAULTS.get(int(partner.rpartition("-")[2]) % 100, "")


def first_token(partner: str) -> str:
    """What a partner takes before its first exchange."""
    return f"first-token-of-{partner}"


@dataclass(frozen=True, slots=True)
class ManyPeers:
    """Where they are, and the CA (PEM file) that vouches for them."""

    port: int
    ca_file: str

    def versions(self, partner: str) -> str:
        """The versions endpoint of a partner."""
        return f"https://localhost:{self.port}/{partner}/versions"

    def seen(self) -> tuple[int, dict[str, str]]:
        """How many calls came, and the digest of the token that each partner has of ours."""
        context = ssl.create_default_context(cafile=self.ca_file)
        with urllib.request.urlopen(f"https://localhost:{self.port}/seen", context=context) as answer:
            calls, digests = json.loads(answer.read())
        return int(calls), digests

    def takes(self, partner: str, token: str) -> bool:
        """Whether the partner takes this token."""
        url = self.versions(partner)
        request = urllib.request.Request(url, headers={"Authorization": header(token)})  # noqa: S310  (https)
        context = ssl.create_default_context(cafile=self.ca_file)
        with contextlib.suppress(OSError), urllib.request.urlopen(request, context=context) as answer:  # noqa: S310  (https)
            return bool(answer.status == 200)
        return False


class Platforms(BaseHTTPRequestHandler):
    """One call to one of them. Each takes its newest token, and the one before until the newest is used."""

    calls = 0
    taken: ClassVar[dict[str, list[str]]] = {}
    given: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        """See BaseHTTPRequestHandler; all methods alike."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
        own = type(self)
        if self.path == "/seen":
            self._send(200, [own.calls, own.given])
            return
        own.calls += 1
        _, partner, rest = self.path.split("/", 2)
        exchanges, fault = self.command in ("PUT", "POST"), fault_of(partner)
        if fault == DOWN:
            self.connection.close()
        elif not self._knows(partner):
            self._send(401, None)
        elif exchanges and fault in (ERROR, NO_PUT):
            self._send(int(fault), None)
        elif exchanges and fault == REFUSES:
            self._send(200, {"status_code": 2000})
        elif exchanges:
            self._exchange(partner, body, lost=fault == MUTE)
        else:
            self._send(200, {"status_code": 1000, "data": self._data(partner, rest)})

    do_PUT = do_POST = do_DELETE = do_GET

    def _knows(self, partner: str) -> bool:
        taken = self.taken.setdefault(partner, [first_token(partner)])
        token = next(
            (one.token for one in presented(self.headers["Authorization"]) if one.token in taken), ""
        )
        self.taken[partner] = taken[taken.index(token) :] if token else taken
        return bool(token)

    def _exchange(self, partner: str, body: Any, *, lost: bool) -> None:
        """Keep our token and give a new one; `lost`: the first answer does not arrive."""
        again = partner in self.given
        self.given[partner] = digest(body["token"])
        self.taken[partner] = [self.taken[partner][0], issue()]
        if lost and not again:
            self.connection.close()
            return
        given = {
            "token": self.taken[partner][-1],
            "url": f"{self._origin(partner)}/versions",
            "roles": _ROLES,
        }
        self._send(200, {"status_code": 1000, "data": given})

    def _data(self, partner: str, rest: str) -> object:
        origin = self._origin(partner)
        if rest == "versions":
            return [{"version": "2.2.1", "url": f"{origin}/2.2.1"}]
        if rest == "2.2.1":
            named = {name: f"{origin}/2.2.1/{name}" for name in ("credentials", "locations", "cdrs")}
            rows = [{"identifier": name, "role": "SENDER", "url": url} for name, url in named.items()]
            return {"version": "2.2.1", "endpoints": rows}
        return {"token": "#NA", "url": f"{origin}/versions", "roles": _ROLES}

    def _origin(self, partner: str) -> str:
        return f"https://localhost:{self.connection.getsockname()[1]}/{partner}"

    def _send(self, status: int, body: object) -> None:
        text = json.dumps(body).encode()
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextlib.contextmanager
def many_peers(folder: Path) -> Iterator[ManyPeers]:
    """All of them, until the context or this process ends. Who calls them trusts `ca_file`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "peers-ca.pem")
    chain = folder / "peers.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(chain)
    command = [sys.executable, "-m", "tests.beds.many_peers", str(chain)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        try:
            assert process.stdout is not None
            yield ManyPeers(int(process.stdout.readline()), str(folder / "peers-ca.pem"))
        finally:
            process.kill()


def main(chain: Path) -> None:
    """Serve until standard input is closed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    with http_server(Platforms, context) as server:
        print(server.server_port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
