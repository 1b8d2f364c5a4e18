"""The lab's gateway on loopback: an emulated token table, Envoy, the policy and the reference service."""

from __future__ import annotations

import http.client
import json
import ssl
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.server import ThreadedMotoServer

from hardening.requests import tokens
from infra.lab.clients import Clients
from infra.lab.gateway import GatewayInputs, prepare
from infra.lab.gateway_processes import start
from infra.lab.processes import Children, Process
from scanners.target import Target

REGION = "eu-central-1"


@dataclass(frozen=True, slots=True)
class GatewayBed:
    """A running gateway. `target` is what a scanner is given."""

    folder: Path
    target: Target
    children: Children
    emulator: ThreadedMotoServer
    dynamodb: Any
    table: str

    @property
    def port(self) -> int:
        """The TCP port of the gateway."""
        return int(self.target.gateway.rpartition(":")[2])

    def process(self, name: str) -> Process:
        """The process of that name (`envoy`, `policy`, `ocpi`)."""
        return next(process for process in self.children.listed() if process.name == name)

    def token(self, key: str) -> str:
        """The token of a partner, or of `partner:kind` for a kind that must be refused."""
        known: dict[str, str] = json.loads(Path(self.target.tokens_file).read_text(encoding="utf-8"))
        return known[key]

    def logs(self) -> str:
        """What all processes wrote."""
        files = sorted((self.folder / "logs").glob("*.log"))
        return "".join(file.read_text(encoding="utf-8", errors="replace") for file in files)

    def call(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: str | None = None
    ) -> tuple[int, Mapping[str, str], Any]:
        """Status, headers and JSON of one call over TLS."""
        trust = ssl.create_default_context(cafile=self.target.ca_file)
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=trust, timeout=10)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            answer = connection.getresponse()
            content = answer.read()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, named, json.loads(content) if content else None
        finally:
            connection.close()

    def as_partner(self, key: str, **more: str) -> dict[str, str]:
        """Headers of a well-formed call with the token of `key` (`partner` or `partner:kind`)."""
        return {
            "Authorization": tokens.header(self.token(key)),
            "X-Request-ID": "request-1",
            "X-Correlation-ID": "correlation-1",
            **{name.replace("_", "-"): value for name, value in more.items()},
        }


@contextmanager
def gateway_bed(folder: Path) -> Iterator[GatewayBed]:
    """Bring a gateway up in `folder`, and take it down with all of its processes."""
    emulator = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    emulator.start()
    host, port = emulator.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    dynamodb = Clients(endpoint, REGION).get("dynamodb")
    # Emulators in one process share what they hold.
    table = f"tokens-{uuid.uuid4()}"
    dynamodb.create_table(
        TableName=table,
        AttributeDefinitions=[{"AttributeName": "digest", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "digest", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    partners = Path("partners").resolve()
    children = Children(folder)
    try:
        inputs = GatewayInputs(
            aws_endpoint=endpoint, region=REGION, token_table=table, secrets={}, partners=partners
        )
        up = start(children, folder, prepare(folder, partners), inputs)
        target = Target(
            name="bed",
            stack_file="",
            region=REGION,
            gateway=up.address,
            server_name=up.server_name,
            ca_file=up.ca_file,
            aws_endpoint=endpoint,
            tokens_file=up.tokens_file,
            partners=str(partners),
        )
        yield GatewayBed(folder, target, children, emulator, dynamodb, table)
    finally:
        children.stop_all()
        emulator.stop()
