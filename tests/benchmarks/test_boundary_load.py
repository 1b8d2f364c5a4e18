"""What the boundary costs: the standalone guard with it, beside Envoy straight before the same service.

    uv run --group bench pytest tests/benchmarks/test_boundary_load.py -s        (wants `wrk` on the PATH)

Both in one run, on one machine: the ratio is what counts. Every CDR is another one, so each is three writes
to the disk of the ledger.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import which

from hardening.envoy.configuration import EnvoySettings, envoy
from hardening.requests import tokens
from hardening.requests.request import Request
from hardening.requests.sample_messages import CDR
from hardening.requests.samples import CPO, EMSP, call
from infra.lab.gateway import answers, prepare
from infra.lab.ports import free_port
from infra.runtime.guard.envoy import envoy_binary
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from tests.beds.guard import HOP_KEY, issue

WORKERS, SECONDS = 2, 6
PAGE = call("GET", "/ocpi/2.2.1/sender/locations")
ONE_CDR = call("POST", "/ocpi/2.2.1/receiver/cdrs", CPO, CDR)


@contextmanager
def _guards(folder: Path) -> Iterator[dict[str, tuple[int, dict[str, str]]]]:
    """Two gateways over one policy service and one service: the port of each, and the tokens."""
    prepared = prepare(folder, Path("partners"))
    for file in prepared.partners.glob("*.yaml"):
        text = file.read_text().replace("requests_per_minute: 60000", "requests_per_minute: 600000")
        file.write_text(text.replace("requests_per_day: ", "requests_per_day: 9"))
    (folder / "hop.key").write_bytes(HOP_KEY)
    store = SqliteTokenStore(folder / "tokens.sqlite")
    known = {partner.name: issue(store, partner.name) for partner in (CPO, EMSP)}
    first = free_port(2 * WORKERS + 3)
    policy, boundary, service = first, first + WORKERS, first + 2 * WORKERS
    ports = {"off": service + 1, "on": service + 2}
    environment = {
        **os.environ,
        "RAMPART_ENVIRONMENT": "test",
        "RAMPART_PARTNERS": str(prepared.partners),
        "RAMPART_TOKEN_FILE": str(folder / "tokens.sqlite"),
        "RAMPART_POLICY_PORT": str(policy),
        "RAMPART_POLICY_WORKERS": str(WORKERS),
        "RAMPART_HOP_KEY_FILE": str(folder / "hop.key"),
        "RAMPART_SERVICE": f"http://127.0.0.1:{service}",
        "RAMPART_LEDGER_FILE": str(folder / "ledger.sqlite"),
        "RAMPART_PSEUDONYM_KEY_FILE": str(folder / "pseudonym.key"),
        "RAMPART_RECEIPT_KEY_FILE": str(folder / "receipt.pem"),
        "RAMPART_SERVER_NAMES": "ocpi.lab.example",
    }
    gateway = prepared.certificates.of["gateway"]
    settings = EnvoySettings(
        server_names=("*",),
        listen_host="127.0.0.1",
        listen_port=ports["off"],
        certificate_file=str(gateway.chain_file),
        key_file=str(gateway.key_file),
        policy_host="127.0.0.1",
        policy_port=policy,
        policy_workers=WORKERS,
        service_host="127.0.0.1",
        service_port=service,
    )
    on = replace(settings, listen_port=ports["on"], boundary_port=boundary, boundaries=WORKERS)
    commands = [
        [sys.executable, "-m", "infra.runtime.policy_service"],
        [sys.executable, "-m", "tests.benchmarks.fast_service", str(service)],
    ]
    for name, one in (("off", settings), ("on", on)):
        (folder / f"{name}.yaml").write_text(envoy(one))
        quiet = ("--concurrency", "2", "--disable-hot-restart", "--log-level", "error")
        commands.append([str(envoy_binary()), "-c", str(folder / f"{name}.yaml"), *quiet])
    with (folder / "log").open("wb") as log:
        started = [subprocess.Popen(one, env=environment, stdout=log, stderr=log) for one in commands]
        for port in range(boundary, boundary + WORKERS):
            command = [sys.executable, "-m", "infra.runtime.boundary"]
            own = {**environment, "RAMPART_BOUNDARY_PORT": str(port)}
            started.append(subprocess.Popen(command, env=own, stdout=log, stderr=log))
        try:
            for port in ports.values():
                _wait_for(port, str(prepared.certificates.ca_file))
            yield {name: (port, known) for name, port in ports.items()}
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait()


def _wait_for(port: int, ca_file: str) -> None:
    deadline = time.monotonic() + 60
    while answers(port, "/healthz/path", ca_file) != 200 or answers(port, "/healthz", ca_file) != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _load(folder: Path, gateway: tuple[int, dict[str, str]], request: Request) -> tuple[float, str, str]:
    """Calls a second, the 99th percentile, and all that wrk prints. Each CDR has a number of its own."""
    wrk = which("wrk")
    assert wrk, "this benchmark wants wrk on the PATH"
    assert request.credentials is not None
    port, known = gateway
    sent = {**request.headers, "authorization": tokens.header(known[request.credentials.partner.name])}
    script = [f'wrk.method = "{request.method}"']
    script += [f'wrk.headers["{name}"] = "{value}"' for name, value in sent.items()]
    if request.body:
        body = request.body.decode().replace('"CDR-1"', f'"C{port}-%d"').replace('"SES-0"', f'"S{port}-%d"')
        script += [
            "local number = 0",
            "request = function()",
            "  number = number + 1",
            f"  return wrk.format(nil, nil, nil, string.format([[{body}]], number, number))",
            "end",
        ]
    file = folder / "load.lua"
    file.write_text("\n".join(script))
    target = f"https://127.0.0.1:{port}{request.path}"
    command = [wrk, "-t1", "-c32", f"-d{SECONDS}s", "--latency", "-s", str(file), target]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = {line.split()[0]: line.split()[-1] for line in printed.splitlines() if line.strip()}
    return float(lines["Requests/sec:"]), lines["99%"], printed


def test_the_boundary_beside_none(tmp_path: Path) -> None:
    """32 connections; in turns, so both meet the same machine."""
    with _guards(tmp_path) as gateways:
        for name, request in (("a page of 50 locations", PAGE), ("CDRs, each a new one", ONE_CDR)):
            figures = {variant: _load(tmp_path, gateways[variant], request) for variant in ("off", "on")}
            for variant, (rate, last, printed) in figures.items():
                print(f"\n{name}, {variant}: {rate:.0f}/s, p99 {last}; load {os.getloadavg()[0]:.0f}")
                assert "Non-2xx" not in printed, (printed, (tmp_path / "log").read_text()[-2000:])
            print(f"{name}: {figures['on'][0] / figures['off'][0]:.0%} of the plain guard's rate")
