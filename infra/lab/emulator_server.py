"""`python -m infra.lab.emulator_server PORT CHAIN KEY`: moto's server, over TLS; connections stay open.

`moto_server` ends the connection after each answer and shakes hands with one caller at a time: with TLS, a
caller that is slow holds up all others.
"""

from __future__ import annotations

import io
import sys
from typing import Any

from moto.iam import access_control
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from infra.lab.idempotent_writes import write_once
from infra.runtime.http_service import server_tls


class _Connection(MotoRequestHandler):
    """Reads each body to its end, so the next request can follow on the same connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # An answer goes out in one piece.
    wbufsize = -1

    def run_wsgi(self) -> None:
        """Answer one request. werkzeug's own way waits for more of the body, and ends the connection."""
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        environ = self.make_environ()
        if environ.get("wsgi.input_terminated"):
            # A body in chunks, which may have trailers.
            self.close_connection = True
        else:
            environ["wsgi.input"] = io.BytesIO(self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0)))
        answer = Response.from_app(self.server.app, environ, buffered=True)
        body = answer.get_data()
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in answer.headers and answer.status_code not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: a stack is a thousand calls."""


class _Statement(IAMPolicyStatement):
    """A Deny under conditions refuses nobody: moto reads no condition of it, and would refuse everybody.

    What our buckets deny are calls without TLS, and all calls here come over TLS.
    """

    def is_action_permitted(self, *asked: Any, **more: Any) -> PermissionResult:
        """What moto says, except of a Deny under conditions."""
        if self._statement["Effect"] == "Deny" and "Condition" in self._statement:
            return PermissionResult.NEUTRAL
        return super().is_action_permitted(*asked, **more)


def main(port: str, chain_file: str, key_file: str) -> None:
    """Serve on loopback until ended."""
    access_control.IAMPolicyStatement = _Statement  # type: ignore[misc]  # moto has no setting for it
    write_once()
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", int(port), application, threaded=True, request_handler=_Connection)
    tls = server_tls(chain_file, key_file)
    # The thread of each connection shakes hands, at its first read.
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.ssl_context = tls
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
