"""`rampart guard log` finds the guard's decisions in files and in CloudWatch, and shows no secret."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from click.testing import CliRunner, Result
from moto.server import ThreadedMotoServer

from hardening.errors import CollectError, ConfigError
from hardening.requests import tokens
from hardening.requests.policy import decide
from hardening.requests.request import Request
from hardening.requests.samples import CPO, EMSP, call, sample_token
from infra.runtime.guard.log_command import log
from infra.runtime.policy_service.decision_log import entry

KEY = b"k" * 32
NOW = datetime.now(UTC)
SERVED = call("GET", "/ocpi/2.2.1/sender/locations")
REFUSED = call("GET", "/ocpi/2.2.1/sender/hubclientinfo")
OTHERS = call("GET", "/ocpi/2.2.1/receiver/locations/DE/CPX/LOC-1", CPO)


def _line(request: Request, hours: float = 0.0) -> str:
    event = entry(request, decide(request), 0.0021, KEY)
    return json.dumps({**event, "time": int((NOW - timedelta(hours=hours)).timestamp() * 1000)})


LINES = (
    '{"level":"info","event":"serving"}',
    "no JSON",
    "[]",
    '{"class_uid":6003}',
    _line(SERVED, 5),
    _line(SERVED),
    _line(REFUSED),
    _line(OTHERS),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "guard.log"
    written.write_text("\n".join(LINES), encoding="utf-8")
    return written


def _run(*words: str) -> Result:
    return CliRunner().invoke(log, words, catch_exceptions=True)


def test_a_partners_calls_of_the_last_hour_are_shown(file: Path) -> None:
    shown = _run("--partner", EMSP.name, "--since", "1h", "--file", str(file))
    assert shown.exit_code == 0
    served, refused = shown.stdout.splitlines()
    assert "GET /ocpi/2.2.1/sender/locations  200  allowed  2.1 ms" in served
    assert "GET /ocpi/2.2.1/sender/hubclientinfo  403  module-contracted" in refused
    assert SERVED.headers["x-correlation-id"] in served


def test_refused_calls_and_longer_times_can_be_asked_for(file: Path) -> None:
    assert len(_run("--since", "1d", "--file", str(file)).stdout.splitlines()) == 4
    assert len(_run("--since", "1h", "--file", str(file)).stdout.splitlines()) == 3
    [refused] = _run("--refused", "--partner", EMSP.name, "--file", str(file)).stdout.splitlines()
    assert "module-contracted" in refused


def test_as_jsonl_the_events_are_those_of_ocsf(file: Path) -> None:
    [line] = _run(
        "--format", "jsonl", "--refused", "--partner", EMSP.name, "--file", str(file)
    ).stdout.splitlines()
    event = json.loads(line)
    assert (event["class_uid"], event["category_uid"], event["type_uid"]) == (6003, 6, 600302)
    assert (event["status_id"], event["action_id"], event["disposition_id"]) == (2, 2, 2)
    assert event["policy"] == {"uid": "module-contracted"}
    for required in ("activity_id", "actor", "api", "metadata", "severity_id", "src_endpoint", "time"):
        assert required in event


def test_a_call_that_was_let_through_is_a_success_in_each_of_ocsfs_words() -> None:
    event = entry(SERVED, decide(SERVED), 0.0, KEY)
    assert (event["status_id"], event["action_id"], event["disposition_id"]) == (1, 1, 1)
    assert (event["severity_id"], "policy" in event, "status_detail" in event) == (1, False, False)
    refused = entry(REFUSED, decide(REFUSED), 0.0, KEY)
    assert (refused["severity_id"], refused["unmapped"]["event"]) == (2, "refused")


def test_a_fingerprint_knows_a_token_again_and_is_nothing_without_the_key() -> None:
    def fingerprint(request: Request, key: bytes) -> str:
        return str(entry(request, decide(request), 0.0, key)["unmapped"]["token_fingerprint"])

    assert fingerprint(SERVED, KEY) == fingerprint(REFUSED, KEY) != fingerprint(OTHERS, KEY)
    assert fingerprint(SERVED, KEY) != fingerprint(SERVED, b"x" * 32)
    assert fingerprint(SERVED, KEY) not in tokens.digest(sample_token(EMSP))
    assert fingerprint(SERVED, b"") == ""
    assert fingerprint(replace(SERVED, headers={}), KEY) == ""


def test_a_line_says_whether_its_fingerprint_can_be_compared_and_not_by_which_key() -> None:
    def of_key(request: Request, key: bytes) -> str:
        return str(entry(request, decide(request), 0.0, key)["unmapped"]["fingerprint_key"])

    assert of_key(SERVED, KEY) == of_key(OTHERS, KEY) != of_key(SERVED, b"x" * 32)
    assert of_key(SERVED, KEY) not in KEY.hex()
    assert of_key(SERVED, b"") == ""


def test_no_secret_stands_in_an_entry() -> None:
    put = call("PUT", "/ocpi/2.2.1/receiver/tokens/NL/EMX/04A2B3C4", EMSP, {"uid": "04A2B3C4"})
    written = json.dumps(entry(put, decide(put), 0.0, KEY))
    for secret in ("04A2B3C4", sample_token(EMSP), tokens.encoded(sample_token(EMSP))):
        assert secret not in written


@pytest.mark.parametrize(
    "words",
    [
        ("--since", "1w", "--file", "x"),
        ("--since", "0h", "--file", "x"),
        ("--since", "999999d", "--file", "x"),
        (),
        ("--file", "x", "--log-group", "y"),
    ],
)
def test_a_wrong_option_is_a_line(words: tuple[str, ...]) -> None:
    assert isinstance(_run(*words).exception, ConfigError)


def test_a_file_of_something_else_is_said_to_hold_no_decisions(file: Path, tmp_path: Path) -> None:
    """Nothing found in the wrong file looks like nothing refused."""
    other = tmp_path / "other.log"
    other.write_text("\n".join(LINES[:4]), encoding="utf-8")
    hint = "no line of --file is a decision of the guard"
    assert hint in _run("--file", str(other)).stderr
    assert hint not in _run("--file", str(file), "--partner", "nobody").stderr


def test_a_file_that_is_missing_is_a_line(tmp_path: Path) -> None:
    assert isinstance(_run("--file", str(tmp_path / "none")).exception, ConfigError)


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": f"http://{host}:{port}",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
    }.items():
        monkeypatch.setenv(name, value)
    logs = boto3.session.Session().client("logs")
    logs.create_log_group(logGroupName="guard")
    logs.create_log_stream(logGroupName="guard", logStreamName="one")
    events = [{"timestamp": int(time.time() * 1000), "message": line} for line in LINES]
    logs.put_log_events(logGroupName="guard", logStreamName="one", logEvents=events)
    yield "guard"
    server.stop()


def test_the_same_is_read_from_cloudwatch(cloudwatch: str, file: Path) -> None:
    words = ("--partner", EMSP.name, "--since", "1h")
    assert _run(*words, "--log-group", cloudwatch).stdout == _run(*words, "--file", str(file)).stdout
    assert isinstance(_run("--log-group", "none").exception, CollectError)
