"""Acceptance on AWS, against an emulated account: what arrives is seen, what does not arrive is not."""

from __future__ import annotations

import json
import ssl
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from hardening.errors import CollectError
from hardening.registry.reader import read_registry
from hardening.requests import tokens
from infra.acceptance.__main__ import accept
from infra.lab.certificates import make_certificates
from infra.lab.credentials_exchange import VERSION
from infra.lab.forbidden_calls import forbidden_calls
from tests.own_stack import ROOT

REGION = "eu-central-1"
PARTNER = next(one for one in read_registry(ROOT / "partners") if VERSION in one.versions)
TOKEN = tokens.issue()
ACCESS, GUARD, FIREWALL, TRAIL = "access", "/rampart/test/guard", "aws-waf-logs-x", "trail"
ALARM, SECRET = "rampart-test-unauthorized", f"rampart/{PARTNER.environment}/{PARTNER.name}/inbound"
REFUSALS = {one.path: one for one in forbidden_calls(PARTNER) if one.is_partner}


class Gateway(BaseHTTPRequestHandler):
    """A gateway with its logs, as AWS keeps them: `delivered` are the groups that lines arrive in."""

    delivered: tuple[str, ...] = ()

    def do_GET(self) -> None:
        own, theirs = str(uuid.uuid4()), str(self.headers["X-Request-ID"])
        outcome, through = self._outcome()
        status, _, ocpi = outcome.partition("/")
        body = json.dumps({"status_code": int(ocpi)}).encode()
        for group, line in ((ACCESS, own), (FIREWALL, theirs), *([(GUARD, theirs)] if through else [])):
            if group in self.delivered:
                write(group, line)
        self.send_response(int(status))
        self.send_header("x-amzn-RequestId", own)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _outcome(self) -> tuple[str, bool]:
        if self.headers["Authorization"] != tokens.header(TOKEN, PARTNER.auth_encoding):
            return "401/2000", False
        refusal = REFUSALS.get(self.path)
        return (refusal.guard, refusal.authorizer == "allowed") if refusal else ("200/1000", True)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def write(group: str, line: str) -> None:
    event = {"timestamp": int(time.time() * 1000), "message": json.dumps({"id": line})}
    boto3.client("logs", region_name=REGION).put_log_events(
        logGroupName=group, logStreamName="s", logEvents=[event]
    )


@pytest.fixture(scope="module")
def account() -> Iterator[None]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_MAX_ATTEMPTS", "1")
        logs = boto3.client("logs", region_name=REGION)
        for group in (ACCESS, GUARD, FIREWALL, TRAIL):
            logs.create_log_group(logGroupName=group)
            logs.create_log_stream(logGroupName=group, logStreamName="s")
        boto3.client("cloudwatch", region_name=REGION).put_metric_alarm(
            AlarmName=ALARM,
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            MetricName="m",
            Namespace="n",
            Period=60,
            Statistic="Sum",
            Threshold=1,
        )
        boto3.client("secretsmanager", region_name=REGION).create_secret(Name=SECRET, SecretString="x")
        yield
    server.stop()


def export(folder: Path) -> Path:
    def one(kind: str, title: str, **inputs: Any) -> dict[str, Any]:
        urn = f"urn:pulumi:test::rampart::{kind}::{title}"
        return {"type": kind, "urn": urn, "id": title, "inputs": inputs}

    arn = f"arn:aws:logs:{REGION}:123456789012:log-group:"
    resources = [
        one("aws:apigateway/stage:Stage", "live", accessLogSettings={"destinationArn": arn + ACCESS}),
        one("aws:cloudwatch/logGroup:LogGroup", "waf", name=FIREWALL),
        one("aws:cloudwatch/logGroup:LogGroup", "guard", name=GUARD),
        one(
            "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
            "ocpi",
            logDestinationConfigs=[arn + FIREWALL],
        ),
        one("aws:cloudtrail/trail:Trail", "trail", cloudWatchLogsGroupArn=f"{arn}{TRAIL}:*"),
        one("aws:cloudwatch/metricAlarm:MetricAlarm", "unauthorized", name=ALARM),
    ]
    file = folder / "stack.json"
    file.write_text(json.dumps({"deployment": {"resources": resources}}), encoding="utf-8")
    return file


def run(folder: Path, delivered: tuple[str, ...]) -> dict[str, list[tuple[str, str | None, str]]]:
    """What was wanted, seen, and why it could not be seen, of each control."""
    made = make_certificates(folder)
    handler = type("Served", (Gateway,), {"delivered": delivered})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.of["gateway"].chain_file, made.of["gateway"].key_file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (folder / "tokens.json").write_text(json.dumps({PARTNER.name: TOKEN}), encoding="utf-8")
    target = {
        "name": "test",
        "region": REGION,
        "gateway": f"127.0.0.1:{server.server_port}",
        "ca_file": str(made.ca_file),
        "tokens_file": str(folder / "tokens.json"),
        "partners": str(ROOT / "partners"),
        "stack_file": str(export(folder)),
    }
    try:
        steps = accept(target, patience=0.2)["steps"]
    finally:
        server.shutdown()
        server.server_close()
    found: dict[str, list[tuple[str, str | None, str]]] = {}
    for one in steps:
        found.setdefault(one["control"], []).append((one["wanted"], one["seen"], one["reason"]))
    return found


@pytest.mark.usefixtures("account")
def test_what_travels_and_arrives_is_seen_layer_by_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = run(tmp_path, (ACCESS, GUARD, FIREWALL))
    blind = {"alarms-reach-people", "deployed-in-order", "trail-complete"}
    held = {control for control, steps in found.items() if all(wanted == seen for wanted, seen, _ in steps)}
    assert held == set(found) - blind
    assert {"module-contracted", "url-party-belongs-to-partner", "secrets-rotate-monthly"} <= held
    # The emulator has no history of alarms and writes no trail; there is no Pulumi on this PATH.
    assert found["trail-complete"] == [("the call", "nothing", "")]
    assert found["deployed-in-order"] == [("no change", None, "the Pulumi CLI is not on PATH")]
    assert found["alarms-reach-people"][0][1] is None


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("does", "seen", "reason"),
    [
        ('echo \'{"changeSummary": {"same": 200, "read": 2}}\'', "no change", ""),
        ('echo \'{"changeSummary": {"same": 200, "update": 1, "delete": 2}}\'', "3 changes", ""),
        ("echo 'error: no credentials' >&2; exit 255", None, "the preview failed with exit code 255"),
        ("echo '{\"steps\": []}'", None, "the preview does not say what it would change"),
        ("echo 'Previewing update'", None, "the preview does not say what it would change"),
    ],
)
def test_a_preview_that_fails_is_not_one_that_finds_changes(
    does: str, seen: str | None, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "pulumi"
    command.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(tmp_path, (ACCESS, GUARD, FIREWALL))["deployed-in-order"] == [("no change", seen, reason)]


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("lost", "control"),
    [(ACCESS, "api-calls-logged"), (GUARD, "url-party-belongs-to-partner"), (FIREWALL, "firewall-logged")],
)
def test_a_log_in_which_nothing_arrives_is_not_accepted(lost: str, control: str, tmp_path: Path) -> None:
    found = run(tmp_path, tuple(one for one in (ACCESS, GUARD, FIREWALL) if one != lost))
    assert ("the call", "nothing", "") in found[control]


def test_without_a_token_of_a_test_partner_nothing_begins(tmp_path: Path) -> None:
    target = {"tokens_file": str(tmp_path / "none"), "partners": str(ROOT / "partners"), "region": REGION}
    with pytest.raises(CollectError, match="no token of a test partner"):
        accept(target)
