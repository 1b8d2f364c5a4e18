"""A partner's life on AWS by commands: the deployed function makes the exchanges; people read no token."""

from __future__ import annotations

import base64
import json
import shutil
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar
from urllib.request import Request, urlopen

import boto3
import pytest
import trustme
import yaml
from click.testing import CliRunner, Result
from moto.server import ThreadedMotoServer

from hardening.cli import Exit, rampart
from hardening.egress.callers import key_secret
from hardening.errors import CollectError, ConfigError
from hardening.registry.callback_host import CallbackHost
from hardening.registry.object_version import DIGEST, PLACE, place
from hardening.registry.partners import Partner
from hardening.requests.samples import EMSP
from hardening.requests.tokens import digest, presented
from hardening.rotation.connection import INBOUND, OUTBOUND, Connection, Outcome, Stage
from infra.runtime.functions import partners_file, registry_object
from infra.runtime.functions.partner_calls import calls_through
from infra.runtime.functions.rotation import RotationFailed, rotate
from infra.runtime.functions.secrets_vault import SecretsVault
from infra.runtime.policy_service.stores import DynamoTokenStore
from tests.beds.egress_guard import KEYS, running_egress
from tests.beds.http_server import http_server
from tests.beds.ocpi_peer.peer import Peer, running_peer
from tests.infra.runtime.our_side import TERMS, OurSide, answering

ROOT = Path(__file__).resolve().parents[3]
HOST = "ocpi.emsp.example"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
ROLES = [{"role": "CPO", "country_code": "DE", "party_id": "US1", "business_details": {"name": "Us"}}]


class Lambda(BaseHTTPRequestHandler):
    """Lambda's Invoke (API reference): the handler answers, or its error does."""

    busy = False

    def do_POST(self) -> None:
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if type(self).busy:
            self._send(429, {"Type": "User"}, {"X-Amzn-ErrorType": "TooManyRequestsException"})
            return
        assert self.path == "/2015-03-31/functions/rampart-test-rotation/invocations"
        try:
            self._send(200, rotate(event, None))
        except Exception as error:
            told = {"errorType": type(error).__name__, "errorMessage": str(error)}
            self._send(200, told, {"X-Amz-Function-Error": "Unhandled"})

    def _send(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class ReadAndRevoke(BaseHTTPRequestHandler):
    """The token table for a role that may read, and change the attributes `digest` and `state` alone."""

    there = ""
    changed: ClassVar[set[str]] = set()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        action = self.headers["X-Amz-Target"].partition(".")[2]
        if action not in ("GetItem", "Query", "TransactWriteItems"):
            self._send(400, json.dumps({"__type": "AccessDeniedException"}).encode())
            return
        if action == "TransactWriteItems":
            # dynamodb:Attributes holds each attribute that a request names, in conditions too.
            for write in json.loads(body)["TransactItems"]:
                update = write["Update"]
                type(self).changed |= {*update["Key"], *update["ExpressionAttributeNames"].values()}
        asked = Request(self.there, body, dict(self.headers), method="POST")  # noqa: S310  (loopback)
        with urlopen(asked) as answer:  # noqa: S310
            self._send(200, answer.read())

    def _send(self, status: int, text: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class Gateway(BaseHTTPRequestHandler):
    """Takes each token that the table honours, of any kind."""

    def do_GET(self) -> None:
        table = DynamoTokenStore(boto3.client("dynamodb"), "tokens")
        found = [table.find(digest(one.token)) for one in presented(self.headers["Authorization"])]
        known = any(one is not None and one.honoured(datetime.now(UTC)) for one in found)
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@dataclass
class Deployed:
    """The deployed environment, with one partner, the peer."""

    folder: Path
    peer: Peer
    partner: Partner
    us: OurSide

    def run(self, *words: str, **more: Any) -> Result:
        """One command of an operator."""
        where = ["--target", str(self.folder / "target.json"), "--partners", str(self.folder / "partners")]
        return CliRunner().invoke(rampart, [*words, *where], standalone_mode=False, **more)

    def register(self) -> Result:
        """We register with the peer."""
        (self.folder / "theirs").touch(0o600)
        (self.folder / "theirs").write_text("token-a-of-the-peer")
        (self.folder / "roles.json").write_text(json.dumps(ROLES))
        named = ["--url", self.peer.versions, "--token-file", str(self.folder / "theirs")]
        return self.run("token", "register", EMSP.name, *named, "--roles", str(self.folder / "roles.json"))

    def rotates(self, way: str = INBOUND) -> None:
        """What Secrets Manager does when a rotation is due."""
        client, name = boto3.client("secretsmanager"), f"rampart/test/{EMSP.name}/{way}"
        version = f"{way}-{datetime.now(UTC).timestamp():032.6f}"
        for step in STEPS:
            rotate({"SecretId": name, "ClientRequestToken": version, "Step": step}, None)
        # The stage is named: the emulator forgets that no stage means this one.
        found = client.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")
        assert way == OUTBOUND or found["VersionId"] == version

    def both_talk(self) -> bool:
        """Whether each takes the token that the other has."""
        held = self.us.connection.vault.read(OUTBOUND, Stage.CURRENT)
        assert held is not None
        theirs = self.us.connection.call("GET", self.peer.versions, held.token, None).outcome
        return theirs is Outcome.DONE and bool(self.peer.told(act="call")["done"] == 200)


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    emulator = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    emulator.start()
    host, port = emulator.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
    Lambda.busy = False
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with (
        http_server(Lambda) as functions,
        http_server(Gateway, context) as gateway,
        running_peer(tmp_path, HOST, authority) as peer,
    ):
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", f"http://127.0.0.1:{functions.server_port}")
        partner = _partner(tmp_path, peer, gateway.server_port)
        for name, value in _environment(partner).items():
            monkeypatch.setenv(name, value)
        elsewhere = {f"{HOST}:{peer.port}": f"127.0.0.1:{peer.port}"}
        with running_egress(tmp_path, partner, elsewhere) as egress:
            monkeypatch.setenv("RAMPART_EGRESS_URL", egress.url)
            vault = SecretsVault(boto3.client("secretsmanager"), f"rampart/test/{partner.name}")
            records = DynamoTokenStore(boto3.client("dynamodb"), "tokens")
            call = calls_through(egress.as_caller("credentials"), partner)
            us = OurSide(Connection(partner, TERMS, vault, records, call, lambda: datetime.now(UTC)))
            with answering(us):
                peer.told(us=us.url)
                yield Deployed(tmp_path, peer, partner, us)
    emulator.stop()


def _partner(folder: Path, peer: Peer, port: int) -> Partner:
    """The peer as a partner, whose own authority came with the registry; files for the commands."""
    document = yaml.safe_load((ROOT / "partners/example-emsp.yaml").read_text("utf-8"))
    document["callback_hosts"] = [f"{HOST}:{peer.port}"]
    (folder / "partners").mkdir()
    (folder / "partners/example-emsp.yaml").write_text(yaml.safe_dump(document))
    shutil.copy(ROOT / "partners/example-cpo.yaml", folder / "partners")
    table = {
        "type": "aws:dynamodb/table:Table",
        "urn": "urn:pulumi:test::rampart::aws:dynamodb/table:Table::tokens",
        "outputs": {"name": "tokens"},
    }
    (folder / "stack.json").write_text(json.dumps({"deployment": {"resources": [table]}}))
    target = {"name": "test", "stack_file": str(folder / "stack.json"), "region": "eu-central-1"}
    gateway = {"gateway": f"127.0.0.1:{port}", "server_name": "ocpi.us.example", "ca_file": peer.ca_file}
    (folder / "target.json").write_text(json.dumps({**target, **gateway}))
    hosts = (CallbackHost(HOST, peer.port),)
    return replace(EMSP, callback_hosts=hosts, tls_authority=Path(peer.ca_file).read_text())


def _environment(partner: Partner) -> dict[str, str]:
    """What the stack has made, and what the function is told of it."""
    secrets, s3 = boto3.client("secretsmanager"), boto3.client("s3", region_name="us-east-1")
    for way in (INBOUND, OUTBOUND):
        secrets.create_secret(Name=f"rampart/test/{partner.name}/{way}")
    key = base64.b64encode(KEYS["rotation"]).decode()
    secrets.create_secret(Name=key_secret("test", "rotation"), SecretString=key)
    names = ("digest", "partner")
    boto3.client("dynamodb").create_table(
        TableName="tokens",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[{"AttributeName": "digest", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-partner",
                "KeySchema": [{"AttributeName": "partner", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    s3.create_bucket(Bucket="registry")
    s3.put_bucket_versioning(Bucket="registry", VersioningConfiguration={"Status": "Enabled"})
    text = partners_file.dump((partner,)).encode()
    version = s3.put_object(Bucket="registry", Key=partners_file.NAME, Body=text)["VersionId"]
    registry_object.own_registry.cache_clear()
    return {
        "RAMPART_ENVIRONMENT": "test",
        "RAMPART_TOKEN_TABLE": "tokens",
        "RAMPART_OVERLAP_MINUTES": "60",
        "RAMPART_ROTATION_DAYS": "30",
        "RAMPART_EGRESS_CALLER": "rotation",
        "RAMPART_EGRESS_CA": "",
        PLACE: place("registry", partners_file.NAME, version),
        DIGEST: partners_file.digest((partner,)),
    }


def states(deployed: Deployed) -> list[tuple[str, str]]:
    records = DynamoTokenStore(boto3.client("dynamodb"), "tokens")
    return sorted((one.kind, one.state) for one in records.of_partner(EMSP.name))


def test_a_life_from_the_registration_token_to_the_end(deployed: Deployed) -> None:
    # `up` has the first rotation make a token that registers; the operator hands it over.
    deployed.rotates()
    handed = deployed.folder / "for-them"
    done = deployed.run("token", "issue", EMSP.name, "--to-file", str(handed))
    assert done.exception is None, done.output
    assert deployed.us.connection.records.find(digest(handed.read_text().strip())) is not None
    # Here it is we who register.
    done = deployed.register()
    assert done.return_value is Exit.HOLDS, (done.output, done.exception)
    assert "token-a-of-the-peer" not in done.output
    assert deployed.both_talk()
    held = deployed.us.connection.vault.read(OUTBOUND, Stage.CURRENT)
    assert held is not None
    assert held.registered
    assert held.ours == {"url": "https://ocpi.us.example/ocpi/versions", "roles": ROLES}
    # The calendar rotates, and so does a person.
    for way in (INBOUND, OUTBOUND):
        deployed.rotates(way)
        assert deployed.both_talk()
    done = deployed.run("token", "rotate", EMSP.name)
    assert done.return_value is Exit.HOLDS, done.output
    assert deployed.both_talk()
    assert sum(state != "revoked" for _, state in states(deployed)) <= 4
    # The end: revoked here, and told there.
    done = deployed.run("partner", "offboard", EMSP.name, "--reason", "contract ended")
    assert done.return_value is Exit.HOLDS, (done.output, done.exception)
    assert "could not be told" not in done.output
    assert "the gateway refused after" in done.output
    assert {state for _, state in states(deployed)} == {"revoked"}
    assert deployed.peer.told()["registered"] is False
    assert deployed.peer.told(act="call")["done"] == 401
    assert not (deployed.folder / "partners/example-emsp.yaml").exists()


def test_who_may_make_no_token_revokes_all_the_same_and_is_told_what_was_not_verified(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the operator's role: it changes the state of a record, and makes none."""
    deployed.rotates()
    with http_server(ReadAndRevoke) as table:
        ReadAndRevoke.there = str(boto3.client("dynamodb").meta.endpoint_url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{table.server_port}")
        done = deployed.run("token", "revoke", EMSP.name, "--reason", "leaked")
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB")
    assert done.return_value is Exit.UNVERIFIED, (done.output, done.exception)
    assert "revoked, but the gateway was not asked" in done.output
    assert {state for _, state in states(deployed)} == {"revoked"}
    assert ReadAndRevoke.changed == {"digest", "state"}


def test_a_registration_that_the_partner_refuses_leaves_the_token_that_registers(deployed: Deployed) -> None:
    deployed.rotates()
    deployed.peer.told(fault="wrong party")
    done = deployed.register()
    assert done.return_value is Exit.FAILS, (done.output, done.exception)
    assert "NL*EVL" in done.output
    # We are not registered: the next rotation makes a token that registers, and no exchange.
    deployed.rotates()
    assert ("A", "active") in states(deployed)
    assert ("C", "active") not in states(deployed)
    assert boto3.client("secretsmanager").get_secret_value(
        SecretId=f"rampart/test/{EMSP.name}/inbound", VersionStage="REGISTRATION"
    )


@pytest.mark.parametrize("fault", ["500", "drops before it stores"])
def test_a_registration_in_doubt_is_finished_by_the_next_rotation_and_never_shown(
    fault: str, deployed: Deployed
) -> None:
    deployed.rotates()
    handed = _registration(deployed)
    deployed.peer.told(fault=fault)
    assert deployed.register().return_value is Exit.UNVERIFIED
    deployed.rotates()
    assert deployed.both_talk()
    held = deployed.us.connection.vault.read(INBOUND, Stage.CURRENT)
    assert held is not None
    assert held.token != handed
    # The token in use has never the stage that people may read.
    assert _registration(deployed) == handed


def _registration(deployed: Deployed) -> str:
    found = boto3.client("secretsmanager").get_secret_value(
        SecretId=f"rampart/test/{EMSP.name}/inbound", VersionStage="REGISTRATION"
    )
    return str(json.loads(found["SecretString"])["token"])


def test_what_a_person_revoked_is_not_let_in_again_by_the_calendar(deployed: Deployed) -> None:
    deployed.rotates()
    assert deployed.register().return_value is Exit.HOLDS
    deployed.run("token", "revoke", EMSP.name, "--reason", "leaked")
    for way in (INBOUND, OUTBOUND):
        with pytest.raises(RotationFailed, match="revoked: a person lets it in again"):
            deployed.rotates(way)
    assert {state for _, state in states(deployed)} == {"revoked"}
    assert deployed.peer.told(act="call")["done"] == 401
    done = deployed.run("token", "rotate", EMSP.name)
    assert done.return_value is Exit.HOLDS, done.output
    assert deployed.both_talk()


def test_after_the_end_a_partner_can_register_anew(deployed: Deployed) -> None:
    deployed.rotates()
    assert deployed.register().return_value is Exit.HOLDS
    rotate({"Exchange": "end", "Partner": EMSP.name}, None)
    deployed.rotates()
    assert deployed.us.connection.records.find(digest(_registration(deployed)))
    assert ("A", "active") in states(deployed)
    deployed.peer.told(takes=[], token_a="token-a-of-the-peer", registered=False)
    assert deployed.register().return_value is Exit.HOLDS
    assert deployed.both_talk()


def test_a_registration_token_that_is_used_up_is_not_handed_over(deployed: Deployed) -> None:
    missing = deployed.run("token", "issue", EMSP.name, "--to-file", str(deployed.folder / "a"))
    assert isinstance(missing.exception, ConfigError)
    assert "has no registration token" in missing.exception.message
    deployed.rotates()
    deployed.run("token", "revoke", EMSP.name, "--reason", "lost")
    ended = deployed.run("token", "issue", EMSP.name, "--to-file", str(deployed.folder / "a"))
    assert isinstance(ended.exception, ConfigError)
    assert "used up, or has ended" in ended.exception.message
    assert not (deployed.folder / "a").exists()
    for words in (["--kind", "C", "--to-file", str(deployed.folder / "a")], ["--to-secret"]):
        other = deployed.run("token", "issue", EMSP.name, *words)
        assert isinstance(other.exception, ConfigError), words


def test_a_function_that_is_busy_or_fails_is_one_line(deployed: Deployed) -> None:
    deployed.rotates()
    Lambda.busy = True
    busy = deployed.register()
    assert isinstance(busy.exception, CollectError)
    assert "is busy with a rotation" in busy.exception.message
    Lambda.busy = False
    strange = deployed.run("token", "rotate", "example-cpo")
    assert isinstance(strange.exception, CollectError)
    assert "failed (LookupError)" in strange.exception.message


@pytest.mark.parametrize(
    "event",
    [
        {"Exchange": "other"},
        {"Exchange": "register", "Token": "t"},
        {"Exchange": "register", "Ours": {}},
        {"Exchange": "register", "Ours": {"url": "x"}, "Token": ""},
    ],
)
def test_any_other_event_is_refused(event: dict[str, Any], deployed: Deployed) -> None:
    with pytest.raises(ValueError, match="expected"):
        rotate({"Partner": EMSP.name, **event}, None)


def test_nobody_says_who_we_are_without_roles(deployed: Deployed) -> None:
    (deployed.folder / "theirs").touch(0o600)
    (deployed.folder / "theirs").write_text("token-a-of-the-peer")
    words = ["token", "register", EMSP.name, "--url", deployed.peer.versions]
    words += ["--token-file", str(deployed.folder / "theirs")]
    silent = deployed.run(*words)
    assert isinstance(silent.exception, ConfigError)
    assert "nobody said who we are" in silent.exception.message
    (deployed.folder / "roles.json").write_text('[{"role": "CPO"}]')
    wrong = deployed.run(*words, "--roles", str(deployed.folder / "roles.json"))
    assert isinstance(wrong.exception, ConfigError)
    assert "expected a JSON list of role" in wrong.exception.message
