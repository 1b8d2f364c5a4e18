"""The probe tells a gateway that refuses what it must from one that does not, or that refuses everything."""

from __future__ import annotations

import json
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hardening.checks import Check, Status, checks_in
from hardening.cli import rampart
from hardening.requests import tokens
from hardening.requests.policy import request_checks
from hardening.requests.samples import PARTNERS, TOKEN_KINDS
from infra.lab.certificates import SERVER_NAME, make_certificates
from infra.lab.ports import free_port
from scanners.probe import checks
from scanners.probe.scan import scan
from scanners.probe.wire import open_gateway
from scanners.target import Target
from tests.beds.gateway import GatewayBed, gateway_bed
from tests.beds.http_server import http_server

EXCHANGE_CHECKS = checks_in(checks)
# How often a control was asked: each case of a request check is replayed once.
REPLAYED = Counter(check.name for check in request_checks() for _ in check.bad)


@pytest.mark.parametrize("check", EXCHANGE_CHECKS, ids=lambda check: check.name)
def test_every_exchange_check_passes_its_good_and_fails_its_bad_answer(check: Check[Any]) -> None:
    assert {finding.status for finding in check.run(check.good)} == {Status.PASS}
    for case, bad in check.bad.items():
        assert Status.FAIL in {finding.status for finding in check.run(bad)}, case


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBed]:
    with gateway_bed(tmp_path_factory.mktemp("gateway")) as up:
        yield up


def test_the_labs_gateway_refuses_what_is_forbidden_and_serves_what_was_contracted(
    bed: GatewayBed,
) -> None:
    findings = scan(bed.target).findings
    assert [f for f in findings if f.status is not Status.PASS] == []
    asked = Counter(finding.check for finding in findings)
    assert all(asked[name] == count for name, count in REPLAYED.items())
    assert all(asked[check.name] > 0 for check in EXCHANGE_CHECKS)


def test_the_guard_and_nothing_behind_it_refuses_each_call_for_its_own_control(bed: GatewayBed) -> None:
    """The policy service's log names the control; a few calls are refused by Envoy before it is asked.

    What was not agreed is not read leniently at all: its edition's rules refuse it.
    """
    scan(bed.target)
    lines = [json.loads(line) for line in bed.logs().splitlines() if line.startswith("{")]
    logged = {line.get("policy", {}).get("uid") for line in lines}
    by_others = {"no-plaintext-call", "leniency-is-agreed"}
    assert {check.control for check in request_checks()} - by_others <= logged


def test_the_evidence_holds_no_token_and_no_card(bed: GatewayBed) -> None:
    evidence = scan(bed.target).subjects["exchanges.json"]
    for token in json.loads(Path(bed.target.tokens_file).read_text(encoding="utf-8")).values():
        assert token not in evidence
        assert tokens.encoded(token) not in evidence
    assert "CARD-1" not in evidence
    assert len(json.loads(evidence)) >= len(request_checks())


def test_a_missing_token_is_not_verified_rather_than_refused(bed: GatewayBed, tmp_path: Path) -> None:
    known = json.loads(Path(bed.target.tokens_file).read_text(encoding="utf-8"))
    fewer = tmp_path / "tokens.json"
    fewer.write_text(json.dumps({k: v for k, v in known.items() if k != "example-emsp:revoked"}))
    findings = scan(replace(bed.target, tokens_file=str(fewer))).findings
    [revoked] = [finding for finding in findings if finding.control == "token-not-revoked"]
    assert revoked.status is Status.ERROR
    assert "example-emsp:revoked" in revoked.detail


def test_a_gateway_with_another_certificate_is_not_verified(bed: GatewayBed, tmp_path: Path) -> None:
    foreign = make_certificates(tmp_path / "foreign")
    findings = scan(replace(bed.target, ca_file=str(foreign.ca_file))).findings
    assert {finding.status for finding in findings} == {Status.ERROR}


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def _stub(folder: Path, answer: Answer) -> Iterator[Target]:
    """A TLS server that answers every call with `answer`, and a target that points at it."""
    certificates = make_certificates(folder)

    class Stub(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            answer(self)
            self.close_connection = True

        do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.of["gateway"].chain_file, certificates.of["gateway"].key_file)
    known = {
        partner.name if kind == "current" else f"{partner.name}:{kind}": tokens.issue()
        for partner in PARTNERS
        for kind in TOKEN_KINDS
    }
    tokens_file = folder / "tokens.json"
    tokens_file.write_text(json.dumps(known))
    with http_server(Stub, context) as server:
        yield Target(
            name="stub",
            stack_file="",
            region="eu-central-1",
            gateway=f"127.0.0.1:{server.server_port}",
            server_name=SERVER_NAME,
            ca_file=str(certificates.ca_file),
            tokens_file=str(tokens_file),
        )


def _send(stub: BaseHTTPRequestHandler, status: int, body: object) -> None:
    content = json.dumps(body).encode()
    stub.send_response(status)
    stub.send_header("content-length", str(len(content)))
    stub.end_headers()
    stub.wfile.write(content)


def _replays(target: Target) -> list[Any]:
    return [finding for finding in scan(target).findings if finding.check in REPLAYED]


def test_a_gateway_that_serves_everything_fails_every_replay(tmp_path: Path) -> None:
    envelope = {"status_code": 1000, "timestamp": "2026-01-15T12:00:00Z", "data": []}
    with _stub(tmp_path, lambda stub: _send(stub, 200, envelope)) as target:
        replays = _replays(target)
    served = [finding for finding in replays if finding.status is Status.FAIL]
    assert {finding.control for finding in replays} - {finding.control for finding in served} == {
        "no-plaintext-call"  # its port speaks TLS only
    }


def test_a_gateway_that_refuses_everything_proves_nothing(tmp_path: Path) -> None:
    with _stub(tmp_path, lambda stub: _send(stub, 403, {"status_code": 2000})) as target:
        findings = scan(target).findings
    replays = [finding for finding in findings if finding.check in REPLAYED]
    assert {finding.status for finding in replays} == {Status.ERROR}
    assert "proves nothing" in replays[0].detail
    serves = [finding for finding in findings if finding.control == "gateway-serves-contracted-calls"]
    assert {finding.status for finding in serves} == {Status.FAIL}


def test_an_error_of_the_service_behind_is_not_a_refusal_of_the_guard(tmp_path: Path) -> None:
    """A 404 of the OCPI service means that the guard let the call through."""

    def answer(stub: BaseHTTPRequestHandler) -> None:
        contracted = stub.command == "GET" and "token" in stub.headers.get("authorization", "").lower()
        if (contracted and "/sender/locations?limit" in stub.path) or (contracted and stub.path in _SERVED):
            _send(stub, 200, {"status_code": 1000, "timestamp": "2026-01-15T12:00:00Z", "data": []})
        else:
            _send(stub, 404, {"status_code": 2003, "status_message": "unknown location"})

    with _stub(tmp_path, answer) as target:
        replays = _replays(target)
    assert {f.status for f in replays if f.control == "module-contracted"} == {Status.FAIL}


_SERVED = ("/ocpi/versions", "/ocpi/2.2.1", "/ocpi/2.2.1/sender/tariffs/", "/ocpi/2.2.1/sender/tokens")


def test_a_gateway_that_is_not_there_is_an_error_for_every_control_and_exit_3(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    (tmp_path / "tokens.json").write_text(json.dumps({p.name: tokens.issue() for p in PARTNERS}))
    target = {
        "name": "nowhere",
        "stack_file": "",
        "region": "eu-central-1",
        "gateway": f"127.0.0.1:{free_port()}",
        "server_name": SERVER_NAME,
        "ca_file": str(certificates.ca_file),
        "tokens_file": str(tmp_path / "tokens.json"),
    }
    findings = scan(Target(**target)).findings
    assert {finding.status for finding in findings} == {Status.ERROR}
    controls = {check.control for check in (*request_checks(), *EXCHANGE_CHECKS)}
    assert {finding.control for finding in findings} == controls
    file = tmp_path / "target.json"
    file.write_text(json.dumps(target))
    result = CliRunner().invoke(rampart, ["audit", "probe", "--target", str(file)], standalone_mode=False)
    assert result.return_value == 3


def test_a_gateway_that_never_answers_is_an_error_in_bounded_time(
    tmp_path: Path,
) -> None:
    certificates = make_certificates(tmp_path)
    (tmp_path / "tokens.json").write_text(json.dumps({p.name: tokens.issue() for p in PARTNERS}))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = Target(
            name="silent",
            stack_file="",
            region="eu-central-1",
            gateway=f"127.0.0.1:{silent.getsockname()[1]}",
            server_name=SERVER_NAME,
            ca_file=str(certificates.ca_file),
            tokens_file=str(tmp_path / "tokens.json"),
        )
        findings = scan(target, patience=0.5).findings
    assert {finding.status for finding in findings} == {Status.ERROR}
    assert all("does not answer" in finding.detail for finding in findings)


@pytest.mark.parametrize("gateway", ["", "nowhere", "127.0.0.1:", ":x", "host:port"])
def test_a_target_that_names_no_gateway_is_an_error_for_every_control(gateway: str) -> None:
    target = Target(name="none", stack_file="", region="eu-central-1", gateway=gateway)
    findings = scan(target).findings
    assert findings
    assert {finding.status for finding in findings} == {Status.ERROR}


def test_a_gateways_description_shows_no_token(tmp_path: Path) -> None:
    with _stub(tmp_path, lambda stub: _send(stub, 200, {})) as target:
        gateway = open_gateway(target)
        assert not any(token in repr(gateway) for token in gateway.tokens.values())
