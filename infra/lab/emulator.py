"""The AWS emulator: moto's server, as a process of its own on loopback, over TLS as AWS is."""

from __future__ import annotations

import http.client
import json
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hardening.errors import CollectError
from infra.lab.certificates import Certificates
from infra.lab.ports import free_port
from infra.lab.processes import Children, Process, is_alive
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
    """A running emulator, at `https://127.0.0.1:PORT` with a certificate of the CA in `ca_file`."""

    process: Process
    endpoint: str
    ca_file: str

    def is_alive(self) -> bool:
        """Whether its process still runs."""
        return is_alive(self.process)

    def wait(self) -> None:
        """Wait until it answers. Raises CollectError."""
        wait_until(self.process, lambda: answers(self.endpoint, self.ca_file), _PATIENCE)
        # Functions are created, never run: there is no container daemon to ask for.
        _tell(self, "/moto-api/config", {"lambda": {"use_docker": False}})


def start_emulator(children: Children, certificates: Certificates) -> Emulator:
    """Start moto's server on a free port; `wait` for it before use."""
    port = free_port()
    own = certificates.of["emulator"]
    arguments = (str(port), str(own.chain_file), str(own.key_file))
    command = (sys.executable, "-m", "infra.lab.emulator_server", *arguments)
    process = children.start("emulator", command, _ENVIRONMENT)
    return Emulator(process, f"https://127.0.0.1:{port}", str(certificates.ca_file))


def _tell(emulator: Emulator, path: str, settings: Mapping[str, Any]) -> None:
    connection = _connection(emulator.endpoint, emulator.ca_file)
    try:
        connection.request("POST", path, json.dumps(settings), {"Content-Type": "application/json"})
        status = connection.getresponse().status
    except OSError as error:
        raise CollectError(f"the AWS emulator does not take its settings: {error}") from None
    finally:
        connection.close()
    if status >= http.HTTPStatus.BAD_REQUEST:
        raise CollectError(f"the AWS emulator does not take its settings: {status}")


def answers(endpoint: str, ca_file: str) -> bool:
    """Whether the emulator answers at `endpoint` (`https://HOST:PORT`)."""
    connection = _connection(endpoint, ca_file)
    try:
        connection.request("GET", "/moto-api/data.json")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _connection(endpoint: str, ca_file: str) -> http.client.HTTPSConnection:
    trust = ssl.create_default_context(cafile=ca_file)
    return http.client.HTTPSConnection(endpoint.removeprefix("https://"), timeout=5, context=trust)
