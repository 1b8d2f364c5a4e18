"""How our functions call a partner through the egress guard: what leaves, and what an answer of its means."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from hardening.egress.callers import FATE_HEADER
from hardening.requests.samples import EMSP
from hardening.requests.tokens import header
from hardening.rotation.connection import Answer, Outcome
from infra.runtime.functions import registry_object
from infra.runtime.functions.partner_calls import EgressGuard, calls_through
from tests.beds.http_server import http_server

URL = "https://ocpi.emsp.example/ocpi/2.2.1/credentials"


class Guard:
    """Something in the place of the egress guard: what it answers, and what it was asked."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 200, {FATE_HEADER: "answered"}, b""
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.url = ""

    def call(self, method: str = "PUT", url: str = URL, body: Any = None, **guard: Any) -> Answer:
        there = EgressGuard(**{"url": self.url, "caller": "rotation", "key": lambda: b"r" * 32, **guard})
        return calls_through(there, EMSP, seconds=5)(method, url, "theirs", body)


@pytest.fixture
def guard() -> Iterator[Guard]:
    found = Guard()

    class Endpoint(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            names = {name.lower(): value for name, value in self.headers.items()}
            found.asked.append((self.command, self.path, names, sent))
            self.send_response(found.status)
            for name, value in {**found.headers, "Content-Length": str(len(found.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(found.body)

        do_GET = do_DELETE = do_PUT

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with http_server(Endpoint) as server:
        found.url = f"http://127.0.0.1:{server.server_port}"
        yield found


def test_a_call_is_signed_and_names_the_partner_its_host_and_its_path(guard: Guard) -> None:
    guard.body = json.dumps({"status_code": 1000, "data": {"token": "next"}}).encode()
    assert guard.call(body={"token": "ours"}) == Answer(Outcome.DONE, {"token": "next"})
    guard.call("GET")
    (method, path, headers, sent), (_, _, _, nothing) = guard.asked
    assert (method, path) == ("PUT", "/example-emsp/ocpi.emsp.example/ocpi/2.2.1/credentials")
    assert (json.loads(sent), nothing) == ({"token": "ours"}, b"")
    assert headers["authorization"] == header("theirs")
    assert headers["x-rampart-caller"] == "rotation"
    assert headers["x-request-id"] != headers["x-correlation-id"]


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b'{"status_code": 2001}', Outcome.REFUSED),
        (200, b"no JSON", Outcome.IN_DOUBT),
        (401, b'{"status_code": 1000}', Outcome.UNKNOWN_TOKEN),
        (405, b"", Outcome.NOT_ALLOWED),
        (307, b'{"status_code": 1000}', Outcome.MOVED),
        (500, b'{"status_code": 1000}', Outcome.IN_DOUBT),
    ],
)
def test_what_the_partner_answered_is_read_as_ocpi_has_it(
    status: int, body: bytes, outcome: Outcome, guard: Guard
) -> None:
    guard.status, guard.body = status, body
    assert guard.call().outcome is outcome


@pytest.mark.parametrize(
    ("fate", "body", "detail"),
    [
        ("refused", b'{"detail": "no registration"}', "egress: no registration"),
        ("in doubt", b"{}", "egress: in doubt"),
        ("unsent", b"[]", "egress: unsent"),
        ("", b"", "egress: no answer"),
        ("refused", json.dumps({"detail": "x" * 500}).encode(), "egress: " + "x" * 192),
    ],
)
def test_what_the_partner_did_not_answer_is_in_doubt_whatever_the_status_says(
    fate: str, body: bytes, detail: str, guard: Guard
) -> None:
    guard.headers, guard.body = {FATE_HEADER: fate} if fate else {}, body
    for guard.status in (200, 403, 405):
        assert guard.call() == Answer(Outcome.IN_DOUBT, detail=detail)


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/", "http://ocpi.emsp.example/", "https://ocpi.emsp.example:8443/", ""]
)
def test_a_url_that_is_not_the_partners_does_not_leave(url: str, guard: Guard) -> None:
    found = guard.call(url=url)
    assert (found.outcome, guard.asked) == (Outcome.IN_DOUBT, [])
    assert "not https on a callback host" in found.detail


def test_an_egress_guard_that_cannot_be_reached_leaves_a_call_in_doubt(guard: Guard) -> None:
    assert guard.call(url=URL, key=lambda: b"short").outcome is Outcome.IN_DOUBT
    for url, kind in (
        ("http://127.0.0.1:9", "ConnectionRefusedError"),
        ("http://192.0.2.1:9101", "ValueError"),
        (guard.url.replace("http", "https"), "SSL"),
    ):
        there = EgressGuard(url, "rotation", lambda: b"r" * 32)
        found = calls_through(there, EMSP, seconds=5)("GET", URL, "theirs", None)
        assert found.outcome is Outcome.IN_DOUBT
        assert kind in found.detail
    assert guard.asked == []


def test_a_look_for_the_declared_registry_is_bounded() -> None:
    config = registry_object._client({"AWS_REGION": "eu-central-1"}).meta.config
    assert (config.connect_timeout, config.read_timeout) == (2, 5)
    assert config.retries["total_max_attempts"] == 3
