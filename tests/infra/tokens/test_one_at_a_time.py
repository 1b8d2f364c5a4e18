"""One exchange of a partner at a time, whoever starts it: on AWS by a record, on this machine by a lock."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from hardening.cli import Exit
from hardening.errors import CollectError
from hardening.requests.samples import EMSP
from hardening.requests.tokens import digest
from hardening.rotation.connection import INBOUND, Answer, Call, Connection, Outcome, Stage
from hardening.rotation.records import Terms, TokenRecord
from hardening.rotation.result import End
from infra.runtime.credentials.exchange_lock import locked
from infra.runtime.functions.exchange_turn import TURN, ExchangeUnderWay, turn
from infra.runtime.functions.exchanges import rotating
from infra.runtime.functions.rotation import rotate
from infra.runtime.policy_service.stores import DynamoTokenStore, MemoryTokenStore
from infra.tokens.custody import Custody, now, open_custody
from infra.tokens.issue import Hands
from infra.tokens.rotate import rotate_partner
from tests.beds.deployed_tokens import TABLE, Deployed, deployed_tokens
from tests.infra.tokens.test_many import Peers, partners, settle

AT = datetime(2026, 11, 1, tzinfo=UTC)
TERMS = Terms("test", timedelta(minutes=60), timedelta(days=60))


def nobody(*_asked: Any) -> Answer:
    return Answer(Outcome.IN_DOUBT)


class Clock:
    """The time, as a test sets it."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        return self.now


def at_once(store: MemoryTokenStore, clock: Clock, **other: Any) -> Connection:
    vault: Any = None  # a turn has no use for it
    return replace(Connection(EMSP, TERMS, vault, store, nobody, clock), **other)


def test_a_turn_is_for_one_and_is_given_back() -> None:
    connection = at_once(MemoryTokenStore(), Clock())
    with turn(connection):
        with pytest.raises(ExchangeUnderWay, match=EMSP.name), turn(connection):
            pass
        with turn(replace(connection, partner=replace(EMSP, name="another"))):
            """Partners do not wait for each other."""
    with pytest.raises(ZeroDivisionError), turn(connection):
        raise ZeroDivisionError
    with turn(connection):
        """A failure gives it back too."""


def test_a_turn_of_a_function_that_died_ends_once_it_cannot_run_any_more() -> None:
    store, clock = MemoryTokenStore(), Clock()
    dead = turn(at_once(store, clock))
    dead.__enter__()
    clock.now = AT + TURN - timedelta(seconds=1)
    with pytest.raises(ExchangeUnderWay), turn(at_once(store, clock)):
        pass
    clock.now = AT + TURN
    with turn(at_once(store, clock)):
        # The dead one's record is another's now: what it would still give back is not its own.
        dead.__exit__(None, None, None)
        with pytest.raises(ExchangeUnderWay), turn(at_once(store, clock)):
            pass


def test_of_two_that_look_at_the_same_moment_one_has_the_turn() -> None:
    class Late(MemoryTokenStore):
        """Another one takes the turn between the look and the write."""

        def find(self, digest: str) -> TokenRecord | None:
            found = super().find(digest)
            if found is None:
                self.put(TokenRecord(digest, "(exchange)", "turn", "active", "test", 2**40))
            return found

    with pytest.raises(ExchangeUnderWay), turn(at_once(Late(), Clock())):
        pass


def test_a_turn_is_no_token_and_no_partner_has_it() -> None:
    store = MemoryTokenStore()
    with turn(at_once(store, Clock())):
        assert store.of_partner(EMSP.name) == ()
        [record] = store.of_partner("(exchange)")
        assert record.kind not in ("A", "C")


def test_two_functions_at_once_make_one_exchange(tmp_path: Path) -> None:
    """Where an account may not reserve concurrency, Lambda starts as many as are asked for."""
    with deployed_tokens(tmp_path) as deployed:
        deployed.rotates()
        assert deployed.register().return_value is Exit.HOLDS
        records = DynamoTokenStore(boto3.client("dynamodb"), TABLE)
        before = {one.digest for one in records.of_partner(EMSP.name)}
        with turn(replace(deployed.us.connection, records=records)):
            for event in (rotating(EMSP.name, anew=True), _step("createSecret"), _step("setSecret")):
                with pytest.raises(ExchangeUnderWay):
                    rotate(event, None)
        assert {one.digest for one in records.of_partner(EMSP.name)} == before
        assert deployed.us.connection.vault.read(INBOUND, Stage.PENDING) is None
        _waits_for_its_turn(deployed, replace(deployed.us.connection, records=records))


def _step(step: str) -> dict[str, str]:
    return {"SecretId": f"rampart/test/{EMSP.name}/inbound", "ClientRequestToken": "v" * 32, "Step": step}


def _waits_for_its_turn(deployed: Deployed, connection: Connection) -> None:
    """A command that meets another exchange asks again until that has ended."""
    held = turn(connection)
    held.__enter__()
    deployed.function.calls = 0

    def gives_back() -> None:
        held.__exit__(None, None, None)

    deployed.function.ended = gives_back
    done = deployed.run("token", "rotate", EMSP.name)
    assert done.return_value is Exit.HOLDS, (done.output, done.exception)
    assert deployed.function.calls == 2
    assert deployed.both_talk()


class SlowPeers(Peers):
    """Peers that let others go first between taking a call and answering it."""

    def call_to(self, name: str) -> Call:
        real = super().call_to(name)

        def call(method: str, url: str, token: str, body: Mapping[str, Any] | None) -> Answer:
            answer: Answer = real(method, url, token, body)
            time.sleep(0.02)
            return answer

        return call


def standalone(folder: Path, peers: Peers) -> Custody:
    asked = {
        "store": folder / "tokens.sqlite",
        "vault": folder / "vault.sqlite",
        "guard": None,
        "target": None,
    }
    found = open_custody({**asked, "partners": Path("partners")}, new=True)
    return replace(found, partners=tuple(partners(1)), call_to=lambda one: peers.call_to(one.name))


def test_operators_at_once_leave_two_tokens_alive_at_most(tmp_path: Path) -> None:
    peers = SlowPeers(frozenset())
    custody = standalone(tmp_path, peers)
    settle(custody, peers)
    [partner] = custody.partners
    with ThreadPoolExecutor(6) as operators:
        rotations = [operators.submit(rotate_partner, custody, partner, Hands(), anew=True) for _ in range(6)]
        assert {one.result().end for one in rotations} == {End.ROTATED}
    alive = {one.digest for one in custody.records.of_partner(partner.name) if one.honoured(now())}
    assert custody.vault_of is not None
    held = [custody.vault_of(partner).read(INBOUND, stage) for stage in (Stage.CURRENT, Stage.PREVIOUS)]
    assert alive == {digest(one.token) for one in held if one is not None}


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    vault, (reads, writes) = tmp_path / "vault.sqlite", os.pipe()
    child = os.fork()
    if child == 0:
        with locked(vault, EMSP.name):
            os.write(writes, b"!")
            signal.pause()
    os.read(reads, 1)
    busy = f"{EMSP.name}: another command's exchange"
    with pytest.raises(CollectError, match=busy), locked(vault, EMSP.name, patience=0.0):
        pass
    with locked(vault, "another", patience=0.0):
        """Partners do not wait for each other."""
    waits = threading.Timer(0.1, os.kill, (child, signal.SIGKILL))
    waits.start()
    with locked(vault, EMSP.name):
        """The kernel gave it back."""
    os.waitpid(child, 0)
