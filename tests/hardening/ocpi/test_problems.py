"""How a problem is told: short, masked, one line; and the names that one reader takes for another's."""

from __future__ import annotations

import json

import pytest

from hardening.ocpi import validate
from hardening.ocpi.confusable_names import first_confusable, folded
from hardening.ocpi.problems import Problem, shown, token


def test_a_problem_is_a_refusal_unless_it_is_said_to_be_a_warning() -> None:
    assert not Problem("/uid", "length", "at most 36").warning


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        ("a" * 40, "", repr("a" * 40)),
        ("a" * 41, "", "'" + "a" * 39 + "… (41 characters)"),
        ("Zürich", "", "'Z\\xfcrich'"),
        ("04A2B3", "uid", "*** (6 characters)"),
        (12, "uid", "*** (a number)"),
        (12, "", "12"),
        (10**41, "", "a very large number"),
        (None, "", "null"),
        (False, "", "false"),
        ([1, 2], "", "a list of 2"),
        ({"a": 1}, "", "an object"),
    ],
)
def test_a_value_is_shown_short_and_a_drivers_identifier_is_not(value: object, name: str, text: str) -> None:
    assert shown(value, name) == text


def test_a_step_of_a_pointer_is_escaped_and_whole() -> None:
    assert token("evse_uid") == "evse_uid"
    assert token("a/b~c") == "a~1b~0c"
    assert token("a\nb") == "a\\nb"
    assert token("a" * 50) == "a" * 40


def test_a_name_that_appears_twice_is_named_in_full() -> None:
    body = json.dumps({"a": 1})[:-1] + ', "max_power": 1, "max_power": 2}'
    (found,) = validate(body.encode(), version="2.2.1", object_type="Token")
    assert found.pointer == "/max_power"


@pytest.mark.parametrize("name", ["UID", "uıd", "\uff55\uff49\uff44", "u\u200bid", "u-id", "ui\u0301d"])
def test_a_name_that_another_reader_takes_for_a_known_one_is_told_as_ascii(name: str) -> None:
    assert folded(name) == "uid"
    assert first_confusable(["x_new", name], frozenset({"uid"})) == ascii(name)[1:-1]


def test_two_new_names_that_are_taken_for_each_other_are_told_and_others_are_not() -> None:
    assert first_confusable(["x_new", "x_New"], frozenset({"uid"})) == "x_New"
    assert first_confusable(["x_new", "xnew", "uids", "u_id"], frozenset({"uid"})) == ""


@pytest.mark.parametrize(
    "name", ["partyId", "PartyId", "partyID", "party-id", "party.id", "party id", "party[id"]
)
def test_a_known_field_in_another_spelling_is_confusable(name: str) -> None:
    assert first_confusable(["x_new", name], frozenset({"party_id"})) == name
    assert first_confusable([name], frozenset({"id", "party"})) == ""
