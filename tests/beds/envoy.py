"""Envoy alone, with the guard's configuration, before services of a test."""

from __future__ import annotations

import http.client
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from hardening.envoy.configuration import EnvoySettings, envoy
from hardening.envoy.statistics import EVERY
from infra.lab.ports import free_port
from infra.runtime.guard.envoy import EnvoyAdmin, envoy_command


@dataclass(frozen=True, slots=True)
class EnvoyBed:
    """Where it listens, and who trusts it."""

    port: int
    trust: ssl.SSLContext

    def call(self, path: str = "/ocpi/versions", method: str = "GET", body: str | None = None) -> int:
        """The status of one call on a connection of its own."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.trust, timeout=20)
        with closing(connection):
            connection.request(method, path, body)
            return connection.getresponse().status


@contextmanager
def envoy_bed(
    folder: Path, *, policy_port: int = 0, service_port: int = 0, statistics_port: int = 0
) -> Iterator[EnvoyBed]:
    """An Envoy that reports each fifth of a second. Where nothing is behind it, every call is 503."""
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
            policy_port=policy_port or free_port(),
            service_host="127.0.0.1",
            service_port=service_port or free_port(),
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
            yield EnvoyBed(port, trust)
        finally:
            process.kill()


def _wait_for(admin: EnvoyAdmin) -> None:
    deadline = time.monotonic() + 60
    while not admin.is_well():
        assert time.monotonic() < deadline
        time.sleep(0.1)
