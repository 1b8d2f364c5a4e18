"""Business rules in every shape of a body: an object, a part of one, a list, an answer, a page."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from hardening.ocpi import validate
from hardening.ocpi.structs import Shape
from hardening.ocpi.validation import decoded, plan
from tests.hardening.ocpi.messages import MESSAGES

CDR = MESSAGES["2.2.1"]["CDR"]
ODD = {**CDR, "currency": "EUX"}
STAMP = "2026-01-01T00:00:00Z"


def _judged(value: Any, shape: Shape, object_type: str = "CDR") -> list[tuple[str, str]]:
    found = validate(json.dumps(value).encode(), version="2.2.1", object_type=object_type, shape=shape)
    return [(one.pointer, str(one.rule)) for one in found if one.pointer.endswith("currency")]


def _answer(data: Any, code: int = 1000) -> dict[str, Any]:
    return {"status_code": code, "timestamp": STAMP, "data": data}


@pytest.mark.parametrize(
    ("value", "shape", "pointer"),
    [
        (ODD, Shape.OBJECT, "/currency"),
        ([CDR, ODD], Shape.LIST, "/1/currency"),
        (_answer(ODD), Shape.RESPONSE, "/data/currency"),
        (_answer([CDR, ODD]), Shape.RESPONSE_LIST, "/data/1/currency"),
    ],
)
def test_a_rule_is_asked_wherever_the_object_stands(value: Any, shape: Shape, pointer: str) -> None:
    assert _judged(value, shape) == [(pointer, "currency-is-iso-4217")]


def test_a_part_of_an_object_is_held_to_the_rules_that_it_can_break() -> None:
    part = {"currency": "EUX", "last_updated": STAMP}
    assert _judged(part, Shape.PATCH, "Session") == [("/currency", "currency-is-iso-4217")]
    assert _judged({**part, "currency": "EUR"}, Shape.PATCH, "Session") == []


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ([], Shape.LIST),
        (_answer([]), Shape.RESPONSE_LIST),
        (_answer(None, 2001), Shape.RESPONSE),
        (_answer(None, 2001), Shape.RESPONSE_LIST),
        (_answer({"hint": "no such CDR"}, 2003), Shape.RESPONSE),
        (_answer("no such CDR", 2003), Shape.RESPONSE_LIST),
    ],
)
def test_an_answer_that_brings_no_object_breaks_no_rule(value: Any, shape: Shape) -> None:
    body = json.dumps(value).encode()
    assert validate(body, version="2.2.1", object_type="CDR", shape=shape) == []


def test_a_time_that_leaves_out_its_zone_does_not_spare_the_message_its_rules() -> None:
    unzoned = {**ODD, "last_updated": "2026-03-01T12:00:00"}
    assert _judged(unzoned, Shape.OBJECT) == [("/currency", "currency-is-iso-4217")]


@pytest.mark.parametrize("shape", [Shape.OBJECT, Shape.LIST, Shape.PATCH])
def test_two_readings_of_a_body_that_disagree_are_an_error_and_no_pass(shape: Shape) -> None:
    unreadable = replace(plan("2.2.1", "", "CDR", shape), strict=msgspec.json.Decoder(int).decode)
    with pytest.raises(msgspec.ValidationError):
        decoded(b'{"id": "1"}', unreadable)
