"""Nobody stops, unlocks or sets preferences for a session that is not one of its drivers'."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from hardening.answers.commanded import Commanded, commanded_by, is_commanded
from hardening.requests.header_names import HOP_SIGNATURE_HEADER
from hardening.requests.hop_signature import hop_of, is_genuine
from hardening.requests.sample_messages import SESSION
from infra.runtime.boundary import own_sessions
from infra.runtime.http_service import HttpRequest, HttpResponse
from tests.infra.runtime.boundary.test_boundary import FOREIGN, KEY, Bed, bed, envelope

__all__ = ["bed"]
COMMANDS = "/ocpi/2.2.1/receiver/commands"
NOW = datetime.now(UTC)
OTHERS = {
    **SESSION,
    "id": "SES-2",
    "evse_uid": "EV-2",
    "cdr_token": {**SESSION["cdr_token"], **FOREIGN, "contract_id": "SE-ZZZ-C000001-1"},
}
STOPS = {"id": ("SES-1", "SES-2"), "letters": ("ses-1", "ses-2")}


def _at(age: timedelta) -> str:
    return f"{NOW - age:%Y-%m-%dT%H:%M:%SZ}"


def _lists(*sessions: dict[str, Any], page: int = 50) -> Callable[[HttpRequest], HttpResponse]:
    """A service that gives everybody's sessions to everybody, a page at a time, and takes every command."""

    def says(asked: HttpRequest) -> HttpResponse:
        if asked.method != "GET":
            return HttpResponse(200, envelope({"result": "ACCEPTED", "timeout": 30}))
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.target).query).items()}
        rows = [one for one in sessions if one["last_updated"] >= query["date_from"]]
        offset = int(query["offset"])
        there = rows[offset : offset + page]
        more = offset + len(there) < len(rows)
        headers = {"link": '<https://ocpi.lab.example/n>; rel="next"'} if more else {}
        return HttpResponse(200, envelope(there), headers)

    return says


def _stop(bed: Bed, session_id: str) -> tuple[int, int]:
    return _command(bed, "STOP_SESSION", {"session_id": session_id})


def _unlock(bed: Bed, evse_uid: str) -> tuple[int, int]:
    return _command(
        bed, "UNLOCK_CONNECTOR", {"location_id": "loc-1", "evse_uid": evse_uid, "connector_id": "1"}
    )


def _command(bed: Bed, command: str, said: dict[str, str]) -> tuple[int, int]:
    said["response_url"] = "https://ocpi.emsp.example/ocpi/2.2.1/sender/commands/X/77"
    got = bed.call("example-emsp", "POST", f"{COMMANDS}/{command}", json.dumps(said).encode())
    return got.status, json.loads(got.body)["status_code"]


def _delivered(bed: Bed) -> int:
    return sum(one.method != "GET" for one in bed.service.seen)


@pytest.mark.parametrize("form", STOPS)
def test_a_session_of_another_partners_driver_is_not_stopped(
    form: str, bed: Bed, capsys: pytest.CaptureFixture[str]
) -> None:
    own, others = STOPS[form]
    bed.service.says = _lists(OTHERS, SESSION)
    assert _stop(bed, others) == (200, 2001)
    assert _delivered(bed) == 0
    assert "commands-move-own-sessions" in capsys.readouterr().out
    assert _stop(bed, own) == (200, 1000)
    assert _delivered(bed) == 1


def test_whether_there_is_such_a_session_is_not_told(bed: Bed) -> None:
    bed.service.says = _lists(OTHERS, SESSION)
    said = [
        bed.call(
            "example-emsp",
            "POST",
            f"{COMMANDS}/STOP_SESSION",
            json.dumps({"session_id": name, "response_url": "https://ocpi.emsp.example/1"}).encode(),
        ).body
        for name in ("SES-2", "NOBODYS")
    ]
    told = [{**json.loads(one), "timestamp": ""} for one in said]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("session", "answered"),
    [
        ({}, 1000),
        ({"status": "COMPLETED", "last_updated": _at(timedelta(hours=1))}, 1000),
        ({"status": "COMPLETED", "last_updated": _at(timedelta(days=2))}, 2001),
        ({"evse_uid": "EV-9"}, 2001),
        ({"location_id": "LOC-9"}, 2001),
    ],
)
def test_a_connector_is_unlocked_for_who_charges_there_or_has_just_done_so(
    session: dict[str, Any], answered: int, bed: Bed
) -> None:
    bed.service.says = _lists(OTHERS, {**SESSION, **session})
    assert _unlock(bed, "ev-1") == (200, answered)
    assert _unlock(bed, "EV-2") == (200, 2001)
    assert _delivered(bed) == (answered == 1000)


def test_preferences_are_for_own_sessions(bed: Bed) -> None:
    bed.service.says = _lists(OTHERS, SESSION)
    body = json.dumps({"profile_type": "FAST"}).encode()
    for name, code in (("SES-2", 2001), ("SES-1", 1000)):
        path = f"/ocpi/2.2.1/sender/sessions/{name}/charging_preferences"
        got = bed.call("example-emsp", "PUT", path, body)
        assert json.loads(got.body)["status_code"] == code


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse(404, envelope([SESSION])),
        HttpResponse(500, b"Traceback"),
        HttpResponse(200, b"<html>"),
        HttpResponse(200, envelope(SESSION)),
        HttpResponse(200, json.dumps({"status_code": 3000, "timestamp": "2026"}).encode()),
    ],
    ids=["none", "a trace", "a page", "one object", "an error"],
)
def test_where_nobody_can_tell_nothing_is_stopped(answer: HttpResponse, bed: Bed) -> None:
    bed.service.says = lambda _: answer
    assert _stop(bed, "SES-1") == (503, 3000)
    assert _delivered(bed) == 0


def test_a_session_far_back_is_found_and_one_beyond_the_pages_is_refused(
    bed: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_sessions, "_MOST_PAGES", 3)
    many = [{**SESSION, "id": f"S-{number}"} for number in range(9)]
    bed.service.says = _lists(*many, page=3)
    assert _stop(bed, "S-8") == (200, 1000)
    bed.service.says = _lists(*many, {**SESSION, "id": "S-9"}, page=3)
    assert _stop(bed, "S-9") == (503, 3000)


def test_the_question_is_the_guards_own_for_this_partner_and_has_no_body(bed: Bed) -> None:
    bed.service.says = _lists(SESSION)
    _stop(bed, "SES-1")
    *asked, command = bed.service.seen
    for one in asked:
        hop = hop_of("GET", one.target, one.headers, b"")
        assert is_genuine(KEY, hop, one.headers[HOP_SIGNATURE_HEADER], int(datetime.now(UTC).timestamp()))
        assert hop.partner == "example-emsp"
        assert "x-rampart-idempotency-key" not in one.headers
        assert one.body == b""
    assert command.method == "POST"


def test_a_session_of_2_1_1_is_told_by_its_location() -> None:
    session = {"id": "S", "location": {"id": "LOC-1", "evses": [{"uid": "EV-1"}]}, "status": "ACTIVE"}
    wanted = Commanded("2.1.1", location_id="LOC-1", evse_uid="EV-1")
    assert is_commanded(wanted, session, lately=False)
    for other in ({"location": {"id": "LOC-1"}}, {"location": {"id": "LOC-1", "evses": [7]}}, {}):
        assert not is_commanded(wanted, {**other, "status": "ACTIVE"}, lately=True)
    assert not is_commanded(Commanded("2.1.1"), {}, lately=True)
    assert is_commanded(replace(wanted, session_id="S"), session, lately=False)


def test_other_calls_move_no_session() -> None:
    for method, path in (("POST", f"{COMMANDS}/START_SESSION"), ("GET", "/ocpi/versions"), ("POST", "/x")):
        assert commanded_by(method, path, b"{}") is None
