"""`python -m tests.beds.ocpi_peer FOLDER NAME`: serve as NAME until standard input is closed.

FOLDER holds `server.pem`. The first line of output is the port. `/control` (JSON) sets what is in the body,
answers with the whole state, and makes the peer call us.
"""

from __future__ import annotations

import http
import json
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.beds.ocpi_peer.platform import Platform, Reply

_PADDING = b" " * 65_536


class Endpoint(BaseHTTPRequestHandler):
    """One call: OCPI, or control."""

    # Header and body are two writes: the second would wait for the first one's acknowledgement.
    disable_nagle_algorithm = True
    platform: Platform
    us = ""

    def do_GET(self) -> None:
        """See BaseHTTPRequestHandler; all methods alike."""
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"null")
        if self.path == "/control":
            self._send(200, json.dumps(self._control(body or {})).encode())
            return
        platform = self.platform
        if platform.fault == "starts too" and self.command in ("PUT", "POST"):
            platform.fault = ""
            rotate(platform, type(self).us)
        reply = platform.answer(self.command, self.path, self.headers.get("Authorization", ""), body)
        time.sleep(reply.wait)
        self._reply(reply)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def _reply(self, reply: Reply) -> None:
        if not reply.status:
            self.connection.close()
            return
        envelope = {"status_code": reply.ocpi, "timestamp": "2026-01-01T00:00:00Z"}
        if reply.data is not None:
            envelope["data"] = reply.data
        self._send(reply.status, reply.text.encode() or json.dumps(envelope).encode(), reply)

    def _send(self, status: int, body: bytes, reply: Reply | None = None) -> None:
        padding = reply.size if reply else 0
        try:
            self.send_response(status)
            if reply and reply.location:
                self.send_header("Location", reply.location)
            self.send_header("Content-Length", str(len(body) + padding))
            self.end_headers()
            for _ in range(0, padding, len(_PADDING)):
                self.wfile.write(_PADDING)
            self.wfile.write(body)
        except OSError:
            """The caller has gone."""

    def _control(self, asked: dict[str, Any]) -> dict[str, Any]:
        platform, done = self.platform, None
        type(self).us = asked.pop("us", type(self).us)
        act = asked.pop("act", "")
        for name, value in asked.items():
            setattr(platform, name, value)
        if act == "call":
            done = call(platform, type(self).us, "GET")[0]
        elif act == "rotate":
            done = rotate(platform, type(self).us)
        elif act:
            done = call(platform, type(self).us, act, {})[0]
        return {**asdict(platform), "done": done}

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def rotate(platform: Platform, us: str) -> int:
    """PUT our credentials (POST, before we are registered with it): the OCPI status that we answered."""
    new = f"peer-{time.monotonic_ns()}"
    platform.takes, platform.trying = [*platform.takes, new], new
    method = "PUT" if platform.registered else "POST"
    status, envelope = call(platform, us, method, platform.credentials(new))
    platform.trying = ""
    data = envelope.get("data") if isinstance(envelope, dict) else None
    if status == 200 and isinstance(data, dict):
        platform.presents, platform.registered = data["token"], True
        return int(envelope["status_code"])
    platform.takes = [one for one in platform.takes if one != new]
    return int(envelope["status_code"]) if isinstance(envelope, dict) and status == 200 else status


def call(platform: Platform, us: str, method: str, body: Any = None) -> tuple[int, Any]:
    """Call our credentials endpoint with the peer's own token; again for a while, where it is busy (503)."""
    for _ in range(60):
        answered = _call_once(platform, us, method, body)
        if answered[0] != http.HTTPStatus.SERVICE_UNAVAILABLE:
            break
        time.sleep(0.5)
    return answered


def _call_once(platform: Platform, us: str, method: str, body: Any) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {
        "Authorization": platform.header(platform.presents),
        "Content-Type": "application/json",
        "X-Request-ID": "of-the-peer",
    }
    request = urllib.request.Request(us, data, headers, method=method)  # noqa: S310  (the test's own)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, None


def main(folder: Path, name: str) -> None:
    """Serve until standard input is closed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    port = server.server_address[1]
    Endpoint.platform = Platform(f"https://{name}:{port}", "token-a-of-the-peer")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
