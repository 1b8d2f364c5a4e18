"""Rotation under crashes, lost, doubled and late messages and clocks apart: nobody is ever locked out.

Against memory, SQLite, and the emulator's DynamoDB and Secrets Manager.
"""

from __future__ import annotations

import contextlib
import tempfile
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from moto import mock_aws

from hardening.requests.samples import EMSP
from hardening.requests.tokens import digest, issue
from hardening.rotation.connection import Answer, Connection, Outcome, Secret, Stage
from hardening.rotation.receiver import Reply, end, serve
from hardening.rotation.records import Change, Conflict, Terms, TokenRecord, TokenRecords, first_use
from hardening.rotation.result import End
from hardening.rotation.starter import rotate
from infra.runtime.credentials.sqlite_vault import SqliteVault
from infra.runtime.functions.secrets_vault import SecretsVault
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from infra.runtime.policy_service.stores import DynamoTokenStore, MemoryTokenStore
from tests.beds.memory_connection import MemoryVault

HOST = "https://ocpi.emsp.example"
TERMS = Terms("test", timedelta(minutes=60), timedelta(days=60))
OURS: Mapping[str, Any] = {"url": "https://us.example/ocpi/versions", "roles": []}
LATEST_CLOCK = timedelta(minutes=2)


class Crash(Exception):
    """The process dies here."""


class Fragile:
    """A vault, a token store and a partner whose caller dies before or after the n-th use of them."""

    def __init__(self, vault: Any, records: Any, call: Any) -> None:
        self._vault, self._records, self._call = vault, records, call
        self.dies_at, self.after = 0, False

    def _step(self, action: Callable[[], Any]) -> Any:
        self.dies_at -= 1
        if self.dies_at == 0 and not self.after:
            raise Crash
        result = action()
        if self.dies_at == 0:
            raise Crash
        return result

    def read(self, direction: str, stage: Stage) -> Any:
        return self._step(lambda: self._vault.read(direction, stage))

    def write_pending(self, direction: str, secret: Secret) -> None:
        self._step(lambda: self._vault.write_pending(direction, secret))

    def promote(self, direction: str) -> None:
        self._step(lambda: self._vault.promote(direction))

    def discard(self, direction: str) -> None:
        self._step(lambda: self._vault.discard(direction))

    def waits(self, direction: str) -> bool:
        return bool(self._step(lambda: self._vault.waits(direction)))

    def find(self, key: str) -> Any:
        return self._step(lambda: self._records.find(key))

    def apply(self, changes: Iterable[Change]) -> None:
        self._step(lambda: self._records.apply(changes))

    def call(self, *asked: Any) -> Any:
        return self._step(lambda: self._call(*asked))


class Partner:
    """A partner's platform: the tokens that it takes from us, and the one that it presents to us."""

    def __init__(self, kills_old: bool, tells_token: bool) -> None:
        self.kills_old, self.tells_token = kills_old, tells_token
        self.takes = [issue()]
        self.presents = ""
        self.fault = ""
        self.late: list[tuple[str, str]] = []

    def call(self, method: str, url: str, token: str, body: Mapping[str, Any] | None) -> Answer:
        fault = ""
        if method in ("PUT", "POST"):
            # A platform changes its credentials in the order in which it was asked to.
            self.receive_late()
            fault, self.fault = self.fault, ""
        if fault == "refuses":
            return Answer(Outcome.REFUSED, detail="OCPI status 3001")
        if fault in ("lost", "late"):
            self.late += [(token, str(body and body["token"]))] if fault == "late" else []
            return Answer(Outcome.IN_DOUBT)
        answers = [self._answer(method, url, token, body) for _ in range(2 if fault == "doubled" else 1)]
        return Answer(Outcome.IN_DOUBT) if fault == "answer lost" else answers[-1]

    def _answer(self, method: str, url: str, token: str, body: Mapping[str, Any] | None) -> Answer:
        if token not in self.takes:
            return Answer(Outcome.UNKNOWN_TOKEN, detail="HTTP 401")
        if url == f"{HOST}/versions":
            return Answer(Outcome.DONE, [{"version": "2.2.1", "url": f"{HOST}/2.2.1"}])
        if url == f"{HOST}/2.2.1":
            names = ("credentials", "locations")
            return Answer(Outcome.DONE, {"endpoints": [_endpoint(name) for name in names]})
        if method == "PUT" and body is not None:
            self.presents = body["token"]
            self._new()
        shown = self.takes[-1] if method == "PUT" or self.tells_token else "#NA"
        return Answer(Outcome.DONE, {"token": shown, "url": f"{HOST}/versions"})

    def _new(self) -> None:
        self.takes = [*([] if self.kills_old else self.takes), issue()]

    def receive_late(self) -> None:
        for token, given in self.late:
            if token in self.takes:
                self.presents = given
                self._new()
        self.late.clear()


def _endpoint(name: str) -> dict[str, str]:
    return {"identifier": name, "role": "SENDER", "url": f"{HOST}/2.2.1/{name}"}


class Rotations(RuleBasedStateMachine):
    """One partner, registered or not yet; either side rotates, things fail now and then, time goes by."""

    def stores(self) -> tuple[Any, Any]:
        return MemoryVault(), MemoryTokenStore()

    @initialize(
        registered=st.booleans(), kills_old=st.booleans(), tells_token=st.booleans(),
        skew=st.integers(-120, 120),
    )  # fmt: skip
    def begin(self, registered: bool, kills_old: bool, tells_token: bool, skew: int) -> None:
        self.now, self.skew = datetime(2026, 1, 1, tzinfo=UTC), timedelta(seconds=skew)
        self.partner, self.revoked, self.seen = Partner(kills_old, tells_token), False, set[str]()
        self.retired, self.late = dict[str, datetime](), list[tuple[str, str, str]]()
        self.vault, self.records = self.stores()
        token = issue()
        self.partner.presents, self.token_a = token, "" if registered else token
        self.vault.write_pending("inbound", Secret(token))
        self.vault.promote("inbound")
        if registered:
            url, versions = f"{HOST}/2.2.1/credentials", f"{HOST}/versions"
            self.vault.write_pending("outbound", Secret(self.partner.takes[0], url, OURS, versions))
            self.vault.promote("outbound")
        expires = int((self.now + TERMS.lifetime).timestamp())
        kind = "C" if registered else "A"
        self.records.put(TokenRecord(digest(token), EMSP.name, kind, "active", "test", expires))
        self.seen.add(digest(token))

    def connection(self, dies_at: int = 0, after: bool = False) -> Connection:
        fragile = Fragile(self.vault, self.records, self.partner.call)
        fragile.dies_at, fragile.after = dies_at, after
        return Connection(EMSP, TERMS, fragile, fragile, fragile.call, lambda: self.now)

    @rule(
        dies_at=st.integers(0, 30),
        after=st.booleans(),
        fault=st.sampled_from(["", "", "lost", "answer lost", "doubled", "late", "refuses"]),
    )
    def we_rotate(self, dies_at: int, after: bool, fault: str) -> None:
        if self.revoked:
            return
        self.partner.fault = fault
        with contextlib.suppress(Crash):
            rotate(self.connection(dies_at, after))
        self.partner.fault = ""

    @rule(
        dies_at=st.integers(0, 20),
        after=st.booleans(),
        fault=st.sampled_from(
            ["", "lost", "late", "answer lost", "doubled", "answer lost, new token dropped"]
        ),
    )
    def the_partner_rotates(self, dies_at: int, after: bool, fault: str) -> None:
        """It changes its tokens by PUT or, before it is registered, registers by POST."""
        if fault == "lost" or self.revoked:
            return
        self.partner.receive_late()
        old, presents = list(self.partner.takes), digest(self.partner.presents)
        new = issue()
        self.partner.takes = [*old, new]
        if fault == "late":
            self.late.append((self.method(), presents, new))
            return
        answered = None
        try:
            for _ in range(2 if fault == "doubled" else 1):
                answered = self.served(self.method(), presents, new, dies_at, after)
        except Crash:
            pass
        if answered is None or fault.startswith("answer lost"):
            self.partner.takes = old if fault.endswith("dropped") else self.partner.takes
            return
        assert answered.data is not None, answered
        self.partner.presents = answered.data["token"]
        self.partner.takes = [new] if self.partner.kills_old else self.partner.takes

    def method(self) -> str:
        """What the partner calls: with another token than the first one it is registered, whoever did it."""
        return "POST" if self.partner.presents == self.token_a else "PUT"

    def served(self, method: str, presents: str, new: str, dies_at: int = 0, after: bool = False) -> Reply:
        body = {"token": new, "url": f"{HOST}/versions"}
        return serve(self.connection(dies_at, after), OURS, method, presents, body)

    @rule()
    def a_late_message_arrives(self) -> None:
        self.partner.receive_late()
        while self.late:
            # The partner has given up waiting: our answer goes nowhere.
            self.served(*self.late.pop())

    @rule()
    def the_partner_calls(self) -> None:
        first_use(self.records, digest(self.partner.presents), self.now + self.skew)

    @rule(minutes=st.integers(1, 90))
    def time_goes_by(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(surely=st.integers(0, 9))
    def revoke(self, surely: int) -> None:
        if surely == 9:
            end(self.connection())
            self.revoked = True

    def all_records(self) -> list[TokenRecord]:
        held = [self.vault.read("inbound", stage) for stage in Stage]
        self.seen |= {digest(one.token) for one in held if one is not None}
        found = [self.records.find(key) for key in self.seen]
        return [one for one in found if one is not None]

    @invariant()
    def a_partner_that_is_not_revoked_is_let_in_and_a_revoked_one_is_not(self) -> None:
        if not hasattr(self, "partner"):
            return
        alive = [one for one in self.all_records() if one.honoured(self.now + self.skew)]
        assert len(alive) <= 2, "at most two tokens are alive"
        if self.revoked:
            assert alive == []
        else:
            assert digest(self.partner.presents) in {one.digest for one in alive}, "locked out"
        for one in alive:
            if one.state == "retiring":
                since = self.retired.setdefault(one.digest, self.now)
                assert self.now - since <= TERMS.overlap + LATEST_CLOCK, "alive after its overlap"
                left = one.expires - self.now.timestamp()
                assert left <= (TERMS.overlap + LATEST_CLOCK).total_seconds()

    def teardown(self) -> None:
        """When the faults stop, both sides can talk: rotated, or rotated after one call of the partner's."""
        if not hasattr(self, "partner") or self.revoked:
            return
        self.a_late_message_arrives()
        if self.method() == "POST":
            self.the_partner_rotates(0, False, "")
            assert self.method() == "PUT"
        if rotate(self.connection()).end is End.STRANDED:
            self.the_partner_rotates(0, False, "")
            assert rotate(self.connection()).end is End.ROTATED
        current = self.vault.read("outbound", Stage.CURRENT)
        assert current is not None
        assert current.token in self.partner.takes
        assert digest(self.partner.presents) in {
            one.digest for one in self.all_records() if one.honoured(self.now)
        }


class SqliteRotations(Rotations):
    """The standalone stores: digests in one file, secrets in another."""

    def stores(self) -> tuple[Any, Any]:
        self.folder = tempfile.TemporaryDirectory()
        folder = Path(self.folder.name)
        return SqliteVault(folder / "vault.sqlite", EMSP.name), SqliteTokenStore(folder / "tokens.sqlite")

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "folder"):
            self.folder.cleanup()


class AwsRotations(Rotations):
    """The emulator's DynamoDB and Secrets Manager, each example with its own table and secrets."""

    def stores(self) -> tuple[Any, Any]:
        name = uuid.uuid4().hex
        dynamodb = boto3.client("dynamodb", endpoint_url="https://dynamodb.eu-central-1.amazonaws.com")
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "digest", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "digest", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        secrets = boto3.client(
            "secretsmanager", endpoint_url="https://secretsmanager.eu-central-1.amazonaws.com"
        )
        for direction in ("inbound", "outbound"):
            secrets.create_secret(Name=f"{name}/{direction}")
        return SecretsVault(secrets, name), DynamoTokenStore(dynamodb, name)


def test_no_order_of_faults_locks_a_partner_out() -> None:
    run_state_machine_as_test(Rotations, settings=_size(60, 20))


def test_nor_with_the_standalone_store() -> None:
    run_state_machine_as_test(SqliteRotations, settings=_size(6, 12))


def test_nor_with_dynamodb_and_secrets_manager() -> None:
    with mock_aws():
        run_state_machine_as_test(AwsRotations, settings=_size(4, 10))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("machine", "examples"), [(Rotations, 1000), (SqliteRotations, 60), (AwsRotations, 30)]
)
def test_nor_does_any_of_many_more_orders(machine: type[Rotations], examples: int) -> None:
    with mock_aws():
        run_state_machine_as_test(machine, settings=_size(examples, 25))


def _size(examples: int, steps: int) -> settings:
    checks = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
    return settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks
    )


def test_a_change_of_a_record_that_stands_otherwise_is_no_change_at_all() -> None:
    first = TokenRecord("a" * 64, EMSP.name, "C", "active", "test", 1)
    store: TokenRecords = MemoryTokenStore([first])
    other = replace(first, digest="b" * 64)
    with pytest.raises(Conflict):
        store.apply([Change(None, other), Change(replace(first, state="revoked"), first)])
    assert store.find(other.digest) is None
