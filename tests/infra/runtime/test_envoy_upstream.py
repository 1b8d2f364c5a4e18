"""The connections of Envoy to the service: none is used that the service is about to close."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.beds.envoy import envoy_bed
from tests.beds.http_server import http_server

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class _Allows(BaseHTTPRequestHandler):
    """A policy service that lets every call through."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Yes."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Service:
    """Keeps its connections for five seconds, like uvicorn; `lost` calls end without an answer."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.heard: list[bytes] = []
        self.ended_by_us: list[bool] = []
        self.lost = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            called = False
            try:
                while data := connection.recv(65_536):
                    called = True
                    self.heard.append(data)
                    if self.lost:
                        self.lost -= 1
                        return
                    connection.sendall(_OK)
            except TimeoutError:
                self.ended_by_us.append(True)
            else:
                # Envoy's looks at its health are connections without a byte.
                self.ended_by_us.extend([False] if called else [])


@contextmanager
def _service() -> Iterator[_Service]:
    up = _Service()
    try:
        yield up
    finally:
        up.server.close()


def _calls(service: _Service) -> list[bytes]:
    return [data.split(b" ")[0] for data in list(service.heard)]


def test_an_idle_connection_is_closed_by_envoy_before_the_service_does(tmp_path: Path) -> None:
    with (
        http_server(_Allows) as policy,
        _service() as service,
        envoy_bed(
            tmp_path, policy_port=policy.server_port, service_port=service.server.getsockname()[1]
        ) as up,
    ):
        assert up.call() == 200
        end = time.monotonic() + 20
        while not service.ended_by_us:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert service.ended_by_us == [False]


@pytest.mark.parametrize(
    ("method", "status", "sent"), [("GET", 200, 2), ("DELETE", 503, 1), ("POST", 503, 1), ("PUT", 503, 1)]
)
def test_a_get_whose_connection_ends_is_asked_again_and_no_other_call_is(
    method: str, status: int, sent: int, tmp_path: Path
) -> None:
    with (
        http_server(_Allows) as policy,
        _service() as service,
        envoy_bed(
            tmp_path, policy_port=policy.server_port, service_port=service.server.getsockname()[1]
        ) as up,
    ):
        service.lost = 1
        body = "{}" if method in ("POST", "PUT") else None
        assert up.call("/ocpi/2.2.1/sender/locations", method, body) == status
        assert _calls(service) == [method.encode()] * sent
