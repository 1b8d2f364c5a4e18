"""A gateway on this machine: Envoy, policy service, boundary, and the reference service behind them."""

from __future__ import annotations

import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

from hardening.envoy.configuration import EnvoySettings, envoy
from hardening.envoy.connection_classes import connection_classes
from hardening.registry.reader import read_registry
from hardening.requests.hop_signature import LEAST_KEY_BYTES
from infra.lab.certificates import SERVER_NAME, write_private
from infra.lab.clients import DUMMY_KEY
from infra.lab.gateway import GatewayInputs, Prepared, answers, seed_tokens
from infra.lab.ports import free_port
from infra.lab.processes import Children, Process
from infra.lab.readiness import wait_until
from infra.runtime.guard.envoy import envoy_command

_PATIENCE = 40.0
# Of the policy service; one more than is busy, so one that is killed is not missed.
_WORKERS = 2


@dataclass(frozen=True, slots=True)
class GatewayProcesses:
    """Where the gateway answers (`address` is host:port), and what a scanner needs to talk to it."""

    address: str
    server_name: str
    ca_file: str
    tokens_file: str


def start(children: Children, folder: Path, prepared: Prepared, inputs: GatewayInputs) -> GatewayProcesses:
    """Seed the tokens, start the processes, and wait until the gateway refuses a call without a token.

    Raises CollectError, after which `children.stop_all()` leaves nothing behind.
    """
    tokens_file = seed_tokens(folder, prepared, inputs)
    # In a row: looked for one by one, they could overlap.
    policy_port = free_port(_WORKERS + 3)
    service_port, port, boundary_port = range(policy_port + _WORKERS, policy_port + _WORKERS + 3)
    hop_key = folder / "hop.key"
    write_private(hop_key, secrets.token_bytes(LEAST_KEY_BYTES))
    policy = _start_policy(children, prepared, inputs, policy_port, hop_key)
    service = _start_service(children, prepared, service_port, port, hop_key)
    boundary = _start_boundary(children, folder, prepared, inputs, (boundary_port, service_port, hop_key))
    settings = EnvoySettings(
        server_names=(SERVER_NAME, "127.0.0.1"),
        listen_host="127.0.0.1",
        listen_port=port,
        certificate_file=str(prepared.certificates.of["gateway"].chain_file),
        key_file=str(prepared.certificates.of["gateway"].key_file),
        policy_host="127.0.0.1",
        policy_port=policy_port,
        service_host="127.0.0.1",
        service_port=service_port,
        policy_workers=_WORKERS,
        boundary_port=boundary_port,
        networks=connection_classes(read_registry(prepared.partners)),
    )
    gateway = _start_envoy(children, folder, settings)
    for worker in range(policy_port, policy_port + _WORKERS):
        wait_until(policy, lambda: answers(worker, "/healthz") == 200, _PATIENCE)  # noqa: B023  (asked at once)
    wait_until(service, lambda: answers(service_port, "/ocpi/versions") == 401, _PATIENCE)
    wait_until(boundary, lambda: answers(boundary_port, "/healthz") == 200, _PATIENCE)
    ca_file = str(prepared.certificates.ca_file)
    wait_until(gateway, lambda: answers(port, "/ocpi/versions", ca_file) == 401, _PATIENCE)
    return GatewayProcesses(f"127.0.0.1:{port}", SERVER_NAME, ca_file, str(tokens_file))


def _start_policy(
    children: Children, prepared: Prepared, inputs: GatewayInputs, port: int, hop_key: Path
) -> Process:
    environment = {
        "RAMPART_ENVIRONMENT": inputs.environment,
        "RAMPART_PARTNERS": str(prepared.partners),
        "RAMPART_TOKEN_TABLE": inputs.token_table,
        "RAMPART_POLICY_PORT": str(port),
        "RAMPART_POLICY_WORKERS": str(_WORKERS),
        "RAMPART_HOP_KEY_FILE": str(hop_key),
        "AWS_REGION": inputs.region,
        "AWS_ENDPOINT_URL_DYNAMODB": inputs.aws_endpoint,
        "AWS_ACCESS_KEY_ID": DUMMY_KEY,
        "AWS_SECRET_ACCESS_KEY": DUMMY_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }
    return children.start("policy", (sys.executable, "-m", "infra.runtime.policy_service"), environment)


def _start_service(
    children: Children, prepared: Prepared, port: int, gateway_port: int, hop_key: Path
) -> Process:
    origin = f"https://{SERVER_NAME}:{gateway_port}"
    command = (sys.executable, "-m", "infra.lab.ocpi_service", origin, str(prepared.partners), str(hop_key))
    return children.start("ocpi", command, {"RAMPART_LISTEN": str(port)})


def _start_boundary(
    children: Children,
    folder: Path,
    prepared: Prepared,
    inputs: GatewayInputs,
    place: tuple[int, int, Path],
) -> Process:
    """`place`: its own port, that of the service, and the key of the hop."""
    port, service_port, hop_key = place
    environment = {
        "RAMPART_ENVIRONMENT": inputs.environment,
        "RAMPART_PARTNERS": str(prepared.partners),
        "RAMPART_HOP_KEY_FILE": str(hop_key),
        "RAMPART_SERVICE": f"http://127.0.0.1:{service_port}",
        "RAMPART_LEDGER_FILE": str(folder / "ledger.sqlite"),
        "RAMPART_PSEUDONYM_KEY_FILE": str(folder / "pseudonym.key"),
        "RAMPART_RECEIPT_KEY_FILE": str(folder / "receipt.pem"),
        "RAMPART_SERVER_NAMES": SERVER_NAME,
        "RAMPART_BOUNDARY_PORT": str(port),
    }
    return children.start("boundary", (sys.executable, "-m", "infra.runtime.boundary"), environment)


def _start_envoy(children: Children, folder: Path, settings: EnvoySettings) -> Process:
    configuration = folder / "envoy.yaml"
    configuration.write_text(envoy(settings), encoding="utf-8")
    return children.start("envoy", envoy_command(configuration, 2))
