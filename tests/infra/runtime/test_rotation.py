"""Rotation with a real Secrets Manager and DynamoDB (emulated), and a partner that speaks OCPI over TLS."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from itertools import count
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
import trustme
from moto.server import ThreadedMotoServer

from hardening.egress.callers import Asked, caller_of, key_secret, signed
from hardening.egress.target import Refused
from hardening.ledger.kept_keys import kept_secrets
from hardening.registry.callback_host import CallbackHost
from hardening.registry.object_version import DIGEST, PLACE, place
from hardening.requests.hop_signature import Hop, hop_secret, key_of, signature
from hardening.requests.samples import EMSP
from hardening.requests.tokens import digest, header
from infra.runtime.egress.caller_keys import SecretKeys
from infra.runtime.functions import partners_file, registry_object
from infra.runtime.functions.caller_keys import key_at
from infra.runtime.functions.hop_keys import HopKeys, current_hop_key
from infra.runtime.functions.rotation import RotationFailed, rotate
from tests.beds.egress_guard import KEYS, running_egress
from tests.beds.http_server import http_server

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
INBOUND, OUTBOUND = (f"rampart/test/{EMSP.name}/{way}" for way in ("inbound", "outbound"))
ROTATION_KEY = key_secret("test", "rotation")
TABLE = "tokens"


@dataclass
class PartnerPlatform:
    """A partner's credentials endpoint: it takes our token, and gives a new one at each PUT."""

    port: int = 0
    accepts: str = "theirs-0"
    given: list[str] = field(default_factory=list)
    status: int = 1000
    redirect: str = ""

    def answer(self, method: str, authorization: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if authorization != header(self.accepts):
            return 401, {"status_code": 2001}
        if method == "PUT" and self.status == 1000:
            self.given.append(json.loads(body)["token"])
            self.accepts = f"theirs-{len(self.given)}"
        return 200, {"status_code": self.status, "data": {"token": self.accepts}}


@pytest.fixture
def partner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PartnerPlatform]:
    platform = PartnerPlatform()

    class Endpoint(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            if platform.redirect:
                self.send_response(307)
                self.send_header("Location", platform.redirect)
                self.end_headers()
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            code, envelope = platform.answer(self.command, self.headers["Authorization"], body)
            text = json.dumps(envelope).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_PUT

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with http_server(Endpoint, context) as server:
        platform.port = server.server_port
        yield platform


@pytest.fixture
def secrets(partner: PartnerPlatform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """An emulated account with the two secrets and the token table; the partner is in the registry."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    urlopen(Request(f"http://127.0.0.1:{port}/moto-api/reset", method="POST")).close()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    for name, value in {
        "RAMPART_ENVIRONMENT": "test",
        "RAMPART_TOKEN_TABLE": TABLE,
        "RAMPART_EGRESS_CALLER": "rotation",
        "RAMPART_OVERLAP_MINUTES": "60",
        "RAMPART_ROTATION_DAYS": "30",
        **published(with_host(partner)),
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("secretsmanager")
    for name in (INBOUND, OUTBOUND):
        client.create_secret(Name=name)
    # As a first rotation in AWS would: the emulator moves no label that no version has.
    key = base64.b64encode(KEYS["rotation"]).decode()
    client.create_secret(Name=ROTATION_KEY, SecretString=key)
    boto3.client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "digest", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "digest", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    elsewhere = {f"localhost:{partner.port}": f"127.0.0.1:{partner.port}"}
    with running_egress(tmp_path, with_host(partner), elsewhere) as egress:
        monkeypatch.setenv("RAMPART_EGRESS_URL", egress.url)
        monkeypatch.setenv("RAMPART_EGRESS_CA", "")
        yield client
    server.stop()


def published(partner: Any) -> dict[str, str]:
    """Put the registry of this one partner where the function is told that it is."""
    text, s3 = partners_file.dump((partner,)), boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="registry")
    s3.put_bucket_versioning(Bucket="registry", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="registry", Key=partners_file.NAME, Body=text.encode())["VersionId"]
    registry_object.own_registry.cache_clear()
    return {
        PLACE: place("registry", partners_file.NAME, version),
        DIGEST: partners_file.digest((partner,)),
    }


def with_host(partner: PartnerPlatform) -> Any:
    return replace(EMSP, callback_hosts=(CallbackHost("localhost", partner.port),))


def rotated(name: str, version: str) -> None:
    for step in STEPS:
        rotate({"Step": step, "SecretId": name, "ClientRequestToken": version}, None)


def version(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def current(client: Any, name: str) -> dict[str, Any]:
    # The stage is named: the emulator forgets that no stage means this one.
    found = client.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")
    value: dict[str, Any] = json.loads(found["SecretString"])
    return value


def known(token: str) -> dict[str, Any]:
    key = {"digest": {"S": digest(token)}}
    item = boto3.client("dynamodb").get_item(TableName=TABLE, Key=key).get("Item", {})
    return {name: next(iter(value.values())) for name, value in item.items()}


def register(client: Any, partner: PartnerPlatform) -> None:
    url = f"https://localhost:{partner.port}/ocpi/2.2.1/credentials"
    value = {"token": partner.accepts, "url": url, "ours": {"url": "https://us/ocpi/versions", "roles": []}}
    client.put_secret_value(SecretId=OUTBOUND, SecretString=json.dumps(value))


def test_before_registration_a_registration_token_is_made_and_changed_without_the_partner(
    secrets: Any, partner: PartnerPlatform
) -> None:
    rotated(INBOUND, version(1))
    first = current(secrets, INBOUND)["token"]
    assert known(first)["kind"] == "A"
    rotated(INBOUND, version(2))
    second = current(secrets, INBOUND)["token"]
    assert second != first
    assert known(second)["state"] == "active"
    assert known(first)["state"] == "retiring"
    assert partner.given == []


def at_registration(client: Any) -> str:
    found = client.get_secret_value(SecretId=INBOUND, VersionStage="REGISTRATION")
    return str(json.loads(found["SecretString"])["token"])


def test_the_registration_stage_holds_the_token_that_only_registers_and_never_one_in_use(
    secrets: Any, partner: PartnerPlatform
) -> None:
    for number in (1, 2):
        rotated(INBOUND, version(number))
        assert at_registration(secrets) == current(secrets, INBOUND)["token"]
        assert known(at_registration(secrets))["kind"] == "A"
    before = at_registration(secrets)
    register(secrets, partner)
    rotated(INBOUND, version(3))
    assert at_registration(secrets) == before != current(secrets, INBOUND)["token"]


def test_a_registered_partner_gets_the_new_token_and_the_old_one_retires_within_the_overlap(
    secrets: Any, partner: PartnerPlatform
) -> None:
    register(secrets, partner)
    rotated(INBOUND, version(1))
    rotated(INBOUND, version(2))
    old, new = partner.given
    assert current(secrets, INBOUND)["token"] == new
    assert known(new)["kind"] == "C"
    assert known(new)["state"] == "active"
    assert known(old)["state"] == "retiring"
    assert int(known(old)["expires"]) - datetime.now(UTC).timestamp() <= 3600
    assert current(secrets, OUTBOUND)["token"] == partner.accepts == "theirs-2"


def test_an_outbound_token_is_asked_for_tried_and_only_then_used(
    secrets: Any, partner: PartnerPlatform
) -> None:
    register(secrets, partner)
    rotated(INBOUND, version(1))
    before = current(secrets, OUTBOUND)["token"]
    rotated(OUTBOUND, version(3))
    assert current(secrets, OUTBOUND)["token"] == partner.accepts
    assert current(secrets, OUTBOUND)["token"] != before


def test_a_step_that_is_tried_again_makes_no_second_token(secrets: Any, partner: PartnerPlatform) -> None:
    register(secrets, partner)
    rotated(INBOUND, version(1))
    asked = len(partner.given)
    for _ in range(2):
        rotate({"Step": "createSecret", "SecretId": OUTBOUND, "ClientRequestToken": version(4)}, None)
    assert len(partner.given) == asked + 1
    rotated(OUTBOUND, version(4))
    rotated(OUTBOUND, version(4))
    assert len(partner.given) == asked + 1


def test_a_partner_that_refuses_leaves_the_current_token_in_use(
    secrets: Any, partner: PartnerPlatform
) -> None:
    register(secrets, partner)
    rotated(INBOUND, version(1))
    before = current(secrets, INBOUND)["token"]
    partner.status = 3001
    with pytest.raises(RotationFailed, match="rolled back: OCPI status 3001"):
        rotated(INBOUND, version(2))
    assert current(secrets, INBOUND)["token"] == before
    assert known(before)["state"] == "active"


def test_a_revoked_token_stays_revoked_when_its_rotation_ends(secrets: Any, partner: PartnerPlatform) -> None:
    rotated(INBOUND, version(1))
    old = current(secrets, INBOUND)["token"]
    boto3.client("dynamodb").update_item(
        TableName=TABLE,
        Key={"digest": {"S": digest(old)}},
        UpdateExpression="SET #state = :revoked",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":revoked": {"S": "revoked"}},
    )
    rotated(INBOUND, version(2))
    assert known(old)["state"] == "revoked"


def test_an_outbound_secret_of_an_unregistered_partner_says_so(
    secrets: Any, partner: PartnerPlatform
) -> None:
    with pytest.raises(RotationFailed, match="not registered yet"):
        rotated(OUTBOUND, version(1))


def test_a_secret_of_somebody_else_is_not_touched(secrets: Any, partner: PartnerPlatform) -> None:
    secrets.create_secret(Name="rampart/test/stranger/inbound")
    with pytest.raises(LookupError, match="no partner of this environment"):
        rotated("rampart/test/stranger/inbound", version(1))


def test_a_callers_key_is_made_anew_and_the_rotation_goes_on_with_it(
    secrets: Any, partner: PartnerPlatform
) -> None:
    rotated(ROTATION_KEY, version(1))
    assert (
        key_at(secrets, ROTATION_KEY, "AWSPREVIOUS")
        == KEYS["rotation"]
        != key_at(secrets, ROTATION_KEY, "AWSCURRENT")
    )
    assert len(key_at(secrets, ROTATION_KEY, "AWSCURRENT")) == 32
    again = key_at(secrets, ROTATION_KEY, "AWSCURRENT")
    rotate({"Step": "createSecret", "SecretId": ROTATION_KEY, "ClientRequestToken": version(1)}, None)
    assert key_at(secrets, ROTATION_KEY, "AWSCURRENT") == again, (
        "a step that is tried again makes no other key"
    )
    register(secrets, partner)
    with pytest.raises(RotationFailed, match="not this call's"):
        rotated(INBOUND, version(2))  # this egress guard knows the first key only
    assert partner.given == []


def test_the_egress_guard_hears_a_caller_with_its_new_key_at_once_and_with_its_old_one_no_more(
    secrets: Any,
) -> None:
    clock = [0.0]
    keys = SecretKeys(secrets, "test", lambda: clock[0])
    call = Asked("GET", f"/{EMSP.name}/ocpi.emsp.example/ocpi", {})

    def heard(key: bytes, newer: bool) -> bool:
        asked = replace(call, headers=signed("rotation", key, call, 0))
        try:
            return caller_of(asyncio.run(keys(newer)), asked, 0).changes_tokens
        except Refused:
            return False

    old = KEYS["rotation"]
    assert heard(old, newer=False)
    assert "credentials" not in asyncio.run(keys(False)), "who has no key yet is nobody"
    rotate({"Step": "createSecret", "SecretId": ROTATION_KEY, "ClientRequestToken": version(1)}, None)
    new = key_of(secrets.get_secret_value(SecretId=ROTATION_KEY, VersionId=version(1))["SecretString"])
    assert not heard(new, newer=True), "a wrong key cannot make it look more than once a second"
    clock[0] = 1.0
    assert heard(new, newer=True)
    assert heard(old, newer=False)
    rotated(ROTATION_KEY, version(1))
    assert heard(old, newer=False)
    clock[0] = 61.0
    assert not heard(old, newer=False)
    assert heard(new, newer=False)


def test_a_malformed_key_of_one_caller_costs_no_other_caller(secrets: Any) -> None:
    secrets.create_secret(Name=key_secret("test", "credentials"), SecretString="no key")
    known = asyncio.run(SecretKeys(secrets, "test")(False))
    assert {name: caller.keys for name, caller in known.items()} == {"rotation": (KEYS["rotation"],)}


def test_the_key_of_the_hop_is_made_and_renewed_without_a_call_that_is_not_believed(secrets: Any) -> None:
    """At each step, what any task of the guard may sign with is believed by a service that looked before."""
    name = hop_secret("test")
    secrets.create_secret(Name=name)
    assert current_hop_key(secrets, name) == b""
    rotated(name, version(1))
    first = current_hop_key(secrets, name)
    service = HopKeys(secrets, name, clock=count(step=2).__next__)
    hop = Hop(method="GET", target="/ocpi/versions", partner=EMSP.name, kind="C")
    assert service.made(hop, signature(first, hop, 0), 0)
    for step in STEPS:
        rotate({"Step": step, "SecretId": name, "ClientRequestToken": version(2)}, None)
        now = current_hop_key(secrets, name)
        assert service.made(hop, signature(now, hop, 0), 0)
        assert service.made(hop, signature(first, hop, 0), 0)
    assert now != first
    fresh = HopKeys(secrets, name)
    assert fresh.made(hop, signature(first, hop, 0), 0), "a guard that has not looked yet"
    rotated(name, version(3))
    assert not HopKeys(secrets, name).made(hop, signature(first, hop, 0), 0)


def test_a_key_that_is_kept_is_made_once_and_each_rotation_keeps_it(secrets: Any) -> None:
    for name in kept_secrets("test"):
        secrets.create_secret(Name=name)
        assert key_at(secrets, name, "AWSCURRENT") == b""
        rotated(name, version(1))
        first = key_at(secrets, name, "AWSCURRENT")
        assert len(first) == 32
        rotated(name, version(2))
        assert key_at(secrets, name, "AWSCURRENT") == first
    made = [key_at(secrets, name, "AWSCURRENT") for name in kept_secrets("test")]
    assert made[0] != made[1]


def test_a_kept_key_that_cannot_be_read_is_an_error_and_no_reason_for_another(secrets: Any) -> None:
    (name, _) = kept_secrets("test")
    secrets.create_secret(Name=name, SecretString="no key")
    with pytest.raises(ValueError, match="Base64"):
        rotated(name, version(1))
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "no key"


def test_a_retired_key_of_the_hop_counts_for_a_minute_at_most(secrets: Any) -> None:
    name = hop_secret("test")
    secrets.create_secret(Name=name)
    rotated(name, version(1))
    retired = current_hop_key(secrets, name)
    seconds = [0.0]
    service = HopKeys(secrets, name, clock=lambda: seconds[0])
    hop = Hop(method="GET", target="/ocpi/versions", partner=EMSP.name, kind="C")
    assert service.made(hop, signature(retired, hop, 0), 0)
    rotated(name, version(2))
    rotated(name, version(3))
    seconds[0] = 59.0
    assert service.made(hop, signature(retired, hop, 0), 0)
    seconds[0] = 60.0
    assert not service.made(hop, signature(retired, hop, 0), 0)


def test_a_stranger_makes_the_service_look_for_keys_once_a_second_at_most(secrets: Any) -> None:
    name = hop_secret("test")
    secrets.create_secret(Name=name)
    rotated(name, version(1))
    seconds = [0.0]
    service = HopKeys(secrets, name, clock=lambda: seconds[0])
    asked: list[Any] = []
    secrets.meta.events.register("before-call.secrets-manager.GetSecretValue", lambda **_: asked.append(1))
    hop = Hop(method="GET", target="/ocpi/versions", partner=EMSP.name, kind="C")
    for _ in range(5):
        assert not service.made(hop, signature(b"x" * 32, hop, 0), 0)
    assert len(asked) == 3, "one for each stage"
    seconds[0] = 1.0
    service.made(hop, "t=0;v1=" + "0" * 64, 0)
    assert len(asked) == 6
