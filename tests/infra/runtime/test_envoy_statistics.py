"""Envoy itself knows every statistic that CloudWatch is told of, and sends it where a worker takes it."""

from __future__ import annotations

import http.client
import socket
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from hardening.envoy.statistics import COUNTED, HEALTH_PATHS, MEASURED, READ_FOR_HEALTH
from infra.runtime.policy_service.envoy_statistics import EnvoyStatistics
from tests.beds.envoy import envoy_bed
from tests.beds.http_server import http_server


def test_envoy_tells_over_udp_what_is_asked_for_and_nothing_else(tmp_path: Path) -> None:
    received = EnvoyStatistics()
    told: set[str] = set()
    wanted = {"envoy.http.ocpi.downstream_rq_5xx", "envoy.server.memory_allocated"}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(20)
        with envoy_bed(tmp_path, statistics_port=listener.getsockname()[1]) as up:
            assert up.call() == 503
            deadline = time.monotonic() + 60
            while not wanted <= told:
                assert time.monotonic() < deadline, told
                data = listener.recv(65_536)
                told |= {line.partition(":")[0] for line in data.decode().splitlines()}
                received.datagram_received(data, 0)
    taken = received.take()
    assert taken["Answers5xx"] == 1
    assert taken["EnvoyMemory"] > 1_000_000
    assert {name.removeprefix("envoy.") for name in told} <= {*COUNTED, *MEASURED, *READ_FOR_HEALTH}


class _Well(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Well."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("path", HEALTH_PATHS)
def test_health_is_known_where_statistics_are_told(tmp_path: Path, path: str) -> None:
    """Envoy answers from its own statistics: one that is not kept is a guard that is never well."""
    with (
        http_server(_Well) as behind,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener,
    ):
        listener.bind(("127.0.0.1", 0))
        port = behind.server_port
        told = listener.getsockname()[1]
        with envoy_bed(tmp_path, policy_port=port, service_port=port, statistics_port=told) as up:
            deadline = time.monotonic() + 20
            while (status := up.call(path)) != 200:
                assert time.monotonic() < deadline, status
                time.sleep(0.1)


def test_envoy_knows_every_statistic_by_its_name(tmp_path: Path) -> None:
    with envoy_bed(tmp_path) as up:
        assert up.call() == 503
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(tmp_path / "admin.sock"))
        connection.request("GET", "/stats")
        found = {line.partition(":")[0] for line in connection.getresponse().read().decode().splitlines()}
        connection.close()
    assert set() == {*COUNTED, *MEASURED, *READ_FOR_HEALTH} - found
