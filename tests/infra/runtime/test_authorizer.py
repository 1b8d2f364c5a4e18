"""The authorizer: from API Gateway's event to a policy, and no way in when something is wrong."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from hardening.registry.object_version import DIGEST, PLACE, place
from hardening.requests.decision import Decision, decide_call
from hardening.requests.samples import EMSP, PARTNERS, SOURCES
from hardening.requests.tokens import digest, header
from infra.compute.function_code import archive, sources
from infra.runtime.functions import authorizer
from infra.runtime.functions.authorizer import Unauthorized, authorize, request_of, respond
from infra.runtime.functions.partners_file import NAME, dump, load
from infra.runtime.functions.partners_file import digest as registry_digest
from infra.runtime.functions.registry_object import own_registry
from infra.runtime.policy_service.stores import MemoryTokenStore, TokenRecord, item

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
CURRENT = "current"
METHOD = "arn:aws:execute-api:eu-central-1:123456789012:api/live/GET/ocpi/2.2.1/sender/locations"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def of_this_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAMPART_ENVIRONMENT", "test")


def record(token: str, state: str = "active", kind: str = "C", partner: str = EMSP.name) -> TokenRecord:
    expires = int((NOW + timedelta(days=1)).timestamp())
    return TokenRecord(digest(token), partner, kind, state, "test", expires)


STORE = MemoryTokenStore([record(CURRENT), record("gone", "revoked"), record("first", kind="A")])
BY_NAME = {partner.name: partner for partner in PARTNERS}


def event(
    token: str | None = CURRENT, path: str = "/ocpi/2.2.1/sender/locations", **more: Any
) -> dict[str, Any]:
    headers = {
        "X-Request-ID": ["r"],
        "X-Correlation-ID": ["c"],
        "X-Forwarded-Proto": ["https"],
        **({} if token is None else {"Authorization": [header(token)]}),
    }
    return {
        "type": "REQUEST",
        "methodArn": METHOD,
        "httpMethod": "GET",
        "path": path,
        "multiValueHeaders": headers,
        "multiValueQueryStringParameters": None,
        "requestContext": {"identity": {"sourceIp": SOURCES[EMSP.name]}},
        **more,
    }


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    request = request_of(asked, STORE, BY_NAME, NOW)
    return respond(request, decide_call(request), asked["methodArn"], "usage-key")


def effect(policy: dict[str, Any]) -> str:
    (statement,) = policy["policyDocument"]["Statement"]
    assert statement["Resource"] == METHOD
    return str(statement["Effect"])


def test_a_partner_with_its_token_may_call_this_method_and_is_metered() -> None:
    policy = answer(event())
    assert effect(policy) == "Allow"
    assert policy["principalId"] == EMSP.name
    assert policy["usageIdentifierKey"] == "usage-key"


def test_a_call_that_is_let_through_is_no_warning_and_a_refused_one_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer(event())
    assert _warnings(caplog) == []
    answer(event(path="/ocpi/2.2.1/sender/hubclientinfo"))
    assert _warnings(caplog) == ["refused"]


def test_a_first_look_that_hangs_leaves_time_for_an_answer() -> None:
    """The function has five seconds, its Lambda's timeout."""
    timing: Any = authorizer._TIMING
    assert timing.connect_timeout + timing.read_timeout < 5
    assert timing.retries == {"total_max_attempts": 2}
    assert effect(answer(event())) == "Allow"


@pytest.mark.parametrize("token", [None, "unknown", "gone", "first"])
def test_who_is_not_recognised_gets_401_as_ocpi_wants(token: str | None) -> None:
    with pytest.raises(Unauthorized, match=r"^Unauthorized$"):
        answer(event(token))


def test_a_second_authorization_header_does_not_hide_behind_the_first() -> None:
    doubled = event()
    doubled["multiValueHeaders"]["Authorization"] = [header("current"), header("other")]
    with pytest.raises(Unauthorized):
        answer(doubled)


def test_a_module_that_was_not_contracted_is_denied() -> None:
    denied = answer(event(path="/ocpi/2.2.1/sender/hubclientinfo"))
    assert effect(denied) == "Deny"
    assert denied["context"]["control"] == "module-contracted"


def test_a_call_from_elsewhere_is_as_unauthorized_as_one_with_an_unknown_token() -> None:
    stranger = event(requestContext={"identity": {"sourceIp": "192.0.2.66"}})
    with pytest.raises(Unauthorized):
        answer(stranger)


def test_a_fault_of_form_goes_on_to_the_guard_which_answers_in_ocpis_words() -> None:
    asked = event()
    del asked["multiValueHeaders"]["X-Request-ID"]
    policy = answer(asked)
    assert effect(policy) == "Allow"
    assert policy["context"]["control"] == "request-ids-present"


@given(st.integers(100, 599), st.sampled_from(["", "a-control"]))
def test_any_refusal_without_a_known_partner_is_401(status: int, control: str) -> None:
    request = request_of(event("unknown"), STORE, BY_NAME, NOW)
    with pytest.raises(Unauthorized):
        respond(request, Decision(False, status, 2000, control), METHOD, "key")


def test_when_the_store_cannot_be_asked_the_call_is_denied(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No table, no partners file, no AWS: whatever is missing, nobody passes."""
    monkeypatch.setenv("RAMPART_TOKEN_TABLE", "tokens")
    policy = authorize(event(), None)
    assert effect(policy) == "Deny"
    assert "usageIdentifierKey" not in policy
    assert CURRENT not in capsys.readouterr().err


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the function finds in AWS: the token table, the declared registry, and a usage key."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    urlopen(Request(f"http://127.0.0.1:{port}/moto-api/reset", method="POST")).close()
    dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3", region_name="us-east-1")
    dynamodb.create_table(
        TableName="tokens",
        KeySchema=[{"AttributeName": "digest", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "digest", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    expires = int((datetime.now(UTC) + timedelta(days=1)).timestamp())
    dynamodb.put_item(TableName="tokens", Item=item(replace(record(CURRENT), expires=expires)))
    s3.create_bucket(Bucket="registry")
    s3.put_bucket_versioning(Bucket="registry", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="registry", Key=NAME, Body=dump(PARTNERS).encode())["VersionId"]
    usage = {"Name": f"/rampart/usage/{EMSP.name}", "Value": "the-usage-key", "Type": "SecureString"}
    boto3.client("ssm").put_parameter(**usage)
    for name, value in {
        "RAMPART_TOKEN_TABLE": "tokens",
        "RAMPART_USAGE_KEYS": "/rampart/usage",
        PLACE: place("registry", NAME, version),
        DIGEST: registry_digest(PARTNERS),
    }.items():
        monkeypatch.setenv(name, value)
    remembered = (authorizer._store, authorizer._partners, authorizer._usage_key, own_registry)
    for one in remembered:
        one.cache_clear()
    yield
    for one in remembered:
        one.cache_clear()
    server.stop()


def _warnings(log: pytest.LogCaptureFixture) -> list[str]:
    return [one.message for one in log.records if one.name == "authorizer"]


@pytest.mark.usefixtures("account")
def test_the_function_finds_token_partner_and_usage_key_in_aws(caplog: pytest.LogCaptureFixture) -> None:
    policy = authorize(event(), None)
    assert (effect(policy), policy["principalId"]) == ("Allow", EMSP.name)
    assert policy["usageIdentifierKey"] == "the-usage-key"
    assert _warnings(caplog) == [], "who is let through is none"
    with pytest.raises(Unauthorized):
        authorize(event("unknown"), None)
    assert _warnings(caplog) == ["refused"]
    denied = authorize(event(path="/ocpi/2.2.1/sender/hubclientinfo"), None)
    assert (effect(denied), denied["principalId"]) == ("Deny", EMSP.name)
    assert "usageIdentifierKey" not in denied


def test_partners_are_the_same_after_json() -> None:
    assert load(dump(PARTNERS)) == PARTNERS


def test_the_archive_is_the_same_for_the_same_sources_and_holds_no_partner() -> None:
    packed, digest = archive()
    assert digest == archive()[1]
    assert set(packed.assets) == set(sources())
    assert not [name for name in packed.assets if "partners.json" in name]


def test_the_archive_runs_with_nothing_but_python_and_boto3(tmp_path: Path) -> None:
    """As Lambda unpacks it: no site-packages but what its runtime brings."""
    bundle, runtime = tmp_path / "functions.zip", tmp_path / "runtime"
    with zipfile.ZipFile(bundle, "w") as packed:
        for name, path in sources().items():
            packed.write(path, name)
    unpacked = tmp_path / "task"
    zipfile.ZipFile(bundle).extractall(unpacked)
    runtime.mkdir()
    site = Path(boto3.__file__).resolve().parent.parent
    for package in ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py"):
        (runtime / package).symlink_to(site / package)
    script = (
        f"import sys; sys.path[:0] = [{str(unpacked)!r}, {str(runtime)!r}]\n"
        "from infra.runtime.functions import authorizer, rotation\n"
        "print(authorizer.authorize.__name__, rotation.rotate.__name__)\n"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.stdout == "authorize rotate\n", run.stderr
