"""What the quick looks at a body know for certain: a sound message needs no second, exact reading."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hardening.ocpi.bounds import MOST_BYTES, MOST_LEVELS, broken, has_no_long_number, is_shallow
from hardening.ocpi.non_ascii import stands_in_text
from hardening.ocpi.structs import Shape
from hardening.ocpi.validation import accepted, plan
from tests.hardening.ocpi.messages import MESSAGES

TEXTS = frozenset({b"name", b"city"})


def _accepted(value: Any, object_type: str = "Location", **style: Any) -> bool:
    body = json.dumps(value, **style).encode()
    return accepted(body, plan("2.2.1", "", object_type, Shape.OBJECT)) is not None


@pytest.mark.parametrize("object_type", sorted(MESSAGES["2.2.1"]))
@pytest.mark.parametrize("style", [{"separators": (",", ":")}, {}, {"indent": 2}])
def test_a_sound_message_is_known_however_it_is_spaced(object_type: str, style: dict[str, Any]) -> None:
    assert _accepted(MESSAGES["2.2.1"][object_type], object_type, **style)


def test_a_sound_message_is_known_with_fields_that_its_edition_does_not_have() -> None:
    location = MESSAGES["2.2.1"]["Location"]
    assert _accepted({**location, "x": {"y": [1, {"z": [2]}], "time": "noon"}})
    assert not _accepted({**location, "x": json.loads("[" * MOST_LEVELS + "]" * MOST_LEVELS)})


def test_a_message_with_a_time_in_another_zone_or_a_long_number_is_not_known() -> None:
    location = MESSAGES["2.2.1"]["Location"]
    assert not _accepted({**location, "last_updated": "2026-01-15T12:00:00+01:00"})
    assert not _accepted({**location, "x": 10**110})
    assert not _accepted({**location, "x": 10**110}, separators=(",", ":"))


@pytest.mark.parametrize(
    "body", [b'{"name":"Z\xc3\xbcrich"}', b'{"id":"1", "city": "Z\xc3\xbcrich", "a":"b"}']
)
def test_text_in_a_field_for_text_is_seen_as_such(body: bytes) -> None:
    assert stands_in_text(body, TEXTS)


@pytest.mark.parametrize(
    "body",
    [
        b'{"id":"Z\xc3\xbcrich"}',
        b'{"name":"Z\xc3\xbcrich","id":"Z\xc3\xbcrich"}',
        b'{"rename":"Z\xc3\xbcrich"}',
        b'{"names":"Z\xc3\xbcrich"}',
        b'{"name":["Z\xc3\xbcrich"]}',
        b'{"name":"a\xc2\x85b"}',
        b'{"name":"a\xe2\x80\xa8b"}',
        b'{"name":"Z\xc3\xbcrich',
        b'"Z\xc3\xbcrich"',
    ],
)
def test_text_that_stands_elsewhere_or_is_not_printable_is_not_waved_through(body: bytes) -> None:
    assert not stands_in_text(body, TEXTS)


def test_a_body_of_as_many_levels_as_allowed_is_shallow_and_one_more_is_not() -> None:
    for opened, closed in ((b"[", b"]"), (b'{"a":', b"}")):
        most = opened * MOST_LEVELS + b"1" + closed * MOST_LEVELS
        assert is_shallow(most)
        assert not is_shallow(opened + most + closed)


def test_a_body_of_exactly_sixteen_mebibytes_is_within_the_bounds() -> None:
    body = b'"' + b"a" * (16 * 1024 * 1024 - 2) + b'"'
    assert len(body) == MOST_BYTES
    assert broken(body) is None
    too_large = broken(body + b" ")
    assert too_large is not None
    assert too_large.rule == "too-large"


def test_digits_in_a_string_are_no_long_number() -> None:
    assert broken(b'{"id":"' + b"1" * 200 + b'"}') is None
    assert not has_no_long_number(b'{"id":' + b"1" * 200 + b"}")
