"""An AWS account on loopback (moto's server), and small stacks that declare what was made in it."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3

from infra.lab.unsupported import UNLISTED
from scanners.drift.account import View
from scanners.drift.session import open_account
from scanners.policy.stack import Resource, Stack
from scanners.target import Target

REGION = "eu-central-1"
ACCOUNT = "123456789012"


@dataclass
class Account:
    """An emulated account. `client` makes clients that write; the audit never does."""

    endpoint: str
    server: subprocess.Popen[bytes]
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)
    opened: View | None = None

    def client(self, service: str, region: str = REGION) -> Any:
        """A boto3 client of the account; the same one each time."""
        if (service, region) not in self.clients:
            session = boto3.Session("test", "test", region_name=region)
            client = session.client(service, endpoint_url=self.endpoint)
            client.meta.events.register("before-sign", self._at_the_endpoint)
            self.clients[service, region] = client
        return self.clients[service, region]

    def _at_the_endpoint(self, request: Any, **_: Any) -> None:
        """S3 Control writes the account's number before the host."""
        request.url = urlsplit(request.url)._replace(netloc=urlsplit(self.endpoint).netloc).geturl()

    def __getattr__(self, service: str) -> Any:
        return self.client(service.replace("_", "-"))

    def end(self) -> None:
        """Take the account away, whatever is being asked of it."""
        self.server.kill()
        self.server.wait(10)

    def reset(self) -> None:
        """Make the account empty."""
        self._tell("reset")

    def allow_calls(self, count: int) -> None:
        """After so many calls, ask for credentials, and ours are dummies."""
        self._tell("reset-auth", str(count))

    def _tell(self, what: str, text: str = "") -> None:
        connection = http.client.HTTPConnection(self.endpoint.removeprefix("http://"), timeout=10)
        connection.request("POST", f"/moto-api/{what}", text, {"Content-Type": "text/plain"})
        answer = connection.getresponse()
        connection.close()
        assert answer.status == 200, answer.reason

    def target(self, folder: Path) -> Target:
        """What an audit is given: this account, and `stack.json` in `folder`, and what moto cannot list."""
        if folder != Path():
            rows = [
                {"urn": "", "type": kind, "property": "", "reason": why} for kind, why in UNLISTED.items()
            ]
            (folder / "unsupported.json").write_text(json.dumps(rows))
        return Target(
            name="test", stack_file=str(folder / "stack.json"), region=REGION, aws_endpoint=self.endpoint
        )

    def view(self) -> View:
        """The account as the audit reads it, with nothing read yet."""
        if self.opened is None:
            self.opened = open_account(self.target(Path()))
        return self.opened.afresh()


@contextmanager
def emulated_account() -> Iterator[Account]:
    """A moto server of its own on a free port; gone afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [str(Path(sys.executable).with_name("moto_server")), "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        account = Account(f"http://127.0.0.1:{port}", server)
        _wait(port, server)
        yield account
    finally:
        # It has nothing to save, and under load it takes long to end by itself.
        server.kill()
        server.wait(10)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise RuntimeError("the emulator ended at once")
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the emulator does not listen")


def declare(type_: str, id_: str, inputs: dict[str, Any], **outputs: Any) -> Resource:
    """A resource of a stack, as Pulumi records it after it was deployed."""
    name = id_.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    urn = f"urn:pulumi:test::example::{type_}::{name}"
    return Resource(urn=urn, type=type_, name=name, id=id_, inputs=inputs, outputs={**inputs, **outputs})


def stack_of(*resources: Resource) -> Stack:
    """A stack that declares these resources."""
    return Stack("test", "example", resources)
