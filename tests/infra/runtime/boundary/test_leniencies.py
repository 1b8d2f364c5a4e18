"""What a contract lets be written otherwise: what is judged is what is signed, counted and delivered."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hardening.requests.agreed_body import agreed_body
from hardening.requests.header_names import HOP_SIGNATURE_HEADER
from hardening.requests.policy import decide_as_agreed
from hardening.requests.sample_messages import CDR
from hardening.requests.samples import CPO, call
from infra.runtime.http_service import HttpRequest, HttpResponse
from infra.runtime.policy_service.decision_log import entry
from tests.infra.runtime.boundary.test_boundary import CDRS, KEY, Bed, bed, signed

__all__ = ["bed"]  # a fixture

LENIENT = replace(CPO, accept={"zero-offset": "their clock library writes +00:00"})
TEXT = json.dumps(CDR).encode()
OTHERWISE = TEXT.replace(b'Z"', b'+00:00"')


@pytest.fixture(name="lenient")
def lenient_bed(bed: Bed) -> Bed:
    return replace(bed, boundary=replace(bed.boundary, partners={LENIENT.name: LENIENT}))


def _sent(bed: Bed, came: bytes, judged: bytes) -> HttpResponse:
    """A call whose body is `came`, and which the guard signed with the body `judged`."""
    told = signed(LENIENT.name, "POST", CDRS, judged)
    return bed.runner.run(bed.boundary.answer(HttpRequest("POST", CDRS, told.headers, came)))


def _judged(came: bytes) -> bytes:
    request = call("POST", CDRS, LENIENT, json.loads(came))
    read, decision = decide_as_agreed(replace(request, body=came))
    assert decision.allowed, decision
    return read.body


def test_the_service_gets_the_body_that_was_judged(lenient: Bed) -> None:
    judged = _judged(OTHERWISE)
    assert _sent(lenient, OTHERWISE, judged).status == 201
    assert [one.body for one in lenient.service.seen] == [judged]
    assert json.loads(judged) == CDR
    assert lenient.service.seen[0].headers["content-length"] == str(len(judged))
    assert lenient.boundary._is_genuine(lenient.service.seen[0])


def test_both_spellings_of_a_cdr_are_one_message(lenient: Bed) -> None:
    assert _sent(lenient, OTHERWISE, _judged(OTHERWISE)).status == 201
    assert _sent(lenient, TEXT, _judged(TEXT)).status == 201
    assert len(lenient.service.seen) == 1


@pytest.mark.parametrize(
    ("came", "judged"),
    [
        (OTHERWISE, TEXT.replace(b"NL", b"BE")),
        (OTHERWISE.replace(b"CDR-1", b"CDR-2"), TEXT),
        (TEXT, OTHERWISE),
        (b"{" * 70_000, TEXT),
        (b"", TEXT),
    ],
)
def test_what_was_not_judged_is_not_delivered(lenient: Bed, came: bytes, judged: bytes) -> None:
    assert _sent(lenient, came, judged).status == 401
    assert lenient.service.seen == []


def test_without_the_contract_the_letter_holds() -> None:
    request = replace(call("POST", CDRS, CPO, CDR), body=OTHERWISE)
    read, decision = decide_as_agreed(request)
    assert (read, decision.control) == (request, "message-matches-its-edition")
    assert agreed_body(CPO, "POST", CDRS, OTHERWISE) is None


def test_every_leniency_that_was_used_is_told() -> None:
    request = replace(call("POST", CDRS, LENIENT, CDR), body=OTHERWISE)
    read, decision = decide_as_agreed(request)
    told = entry(read, decision, 0.0, KEY)["unmapped"]
    assert told["leniencies"] == {"zero-offset": OTHERWISE.count(b"+00:00")}
    assert "leniencies" not in entry(request, decision, 0.0, KEY)["unmapped"]
    assert HOP_SIGNATURE_HEADER not in read.headers


def test_a_message_that_is_wrong_in_another_way_is_refused_as_it_came() -> None:
    body = OTHERWISE.replace(b'"total_energy"', b'"total_energie"')
    request = replace(call("POST", CDRS, LENIENT, CDR), body=body)
    read, decision = decide_as_agreed(request)
    assert (read, decision.allowed) == (request, False)
    assert "total_energy" in decision.detail


def test_a_business_rule_holds_for_what_is_read() -> None:
    body = json.dumps({**CDR, "end_date_time": "2001-01-01T00:00:00+00:00"}).encode()
    _, decision = decide_as_agreed(replace(call("POST", CDRS, LENIENT, CDR), body=body))
    assert decision.control == "times-are-in-order"
