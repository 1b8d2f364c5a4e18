"""How the lab's partners call the credentials module."""

from __future__ import annotations

import json
import ssl
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from hardening.errors import CollectError
from hardening.requests import tokens
from hardening.requests.samples import EMSP
from infra.lab.certificates import make_certificates
from infra.lab.clients import Clients
from infra.lab.credentials_exchange import Exchange, credentials_call
from tests.beds.http_server import http_server


class Gateway(BaseHTTPRequestHandler):
    """Answers with each of `statuses` in turn, and from then on with the last."""

    statuses: list[int]

    def do_GET(self) -> None:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        body = json.dumps({"status_code": 1000 if status == 200 else 3000, "data": {"url": "x"}}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def called(folder: Path, statuses: list[int], patience: float) -> object:
    certificates = make_certificates(folder)
    gateway = certificates.of["gateway"]
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(gateway.chain_file, gateway.key_file)
    with http_server(type("Answering", (Gateway,), {"statuses": statuses}), tls) as server:
        given = Exchange(
            clients=Clients("https://127.0.0.1:9", "eu-central-1", str(certificates.ca_file)),
            folder=folder, network=folder, port=server.server_port, label="lab",
            partners=(EMSP,), tokens={}, partner_tokens={},
        )  # fmt: skip
        return credentials_call(given, EMSP, "GET", tokens.issue(), patience=patience)


def test_a_gateway_that_cannot_answer_yet_is_asked_again(tmp_path: Path) -> None:
    assert called(tmp_path, [503, 503, 200], patience=15.0) == {"url": "x"}


@pytest.mark.parametrize("status", [503, 401])
def test_a_gateway_that_refuses_or_never_answers_ends_the_exchange(tmp_path: Path, status: int) -> None:
    with pytest.raises(CollectError, match=f"HTTP {status}, OCPI 3000"):
        called(tmp_path, [status], patience=0.2)
