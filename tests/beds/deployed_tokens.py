"""A deployed environment's tokens: the rotation function, its stores, a gateway, and a partner, the peer.

Commands meet AWS with the rights of the declared operator's role; the function, and the test itself, meet the
emulator.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import trustme
import yaml
from click.testing import CliRunner, Result
from moto.server import ThreadedMotoServer

from hardening.cli import Exit, rampart
from hardening.egress.callers import key_secret
from hardening.registry.callback_host import CallbackHost
from hardening.registry.object_version import DIGEST, PLACE, place
from hardening.registry.partners import Partner
from hardening.requests.samples import EMSP
from hardening.requests.tokens import digest, presented
from hardening.rotation.connection import INBOUND, OUTBOUND, Connection, Outcome, Stage
from infra.lab.idempotent_writes import write_once
from infra.runtime.functions import partners_file, registry_object
from infra.runtime.functions.partner_calls import calls_through
from infra.runtime.functions.rotation import rotate
from infra.runtime.functions.secrets_vault import SecretsVault
from infra.runtime.policy_service.stores import DynamoTokenStore
from tests.beds.declared_rights import Account, as_operator
from tests.beds.egress_guard import KEYS, running_egress
from tests.beds.http_server import http_server
from tests.beds.ocpi_peer.peer import Peer, running_peer
from tests.infra.runtime.our_side import TERMS, OurSide, answering

ROOT = Path(__file__).resolve().parents[2]
TABLE = "rampart-test-tokens"
HOST = "ocpi.emsp.example"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
ROLES = [{"role": "CPO", "country_code": "DE", "party_id": "US1", "business_details": {"name": "Us"}}]


class RotationFunction(BaseHTTPRequestHandler):
    """Lambda's Invoke (API reference): one execution at a time, as is declared; others are throttled.

    `turns` are how many more calls are throttled whatever runs: Secrets Manager's own rotations. `ended` is
    called after each of the `calls` that were not throttled.
    """

    turns = 0
    fails = False
    throttled = calls = 0
    ended: Callable[[], None] = staticmethod(lambda: None)
    account = ""
    seconds = 0.0
    running = threading.Lock()

    def do_POST(self) -> None:
        own = type(self)
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if own.turns > 0 or not own.running.acquire(blocking=False):
            own.turns, own.throttled = own.turns - 1, own.throttled + 1
            self._send(429, {"Type": "User"}, {"X-Amzn-ErrorType": "TooManyRequestsException"})
            return
        own.calls += 1
        try:
            body, headers = self._ran(event)
        finally:
            # Before the answer: who has it may call again, and is not to be throttled by itself.
            own.running.release()
        own.ended()
        self._send(200, body, headers)

    def _ran(self, event: dict[str, Any]) -> tuple[object, dict[str, str]]:
        assert self.path == "/2015-03-31/functions/rampart-test-rotation/invocations"
        time.sleep(self.seconds)
        try:
            if self.fails:
                raise RuntimeError
            with environment(AWS_ENDPOINT_URL=self.account):
                return rotate(event, None), {}
        except Exception as error:
            told = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return told, {"X-Amz-Function-Error": "Unhandled"}

    def _send(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class Gateway(BaseHTTPRequestHandler):
    """Takes each token that the table honours, of any kind; with `fails` it hangs up."""

    account = ""
    fails = False

    def do_GET(self) -> None:
        if self.fails:
            return
        table = DynamoTokenStore(boto3.client("dynamodb", endpoint_url=self.account), TABLE)
        found = [table.find(digest(one.token)) for one in presented(self.headers["Authorization"])]
        known = any(one is not None and one.honoured(datetime.now(UTC)) for one in found)
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@dataclass
class Deployed:
    """The deployed environment, with one partner, the peer.

    `operator` is the account as the operator's role meets it, `function` the rotation function.
    """

    folder: Path
    peer: Peer
    partner: Partner
    us: OurSide
    operator: Account
    function: type[RotationFunction]
    gateway: type[Gateway]

    def run(self, *words: str, **more: Any) -> Result:
        """One command of an operator, who has the rights of the declared role."""
        where = ["--target", str(self.folder / "target.json"), "--partners", str(self.folder / "partners")]
        with environment(AWS_ENDPOINT_URL=self.operator.url):
            return CliRunner().invoke(rampart, [*words, *where], standalone_mode=False, **more)

    def register(self) -> Result:
        """We register with the peer."""
        (self.folder / "theirs").touch(0o600)
        (self.folder / "theirs").write_text("token-a-of-the-peer")
        (self.folder / "roles.json").write_text(json.dumps(ROLES))
        named = ["--url", self.peer.versions, "--token-file", str(self.folder / "theirs")]
        return self.run("token", "register", EMSP.name, *named, "--roles", str(self.folder / "roles.json"))

    def registered(self) -> None:
        """We are registered with the peer."""
        done = self.register()
        assert done.return_value is Exit.HOLDS, (done.output, done.exception)

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


@contextmanager
def deployed_tokens(folder: Path) -> Iterator[Deployed]:
    """The environment, from its stores to its gateway, in `folder`."""
    # A call whose answer was late is repeated, on a machine that has much to do.
    write_once()
    emulator = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    emulator.start()
    host, port = emulator.get_host_and_port()
    account = f"http://{host}:{port}"
    urlopen(Request(f"{account}/moto-api/reset", method="POST")).close()  # noqa: S310  (loopback)
    function = type("Function", (RotationFunction,), {"account": account, "running": threading.Lock()})
    gate = type("Gate", (Gateway,), {"account": account})
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with (
        http_server(function) as functions,
        http_server(gate, context) as gateway,
        running_peer(folder, HOST, authority) as peer,
        as_operator(account, f"http://127.0.0.1:{functions.server_port}") as operator,
        environment(AWS_ENDPOINT_URL=account),
    ):
        partner = _partner(folder, peer, gateway.server_port)
        elsewhere = {f"{HOST}:{peer.port}": f"127.0.0.1:{peer.port}"}
        with (
            environment(**_environment(partner)),
            running_egress(folder, partner, elsewhere) as egress,
            environment(RAMPART_EGRESS_URL=egress.url),
        ):
            vault = SecretsVault(boto3.client("secretsmanager"), f"rampart/test/{partner.name}")
            records = DynamoTokenStore(boto3.client("dynamodb"), TABLE)
            call = calls_through(egress.as_caller("credentials"), partner)
            us = OurSide(Connection(partner, TERMS, vault, records, call, lambda: datetime.now(UTC)))
            with answering(us):
                peer.told(us=us.url)
                yield Deployed(folder, peer, partner, us, operator, function, gate)
    emulator.stop()


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """These environment variables, and what was there before afterwards."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


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
        "outputs": {"name": TABLE},
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
        TableName=TABLE,
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
        "RAMPART_TOKEN_TABLE": TABLE,
        "RAMPART_OVERLAP_MINUTES": "60",
        "RAMPART_ROTATION_DAYS": "30",
        "RAMPART_EGRESS_CALLER": "rotation",
        "RAMPART_EGRESS_CA": "",
        PLACE: place("registry", partners_file.NAME, version),
        DIGEST: partners_file.digest((partner,)),
    }
