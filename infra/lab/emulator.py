"""The AWS emulator: moto's server, as a process of its own on loopback."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hardening.errors import CollectError
from infra.lab.processes import Children, Process, free_port, is_alive
from infra.lab.readiness import wait_until

_PATIENCE = 30.0
_ENVIRONMENT = {
    # The policies that AWS itself keeps, so that a role can really have them attached.
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    # Machine images take memory and time, and the stack starts no instances.
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    "MOTO_ACM_VALIDATION_WAIT": "0",
    "PYTHONUNBUFFERED": "1",
}


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator."""

    process: Process
    endpoint: str

    def is_alive(self) -> bool:
        """Whether its process still runs."""
        return is_alive(self.process)

    def wait(self) -> None:
        """Wait until it answers. Raises CollectError."""
        wait_until(self.process, lambda: answers(self.endpoint), _PATIENCE)
        # Functions are created, never run: there is no container daemon to ask for.
        _tell(self.endpoint, "/moto-api/config", {"lambda": {"use_docker": False}})


def start_emulator(children: Children) -> Emulator:
    """Start moto's server on a free port; `wait` for it before use."""
    port = free_port()
    # What the `moto_server` script runs, wherever scripts are installed.
    command = (sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port))
    process = children.start("emulator", command, _ENVIRONMENT)
    return Emulator(process, f"http://127.0.0.1:{port}")


def _tell(endpoint: str, path: str, settings: Mapping[str, Any]) -> None:
    connection = http.client.HTTPConnection(endpoint.removeprefix("http://"), timeout=5)
    try:
        connection.request("POST", path, json.dumps(settings), {"Content-Type": "application/json"})
        status = connection.getresponse().status
    except OSError as error:
        raise CollectError(f"the AWS emulator does not take its settings: {error}") from None
    finally:
        connection.close()
    if status >= http.HTTPStatus.BAD_REQUEST:
        raise CollectError(f"the AWS emulator does not take its settings: {status}")


def answers(endpoint: str) -> bool:
    """Whether the emulator answers at `endpoint` (`http://HOST:PORT`)."""
    connection = http.client.HTTPConnection(endpoint.removeprefix("http://"), timeout=2)
    try:
        connection.request("GET", "/moto-api/data.json")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()
