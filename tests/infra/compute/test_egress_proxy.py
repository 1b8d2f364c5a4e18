"""The egress proxy as a real Envoy on loopback: partners' hosts can be reached through it, others cannot."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hardening.registry.callback_host import CallbackHost
from hardening.requests.samples import EMSP
from infra.compute.egress_proxy import egress_config
from infra.lab.ports import free_port
from infra.observability.log_filters import task_filters
from infra.runtime.guard.envoy import envoy_binary
from scanners.policy.checks.filter_patterns import matches


@pytest.fixture
def partner_port() -> Iterator[int]:
    """A partner's host: it says what it was sent."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"partner heard " + connection.recv(100))

        threading.Thread(target=serve, daemon=True).start()
        yield int(server.getsockname()[1])


@pytest.fixture
def proxy_port(partner_port: int, tmp_path: Path) -> Iterator[int]:
    port = free_port()
    partner = replace(
        EMSP, callback_hosts=(CallbackHost("localhost", partner_port), CallbackHost("ocpi.emsp.example"))
    )
    config = tmp_path / "egress.json"
    config.write_text(json.dumps(egress_config([partner], "127.0.0.1", port)), encoding="utf-8")
    command = [str(envoy_binary()), "-c", str(config), "--disable-hot-restart", "-l", "error"]
    command += ["--file-flush-interval-msec", "50"]
    log = (tmp_path / "log").open("wb")
    with log, subprocess.Popen(command, stdout=log, stderr=subprocess.DEVNULL) as process:
        try:
            yield _when_ready(port, process)
        finally:
            process.kill()


def _when_ready(port: int, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return port
        time.sleep(0.1)
    raise AssertionError("Envoy does not listen")


def asked(port: int, request: str, then: bytes = b"") -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(request.encode())
        answer = client.recv(4096)
        if not then or b" 200 " not in answer:
            return answer
        client.sendall(then)
        return answer + client.recv(4096)


@pytest.mark.parametrize("spelt", ["localhost", "LocalHost", "localhost."])
def test_a_tunnel_leads_to_the_partner(spelt: str, proxy_port: int, partner_port: int) -> None:
    target = f"{spelt}:{partner_port}"
    answer = asked(proxy_port, f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n", b"hello")
    assert b"partner heard hello" in answer


@pytest.mark.parametrize(
    "target", ["169.254.169.254:80", "evil.example:443", "localhost:22", "ocpi.emsp.example:80"]
)
def test_no_tunnel_leads_anywhere_else(target: str, proxy_port: int) -> None:
    answer = asked(proxy_port, f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n", b"hello")
    assert answer.startswith(b"HTTP/1.1 404 ")


def test_what_is_no_tunnel_is_refused(proxy_port: int, partner_port: int) -> None:
    url = f"http://localhost:{partner_port}/"
    answer = asked(proxy_port, f"GET {url} HTTP/1.1\r\nHost: localhost:{partner_port}\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 404 ")


def test_what_is_refused_is_counted_and_what_passes_is_not(
    proxy_port: int, partner_port: int, tmp_path: Path
) -> None:
    group: Any = None
    (rule,) = [one for one in task_filters(group, group) if one.name == "egress-refused"]
    for target, counted in ((f"localhost:{partner_port}", False), ("evil.example:443", True)):
        asked(proxy_port, f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n", b"hello")
        line = _logged(tmp_path / "log", target)
        assert matches(rule.pattern, line) is counted, line


def _logged(log: Path, target: str) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for line in log.read_text(encoding="utf-8").splitlines():
            found: dict[str, Any] = json.loads(line)
            if found["target"] == target:
                return found
        time.sleep(0.1)
    raise AssertionError(f"{target} is not in the log")
