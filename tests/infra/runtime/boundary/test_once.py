"""Once means once: whatever is sent in whatever order, and wherever a process ends."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hardening.ledger.entry import COMPLETE, Answer, Change, Entry, Key
from hardening.ledger.messages import Message, message_of
from hardening.ledger.steps import LEASE, Contradiction, Repeat, Wait
from hardening.ledger.trail import TrailLine, receipt_fault
from hardening.requests.sample_messages import CDR
from infra.runtime.boundary.deliveries import Deliveries, Reservation
from infra.runtime.boundary.dynamodb_ledger import DynamoLedger
from infra.runtime.boundary.sqlite_ledger import SqliteLedger
from tests.beds.ledgers import (
    KINDS,
    RECEIPT_KEY,
    RECORDER,
    MemoryLedger,
    accepted_lines,
    emulator,
    new_ledger,
)
from tests.infra.runtime.boundary.deliverer import cdr_of


class Crash(Exception):
    """The process ends here."""


class CrashingLedger:
    """A ledger whose process ends before or after the write that a test chose (0: never)."""

    def __init__(self) -> None:
        self.ledger, self.before, self.after = MemoryLedger(), 0, 0

    def find(self, key: Key) -> Entry | None:
        return self.ledger.find(key)

    def swap(self, *changes: Change, line: TrailLine | None = None) -> bool:
        self.before, self.after = self.before - 1, self.after - 1
        if self.before == 0:
            raise Crash
        done = self.ledger.swap(*changes, line=line)
        if self.after == 0:
            raise Crash
        return done


def _message(number: int, variant: int) -> Message:
    """CDR `number` of four, of one of two sessions, in one of two wordings; the fourth credits the first."""
    changes = {"id": f"CDR-{number}", "session_id": f"SES-{number % 2}", "total_energy": 20 + variant}
    if number == 3:
        changes |= {"credit": True, "credit_reference_id": "cdr-0"}
    found = message_of(
        "example-cpo", "POST", "/ocpi/2.2.1/receiver/cdrs", json.dumps({**CDR, **changes}).encode()
    )
    assert found is not None
    return found


SEED = 11
# About as long as a line of the service's log.
LINE = 74
_crashes = st.sampled_from([0, 0, 0, 1, 2, 3])


class OnceAndForAll(RuleBasedStateMachine):
    """A partner sends CDRs again and again; workers die; the service takes, refuses or says nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = CrashingLedger()
        self.now = 1_800_000_000.0
        self.deliveries = Deliveries(self.ledger, RECORDER, lambda: self.now)
        # What the service has, by its own key, and what a sender was told of.
        self.service: dict[Key, str] = {}
        self.told: dict[Key, tuple[str, Answer]] = {}
        self.number = 0

    @rule(
        number=st.integers(0, 3),
        variant=st.integers(0, 1),
        crash=st.tuples(_crashes, _crashes),
        service=st.sampled_from(["takes", "takes", "refuses", "takes and dies", "dies"]),
        waited=st.sampled_from([0.0, LEASE + 1]),
    )
    def send(self, number: int, variant: int, crash: tuple[int, int], service: str, waited: float) -> None:
        self.now += waited
        self.ledger.before, self.ledger.after = crash
        try:
            self._sent(_message(number, variant), service)
        except Crash:
            pass
        finally:
            self.ledger.before = self.ledger.after = 0

    def _sent(self, message: Message, service: str) -> None:
        step = self.deliveries.arrive(message)
        if isinstance(step, Repeat):
            assert self.service[message.key] == message.digest
            assert self.told.get(message.key, (message.digest, step.answer)) == (message.digest, step.answer)
            self.told[message.key] = message.digest, step.answer
        if not isinstance(step, Reservation):
            return
        if service == "refuses" and message.key not in self.service:
            self.deliveries.settle(step, Answer(200), counted=False)
            return
        if service != "dies":
            # Under one id the service never sees a second text.
            assert self.service.setdefault(message.key, message.digest) == message.digest
        if service in ("dies", "takes and dies"):
            raise Crash
        self.number += 1
        answer = Answer(201, "", str(self.number).encode())
        self.deliveries.settle(step, answer, counted=True)
        self.told[message.key] = message.digest, answer

    @invariant()
    def what_was_told_stands_for_ever(self) -> None:
        for key, (digest, answer) in self.told.items():
            found = self.ledger.find(key)
            assert found is not None
            assert (found.state, found.digest, found.answer) == (COMPLETE, digest, answer)

    @invariant()
    def a_session_is_billed_once(self) -> None:
        counted = [number for number in range(3) if self._counts(number)]
        sessions = Counter(number % 2 for number in counted if not (number == 0 and self._counts(3)))
        assert all(count == 1 for count in sessions.values())

    def _counts(self, number: int) -> bool:
        found = self.ledger.find(_message(number, 0).key)
        return found is not None and found.state == COMPLETE

    def teardown(self) -> None:
        """Nothing is lost: who sends what the service has until he is answered, is answered."""
        for number in range(4):
            for variant in (0, 1):
                message = _message(number, variant)
                if self.service.get(message.key) == message.digest:
                    self.now += LEASE + 1
                    self._sent(message, "takes")
                    assert isinstance(self.deliveries.arrive(message), Repeat)


OnceAndForAll.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestOnceAndForAll = OnceAndForAll.TestCase


def test_no_other_bills_a_session_while_nobody_knows_of_the_first_though_it_was_credited() -> None:
    clock = [1_800_000_000.0]
    deliveries = Deliveries(MemoryLedger(), RECORDER, lambda: clock[0])
    credit = deliveries.arrive(_message(3, 0))
    assert isinstance(credit, Reservation)
    deliveries.settle(credit, Answer(201), counted=True)
    assert isinstance(deliveries.arrive(_message(0, 0)), Reservation), "delivered, and no answer came"
    clock[0] += LEASE + 1
    assert isinstance(deliveries.arrive(_message(2, 0)), Contradiction)
    again = deliveries.arrive(_message(0, 0))
    assert isinstance(again, Reservation)
    deliveries.settle(again, Answer(201), counted=True)
    assert isinstance(deliveries.arrive(_message(0, 0)), Repeat)
    assert isinstance(deliveries.arrive(_message(2, 0)), Reservation), "the credit took the first one back"


def _killed_again_and_again(command: list[str], log: Path, seed: int, kills: int, count: int) -> None:
    """Run a deliverer that is killed (-9) after a seeded number of deliveries, so often; then to its end."""
    chance = random.Random(seed)
    for run in range(kills):
        process = subprocess.Popen([*command, str(run)], stdout=subprocess.PIPE, text=True)
        assert process.stdout
        # It says when it has begun: nobody is killed before.
        assert process.stdout.readline() == "ready\n"
        enough = log.stat().st_size + chance.randrange(count // kills // 2 + 1) * LINE
        while process.poll() is None and log.stat().st_size < enough:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert subprocess.run([*command, str(kills)], check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_kill_loses_or_doubles_a_cdr(kind: str, tmp_path: Path) -> None:
    _killed_deliveries(kind, tmp_path, 120, 4 if kind == "dynamodb" else 8)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "count", "kills"), [("sqlite", 2_000, 20), ("dynamodb", 200, 8)])
def test_of_very_many_none_is_lost_or_doubled(kind: str, count: int, kills: int, tmp_path: Path) -> None:
    _killed_deliveries(kind, tmp_path, count, kills)


def _killed_deliveries(kind: str, folder: Path, count: int, kills: int) -> None:
    with emulator() as endpoint:
        ledger = new_ledger(kind, folder, endpoint)
        where = str(ledger._file) if isinstance(ledger, SqliteLedger) else ledger._table
        log = folder / "service.log"
        log.touch()
        command = [
            sys.executable,
            "-m",
            "tests.infra.runtime.boundary.deliverer",
            kind,
            endpoint,
            where,
            str(log),
        ]
        began = time.monotonic()
        _killed_again_and_again([*command, str(count)], log, SEED, kills, count)
        print(f"\n{kind}: {count} CDRs, {kills} kills, {time.monotonic() - began:.1f} s")
        delivered: dict[str, set[str]] = {}
        for line in log.read_text().splitlines():
            name, digest = line.split()
            delivered.setdefault(name, set()).add(digest)
        for number in range(count):
            message = cdr_of(number, changed=False)
            found = ledger.find(message.key)
            assert found is not None
            assert (found.state, found.digest) == (COMPLETE, message.digest)
            assert delivered.pop(message.key.object) == {message.digest}
        assert delivered == {}
        _each_has_its_receipt(ledger, count)


def _each_has_its_receipt(ledger: SqliteLedger | DynamoLedger, count: int) -> None:
    lines = accepted_lines(ledger)
    assert len(lines) == count
    wanted = {
        cdr_of(number, changed=False).key: cdr_of(number, changed=False).digest for number in range(count)
    }
    for line in lines:
        assert wanted.pop(line.key) == line.after
        assert receipt_fault(line, [RECEIPT_KEY.public_key()]) == ""


def test_a_contradiction_and_a_wait_are_told_apart(tmp_path: Path) -> None:
    deliveries = Deliveries(SqliteLedger(tmp_path / "ledger.sqlite"), RECORDER)
    deliveries.arrive(_message(0, 0))
    assert isinstance(deliveries.arrive(_message(0, 0)), Wait)
    assert isinstance(deliveries.arrive(_message(0, 1)), Contradiction)
