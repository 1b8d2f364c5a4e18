"""Every ledger says the same, and counts once: one suite, on SQLite and on DynamoDB."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hardening.ledger.entry import COMPLETE, REFUSED, Answer, Change, Entry, Key, Ledger
from hardening.ledger.messages import COMMAND, Message, message_of
from hardening.ledger.steps import LEASE, Contradiction, Repeat, Wait
from hardening.requests.sample_messages import CDR, SESSION, START_SESSION
from infra.runtime.boundary.deliveries import Deliveries, Reservation
from tests.beds.ledgers import KINDS, RECORDER, MemoryLedger, emulator, new_ledger

ANSWER = Answer(201, "https://ours.example/cdrs/1", b'{"status_code":1000}')
CDRS = "/ocpi/2.2.1/receiver/cdrs"
SESSIONS = "/ocpi/2.2.1/receiver/sessions/DE/CPX/SES-1"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with emulator() as address:
        yield address


@pytest.fixture(params=("memory", *KINDS))
def ledger(request: pytest.FixtureRequest, tmp_path: Path, endpoint: str) -> Ledger:
    if request.param == "memory":
        return MemoryLedger()
    return new_ledger(request.param, tmp_path, endpoint)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.25

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def deliveries(ledger: Ledger, clock: Clock) -> Deliveries:
    return Deliveries(ledger, RECORDER, clock)


def cdr(**changes: Any) -> Message:
    found = message_of("example-cpo", "POST", CDRS, json.dumps({**CDR, **changes}).encode())
    assert found is not None
    return found


def session(method: str = "PUT", **changes: Any) -> Message:
    said = {**SESSION, **changes} if method == "PUT" else changes
    found = message_of("example-cpo", method, SESSIONS, json.dumps(said).encode())
    assert found is not None
    return found


def taken(deliveries: Deliveries, message: Message, answer: Answer = ANSWER) -> Reservation:
    reserved = deliveries.arrive(message)
    assert isinstance(reserved, Reservation)
    deliveries.settle(reserved, answer, counted=True)
    return reserved


def test_an_entry_comes_back_as_it_was_put(ledger: Ledger) -> None:
    entry = Entry(
        key=Key("DE*CPX", "cdr#É'1"),
        partner="example-cpo",
        state=COMPLETE,
        digest="d" * 64,
        mark="1",
        at=1_800_000_000.123456,
        until=1.5,
        expires=7,
        position="2026",
        status="ACTIVE",
        answer=replace(ANSWER, body=b"\x00\xff"),
    )
    assert ledger.find(entry.key) is None
    assert ledger.swap(Change(None, entry))
    assert ledger.find(entry.key) == entry
    bare = replace(entry, key=Key("DE*CPX", "cdr#2"), answer=None, expires=0, position="")
    assert ledger.swap(Change(None, bare))
    assert ledger.find(bare.key) == bare


def test_an_entry_changes_only_for_who_saw_it_as_it_stands(ledger: Ledger) -> None:
    first = Entry(key=Key("A", "b"), partner="p", state=COMPLETE, digest="", mark="1", at=1.0)
    second, third = replace(first, mark="2"), replace(first, mark="3")
    assert not ledger.swap(Change(first, second))
    assert ledger.swap(Change(None, first))
    assert not ledger.swap(Change(None, second))
    assert ledger.swap(Change(first, second))
    assert not ledger.swap(Change(first, third))
    assert ledger.find(first.key) == second


def test_of_many_at_once_one_reserves(ledger: Ledger) -> None:
    outcomes: list[object] = []
    several = Deliveries(ledger, RECORDER)
    threads = [threading.Thread(target=lambda: outcomes.append(several.arrive(cdr()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(outcomes) == 8
    assert sum(isinstance(one, Reservation) for one in outcomes) == 1
    assert all(isinstance(one, Reservation | Wait) for one in outcomes)


def test_the_same_cdr_again_gives_the_first_answer(deliveries: Deliveries) -> None:
    taken(deliveries, cdr())
    assert deliveries.arrive(cdr()) == Repeat(ANSWER)
    # In other letters, and with its names in another order.
    other_form = dict(reversed({**CDR, "id": CDR["id"]}.items()))
    again = message_of("example-cpo", "POST", CDRS, json.dumps(other_form, indent=2).encode())
    assert again is not None
    assert deliveries.arrive(again) == Repeat(ANSWER)


def test_another_cdr_under_one_id_contradicts_in_whatever_letters(deliveries: Deliveries) -> None:
    taken(deliveries, cdr())
    assert isinstance(deliveries.arrive(cdr(total_energy=99)), Contradiction)
    assert isinstance(deliveries.arrive(cdr(id=CDR["id"].lower(), total_energy=99)), Contradiction)
    assert isinstance(deliveries.arrive(cdr(party_id="cpx", total_energy=99)), Contradiction)
    taken(deliveries, cdr(party_id="CPY", total_energy=99))


def test_a_delivery_without_an_answer_is_made_again_by_one_alone_when_its_time_is_over(
    deliveries: Deliveries, clock: Clock
) -> None:
    first = deliveries.arrive(cdr())
    assert isinstance(first, Reservation)
    assert isinstance(deliveries.arrive(cdr()), Wait)
    # The service may have it: no other may take its place.
    clock.now += LEASE + 1
    assert isinstance(deliveries.arrive(cdr(total_energy=99)), Contradiction)
    second = deliveries.arrive(cdr())
    assert isinstance(second, Reservation)
    # The first one's answer comes late: the second one's stands.
    deliveries.settle(first, Answer(500), counted=True)
    deliveries.settle(second, ANSWER, counted=True)
    assert deliveries.arrive(cdr()) == Repeat(ANSWER)


def test_what_the_service_refused_never_counted(deliveries: Deliveries, ledger: Ledger) -> None:
    reserved = deliveries.arrive(cdr())
    assert isinstance(reserved, Reservation)
    deliveries.settle(reserved, Answer(200), counted=False)
    found = ledger.find(cdr().key)
    assert found is not None
    assert found.state == REFUSED
    taken(deliveries, cdr(total_energy=99))


def test_a_session_is_billed_by_one_cdr(deliveries: Deliveries) -> None:
    taken(deliveries, cdr())
    assert isinstance(deliveries.arrive(cdr(id="CDR-2")), Contradiction)
    # It was refused, and may come under the id that it has; nor does it stand for anything.
    taken(deliveries, cdr(id="CDR-2", session_id="SES-9"))
    assert deliveries.arrive(cdr()) == Repeat(ANSWER)


def test_a_session_whose_cdr_was_refused_or_credited_is_billed_again(deliveries: Deliveries) -> None:
    refused = deliveries.arrive(cdr())
    assert isinstance(refused, Reservation)
    deliveries.settle(refused, Answer(200), counted=False)
    taken(deliveries, cdr(id="CDR-2"))
    credit = cdr(id="CDR-3", credit=True, credit_reference_id="cdr-2")
    reserved = deliveries.arrive(credit)
    assert isinstance(reserved, Reservation)
    # Not before the credit counts.
    assert isinstance(deliveries.arrive(cdr(id="CDR-4")), Contradiction)
    deliveries.settle(reserved, ANSWER, counted=True)
    taken(deliveries, cdr(id="CDR-4"))
    assert isinstance(deliveries.arrive(cdr(id="CDR-5")), Contradiction)


def test_a_cdr_is_credited_once(deliveries: Deliveries) -> None:
    taken(deliveries, cdr())
    credit = {"credit": True, "credit_reference_id": CDR["id"]}
    taken(deliveries, cdr(id="CDR-2", **credit))
    assert deliveries.arrive(cdr(id="CDR-2", **credit)) == Repeat(ANSWER)
    assert isinstance(deliveries.arrive(cdr(id="CDR-3", **credit)), Contradiction)


def test_a_session_moves_forward_only(deliveries: Deliveries) -> None:
    taken(deliveries, session(last_updated="2026-01-15T11:00:00Z"))
    assert isinstance(deliveries.arrive(session(last_updated="2026-01-15T10:59:59.9Z")), Contradiction)
    patch = session("PATCH", last_updated="2026-01-15T11:00:00.5Z", kwh=6)
    taken(deliveries, patch)
    assert deliveries.arrive(patch) == Repeat(ANSWER)
    taken(deliveries, session(last_updated="2026-01-15T12:00:00Z", status="COMPLETED"))
    taken(deliveries, session("PATCH", last_updated="2026-01-15T12:00:01Z", kwh=7))
    back = session(last_updated="2026-01-15T13:00:00Z", status="ACTIVE")
    assert isinstance(deliveries.arrive(back), Contradiction)


def test_a_session_that_the_service_refused_stands_where_it_stood(deliveries: Deliveries) -> None:
    first = session(last_updated="2026-01-15T11:00:00Z")
    for before in (None, first):
        if before:
            taken(deliveries, before)
        ahead = deliveries.arrive(session(last_updated="2030-01-01T00:00:00Z", status="COMPLETED"))
        assert isinstance(ahead, Reservation)
        deliveries.settle(ahead, Answer(200), counted=False)
    assert deliveries.arrive(first) == Repeat(ANSWER)
    taken(deliveries, session(last_updated="2026-01-15T11:00:01Z"))


def test_a_command_runs_once_until_its_timeout_is_over(deliveries: Deliveries, clock: Clock) -> None:
    path, body = "/ocpi/2.2.1/receiver/commands/START_SESSION", json.dumps(START_SESSION).encode()
    command = message_of("example-emsp", "POST", path, body, "k" * 64)
    assert command is not None
    assert command.kind == COMMAND
    reserved = deliveries.arrive(command)
    assert isinstance(reserved, Reservation)
    deliveries.settle(reserved, ANSWER, counted=True, timeout=45)
    clock.now += 44
    assert deliveries.arrive(command) == Repeat(ANSWER)
    clock.now += 2
    assert isinstance(deliveries.arrive(command), Reservation)


def test_a_message_that_may_come_twice_is_none_of_the_ledgers() -> None:
    for method, path, body in (
        ("GET", CDRS + "/1", b""),
        ("PATCH", SESSIONS, b'{"kwh":1}'),
        ("PUT", "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-1", b"{}"),
        ("PUT", "/ocpi/2.2.1/receiver/locations/DE/CPX/LOC-1", b'{"last_updated":"2026-01-15T11:00:00Z"}'),
        ("POST", "/ocpi/2.2.1/credentials", b"{}"),
        ("POST", "/ocpi/2.2.1/sender/tokens/CARD-1/authorize", b"{}"),
        ("POST", "/elsewhere", b"{}"),
    ):
        assert message_of("example-cpo", method, path, body, "k" * 64) is None


@pytest.mark.parametrize("path", ["tokens/NL/EMX/CARD-1", "tariffs/NL/EMX/T-1"])
def test_a_token_or_tariff_moves_forward_only_and_comes_as_often_as_it_will(
    path: str, deliveries: Deliveries
) -> None:
    def sent(second: int, method: str = "PUT", name: str = path, **more: Any) -> Message:
        said = {"last_updated": f"2026-01-15T11:00:{second:02}Z", **more}
        version = "2.1.1" if method == "PATCH" else "2.2.1"
        url = f"/ocpi/{version}/receiver/{name}"
        found = message_of("example-emsp", method, url, json.dumps(said).encode())
        assert found is not None
        return found

    taken(deliveries, sent(5, valid=False))
    assert isinstance(deliveries.arrive(sent(4, valid=True)), Contradiction)
    assert isinstance(deliveries.arrive(sent(4, "PATCH", valid=True)), Contradiction)
    assert isinstance(
        deliveries.arrive(sent(4, name=path.lower().replace("nl/emx", "NL/emx"))), Contradiction
    )
    taken(deliveries, sent(5, valid=False))
    taken(deliveries, sent(5, "PATCH", valid=False))
    refused = deliveries.arrive(sent(9))
    assert isinstance(refused, Reservation)
    deliveries.settle(refused, Answer(200), counted=False)
    taken(deliveries, sent(6))
    taken(deliveries, sent(1, name=path[:-1] + "2"))
    # A clock that was wrong once bars nothing (the test's own stands in 2027).
    taken(deliveries, sent(7, last_updated="2031-01-01T00:00:00Z"))
    taken(deliveries, sent(8))
