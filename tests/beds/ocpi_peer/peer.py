"""The peer as a test sees it: started, told how to behave, asked what it knows."""

from __future__ import annotations

import contextlib
import json
import os
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

NAME = "localhost"


@dataclass(frozen=True, slots=True)
class Peer:
    """Where the peer is, and the CA (PEM file) that vouches for it."""

    port: int
    ca_file: str
    name: str = NAME

    @property
    def versions(self) -> str:
        """Its versions endpoint."""
        return f"https://{self.name}:{self.port}/ocpi/versions"

    def told(self, **wanted: Any) -> dict[str, Any]:
        """Set something of its state (`act`: `call`, `rotate`, or a method: it calls us). The whole state."""
        request = urllib.request.Request(
            f"https://{NAME}:{self.port}/control", json.dumps(wanted).encode(), method="POST"
        )
        context = ssl.create_default_context(cafile=self.ca_file)
        with urllib.request.urlopen(request, timeout=90, context=context) as answer:  # noqa: S310  (https, see above)
            state: dict[str, Any] = json.loads(answer.read())
        return state


@contextlib.contextmanager
def running_peer(folder: Path, name: str = NAME, authority: trustme.CA | None = None) -> Iterator[Peer]:
    """A peer in a process of its own, which ends with the context or with this process.

    It calls itself `name`, and trusts `authority`, which vouches for it (a new one where there is none).
    """
    authority = authority or trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert(NAME, name).private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    command = [sys.executable, "-m", "tests.beds.ocpi_peer", str(folder), name]
    environment = {**os.environ, "SSL_CERT_FILE": str(folder / "ca.pem")}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout is not None
            yield Peer(int(process.stdout.readline()), str(folder / "ca.pem"), name)
        finally:
            process.kill()
