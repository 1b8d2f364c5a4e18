"""Whose account it is: an answer that is none of AWS's is an error of the audit, and no defect of ours."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

import pytest

from hardening.errors import CollectError
from scanners.drift.session import open_account
from scanners.target import Target
from tests.beds.http_server import http_server

PAGE = b"<!DOCTYPE html><html><body>Log in</body></html>"
NOBODY = (
    b"<GetCallerIdentityResponse><GetCallerIdentityResult></GetCallerIdentityResult>"
    b"</GetCallerIdentityResponse>"
)
CUT = b"<GetCallerIdentityResponse><GetCallerId"


@pytest.mark.parametrize("body", [PAGE, NOBODY, CUT], ids=["a web page", "nobody", "cut short"])
def test_an_account_that_does_not_say_whose_it_is_cannot_be_looked_at(body: bytes) -> None:
    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with http_server(Answering) as server:
        endpoint = f"http://127.0.0.1:{server.server_port}"
        target = Target(name="test", stack_file="", region="eu-central-1", aws_endpoint=endpoint)
        with pytest.raises(CollectError, match="AWS does not say which account this is"):
            open_account(target)
