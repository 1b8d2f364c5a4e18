"""Envoy itself knows every statistic that CloudWatch is told of, and sends it where a worker takes it."""

from __future__ import annotations

import http.client
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import trustme

from hardening.envoy.configuration import EnvoySettings, envoy
from hardening.envoy.statistics import COUNTED, EVERY, HEALTH_PATHS, MEASURED, READ_FOR_HEALTH
from infra.lab.ports import free_port
from infra.runtime.guard.envoy import EnvoyAdmin, envoy_command
from infra.runtime.policy_service.envoy_statistics import EnvoyStatistics
from tests.beds.http_server import http_server


@contextmanager
def _envoy(
    folder: Path, statistics_port: int, behind: tuple[int, int] | None = None
) -> Iterator[tuple[int, ssl.SSLContext]]:
    """A guard that reports each fifth of a second. `behind`: the ports of policy and OCPI service.

    Where nothing is behind it, every call is 503.
    """
    policy_port, service_port = behind or (free_port(), free_port())
    ca = trustme.CA()
    issued = ca.issue_cert("localhost", "127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(folder / "chain.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    port = free_port()
    text = envoy(
        EnvoySettings(
            server_names=("localhost", "127.0.0.1"),
            listen_host="127.0.0.1",
            listen_port=port,
            certificate_file=str(folder / "chain.pem"),
            key_file=str(folder / "key.pem"),
            policy_host="127.0.0.1",
            policy_port=policy_port,
            service_host="127.0.0.1",
            service_port=service_port,
            admin_socket=str(folder / "admin.sock"),
            statistics_port=statistics_port,
        )
    )
    often = f"stats_flush_interval: {EVERY}s"
    assert statistics_port == 0 or often in text
    (folder / "envoy.yaml").write_text(text.replace(often, "stats_flush_interval: 0.2s"), encoding="utf-8")
    trust = ssl.create_default_context()
    ca.configure_trust(trust)
    with subprocess.Popen(envoy_command(folder / "envoy.yaml", 1)) as process:
        try:
            _wait_for(EnvoyAdmin(folder / "admin.sock"))
            yield port, trust
        finally:
            process.kill()


def _wait_for(admin: EnvoyAdmin) -> None:
    deadline = time.monotonic() + 60
    while not admin.is_well():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _call(port: int, trust: ssl.SSLContext, path: str = "/ocpi/versions") -> int:
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=trust, timeout=20)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def test_envoy_tells_over_udp_what_is_asked_for_and_nothing_else(tmp_path: Path) -> None:
    received = EnvoyStatistics()
    told: set[str] = set()
    wanted = {"envoy.http.ocpi.downstream_rq_5xx", "envoy.server.memory_allocated"}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(20)
        with _envoy(tmp_path, listener.getsockname()[1]) as (port, trust):
            assert _call(port, trust) == 503
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
        with _envoy(tmp_path, listener.getsockname()[1], (port, port)) as (guard, trust):
            deadline = time.monotonic() + 20
            while (status := _call(guard, trust, path)) != 200:
                assert time.monotonic() < deadline, status
                time.sleep(0.1)


def test_envoy_knows_every_statistic_by_its_name(tmp_path: Path) -> None:
    with _envoy(tmp_path, 0) as (port, trust):
        assert _call(port, trust) == 503
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(tmp_path / "admin.sock"))
        connection.request("GET", "/stats")
        found = {line.partition(":")[0] for line in connection.getresponse().read().decode().splitlines()}
        connection.close()
    assert set() == {*COUNTED, *MEASURED, *READ_FOR_HEALTH} - found
