"""The guard under load: Envoy with TLS, two workers, a SQLite store, and an answer of Envoy's own.

    uv run pytest tests/benchmarks/test_guard_load.py -s        (wants `wrk` on the PATH)

What is printed is the whole machine's, and judges nothing; what is asserted is that every call is served.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import which
from typing import Any

import psutil
import pytest
import yaml

from hardening.envoy.configuration import EnvoySettings, envoy
from hardening.envoy.connection_classes import connection_classes
from hardening.registry.reader import read_registry
from hardening.requests import tokens
from hardening.requests.request import Request
from hardening.requests.sample_messages import CDR
from hardening.requests.samples import CPO, EMSP, call
from infra.lab.gateway import answers, prepare
from infra.lab.ports import free_port
from infra.runtime.guard.envoy import envoy_binary
from infra.runtime.policy_service.environment import SOCKETS
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from infra.runtime.policy_service.stores import TokenRecord

WORKERS, SECONDS = 2, 6
GET = call("GET", "/ocpi/2.2.1/sender/locations?limit=50")
POST = call("POST", "/ocpi/2.2.1/receiver/cdrs", CPO, CDR)
# The attacker's address: the good partner calls from 127.0.0.1.
ATTACKER = "127.0.0.9"
HOSTILE = b'{"x":[' + b",".join([b"{}"] * 19_000) + b"]}" + b" " * 400_000


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard that runs: its folder, its port, two partners' tokens, and its processes by their part."""

    folder: Path
    port: int
    tokens: dict[str, str]
    processes: dict[str, list[psutil.Process]]

    def seconds(self) -> dict[str, float]:
        """Processor time of each part until now."""
        return {
            part: sum(sum(one.cpu_times()[:2]) for one in processes)
            for part, processes in self.processes.items()
        }

    def load(self, request: Request, connections: int, seconds: int = SECONDS) -> str:
        """What wrk prints after sending `request` for some seconds, as fast as it is answered."""
        wrk = which("wrk")
        assert wrk, "this benchmark wants wrk on the PATH"
        assert request.credentials is not None
        token = self.tokens[request.credentials.partner.name]
        sent = {**request.headers, "authorization": tokens.header(token)}
        script = [f'wrk.method = "{request.method}"', f"wrk.body = [[{request.body.decode()}]]"]
        script += [f'wrk.headers["{name}"] = "{value}"' for name, value in sent.items()]
        file = self.folder / f"{threading.get_ident()}.lua"
        file.write_text("\n".join(script))
        target = f"https://127.0.0.1:{self.port}{request.path}"
        load = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(file), target]
        return subprocess.run(load, capture_output=True, text=True, check=True).stdout


def _figures(printed: str) -> str:
    return ", ".join(line.strip() for line in printed.splitlines() if "99%" in line or "Requests/sec" in line)


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@contextmanager
def _guard(folder: Path, variant: str = "on", rate: int = 0) -> Iterator[Guard]:
    """`variant`: "on"; "empty", a policy service that lets everything through; "off", no question at all.

    `rate`: calls a minute of example-cpo, which then calls from `ATTACKER`; 0: nobody is held to a contract.
    """
    prepared = prepare(folder, Path("partners"))
    for file in prepared.partners.glob("*.yaml"):
        text = file.read_text().replace("requests_per_day: ", "requests_per_day: 9")
        text = text.replace("requests_per_minute: 60000", "requests_per_minute: 600000")
        if file.stem == CPO.name and rate:
            text = text.replace("requests_per_minute: 600000", f"requests_per_minute: {rate}")
            text = text.replace("127.0.0.1/32", f"{ATTACKER}/32")
        file.write_text(text)
    store = SqliteTokenStore(folder / "tokens.sqlite")
    known = {partner.name: tokens.issue() for partner in (CPO, EMSP)}
    for name, token in known.items():
        expires = int(time.time()) + 86_400
        store.put(TokenRecord(tokens.digest(token), name, "C", "active", "test", expires))
    policy_port, port = free_port(WORKERS), free_port()
    settings = EnvoySettings(
        server_names=("*",),
        listen_host="127.0.0.1",
        listen_port=port,
        certificate_file=str(prepared.certificates.of["gateway"].chain_file),
        key_file=str(prepared.certificates.of["gateway"].key_file),
        policy_host="127.0.0.1",
        policy_port=policy_port,
        policy_workers=WORKERS,
        policy_sockets=str(folder),
        service_host="127.0.0.1",
        service_port=free_port(),
        networks=connection_classes(read_registry(prepared.partners)),
    )
    (folder / "envoy.yaml").write_text(
        json.dumps(_answering_itself(yaml.safe_load(envoy(settings)), variant))
    )
    policy_service = "tests.benchmarks.empty_policy" if variant == "empty" else "infra.runtime.policy_service"
    with _running(folder, policy_port, str(prepared.partners), policy_service) as (policy, gateway):
        _wait(lambda: all(answers(policy_port + one, "/healthz") == 200 for one in range(WORKERS)))
        _wait(lambda: answers(port, "/healthz", str(prepared.certificates.ca_file)) == 200)
        parts = {"envoy": [psutil.Process(gateway)], "workers": psutil.Process(policy).children()}
        yield Guard(folder, port, known, parts)


def _answering_itself(configuration: Any, variant: str) -> Any:
    """The configuration with an answer of Envoy's own in the place of the service."""
    for chain in configuration["static_resources"]["listeners"][0]["filter_chains"]:
        http = chain["filters"][-1]["typed_config"]
        for route in http["route_config"]["virtual_hosts"][0]["routes"]:
            if route.pop("route", None):
                route["direct_response"] = {"status": 200, "body": {"inline_string": "{}"}}
        if variant == "off":
            asking = ("long-bodies", "envoy.filters.http.ext_authz")
            http["http_filters"] = [one for one in http["http_filters"] if one["name"] not in asking]
    return configuration


@contextmanager
def _running(folder: Path, policy_port: int, partners: str, policy_service: str) -> Iterator[tuple[int, int]]:
    environment = {
        **os.environ,
        "RAMPART_ENVIRONMENT": "test",
        "RAMPART_PARTNERS": partners,
        "RAMPART_TOKEN_FILE": str(folder / "tokens.sqlite"),
        "RAMPART_POLICY_PORT": str(policy_port),
        "RAMPART_POLICY_WORKERS": str(WORKERS),
        SOCKETS: str(folder),
        # Signed, as everywhere.
        "RAMPART_HOP_KEY_FILE": str(folder / "hop.key"),
    }
    (folder / "hop.key").write_bytes(b"k" * 32)
    commands = (
        [sys.executable, "-m", policy_service],
        [
            *(str(envoy_binary()), "-c", str(folder / "envoy.yaml"), "--concurrency", "2"),
            *("--disable-hot-restart", "--log-level", "error"),
        ],
    )
    with (folder / "log").open("wb") as log, ExitStack() as started:
        pids = []
        for command in commands:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            started.callback(process.wait)
            started.callback(process.terminate)
            pids.append(process.pid)
        yield pids[0], pids[1]


@pytest.mark.parametrize("variant", ["off", "empty", "on"])
def test_through_envoy(tmp_path: Path, variant: str) -> None:
    """The rate with 32 connections; and the latency with four, which send about half as much."""
    with _guard(tmp_path, variant) as guard:
        # Handshakes and cold caches are not the first request's cost.
        guard.load(GET, 32, 1)
        for name, request in (("GET", GET), ("CDR", POST)):
            before = guard.seconds()
            printed = guard.load(request, 32)
            after = guard.seconds()
            calls = int(printed.split(" requests in")[0].split()[-1])
            cost = {part: f"{(after[part] - before[part]) / calls * 1e6:.0f} us" for part in after}
            half = guard.load(request, 4, 3)
            print(
                f"\n{variant} {name}: {_figures(printed)}; at four: {_figures(half)}; "
                f"processor time a call {cost}; load {os.getloadavg()[0]:.0f}"
            )
            assert "Non-2xx" not in printed + half


def _on_the_wire(request: Request, token: str) -> bytes:
    headers = {**request.headers, "host": "guard", "authorization": tokens.header(token)}
    if request.body:
        headers["content-length"] = str(len(request.body))
    lines = [f"{request.method} {request.path} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
    return "\r\n".join((*lines, "", "")).encode() + request.body


@contextmanager
def _attacked(guard: Guard, connections: int, body: Request) -> Iterator[subprocess.Popen[str]]:
    """example-cpo sends what `body` is, from an address of its own, for as long as the context lasts."""
    file = guard.folder / f"{connections}.attack"
    file.write_bytes(_on_the_wire(body, guard.tokens[CPO.name]))
    words = (guard.port, ATTACKER, connections, SECONDS + 2, file)
    command = [sys.executable, "-m", "tests.benchmarks.attacker", *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as attacker:
        time.sleep(1)
        yield attacker


@contextmanager
def _silent(guard: Guard) -> Iterator[None]:
    """A thousand connections of a stranger, which say nothing."""
    with ExitStack() as open_:
        for _ in range(1000):
            open_.enter_context(socket.create_connection(("127.0.0.1", guard.port), 5, ("127.0.0.8", 0)))
        yield


ATTACKS = {
    "hostile bodies": (40, replace(POST, body=HOSTILE)),
    "small hostile bodies": (40, replace(POST, body=HOSTILE[:9000].rpartition(b",")[0] + b"]}")),
    "a flood of calls": (100, call("GET", "/ocpi/2.2.1/receiver/locations", CPO)),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_partner_beside_an_attacker_is_always_served(tmp_path: Path, name: str) -> None:
    """Calls of another partner from another address, beside a thousand silent connections of a stranger."""
    with _guard(tmp_path, rate=CPO.requests_per_minute) as guard:
        _attack(guard, name)


def _attack(guard: Guard, name: str) -> None:
    alone = guard.load(GET, 4, 3)
    before, began = guard.seconds(), time.monotonic()
    with _silent(guard), _attacked(guard, *ATTACKS[name]) as attacker:
        printed = guard.load(GET, 4)
        assert attacker.stdout is not None
        answers = attacker.stdout.read().strip()
    busy = {
        part: f"{(spent - before[part]) / (time.monotonic() - began):.2f}"
        for part, spent in guard.seconds().items()
    }
    print(
        f"\n{name}: alone {_figures(alone)}; attacked {_figures(printed)}; "
        f"the attacker got {answers}; cores busy {busy}; load {os.getloadavg()[0]:.0f}"
    )
    assert "Non-2xx" not in printed
    assert "Socket errors" not in printed
