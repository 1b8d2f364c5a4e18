"""What a contract lets be written otherwise: read in one way, without loss, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.ocpi import validate
from hardening.ocpi.editions import edition
from hardening.ocpi.leniencies import NAMES, Contract
from hardening.ocpi.lenient import as_agreed
from hardening.ocpi.structs import Shape
from tests.hardening.ocpi.messages import MESSAGES

TABLES = edition("2.2.1")
# leniency -> (where it is used, what stands there, what is read)
USED: dict[str, tuple[str, Any, Any]] = {
    "zero-offset": ("last_updated", "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00Z"),
    "long-fractions": ("last_updated", "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.123456Z"),
    "short-coordinates": ("coordinates/latitude", "51.0476", "51.04760"),
    "number-coordinates": ("coordinates/longitude", 3.72944, "3.72944"),
    "whole-floats": ("evses/0/connectors/0/max_amperage", 32.0, 32),
    "www-urls": ("operator/website", "www.x.example", "https://www.x.example"),
    "language-tags": ("directions/0/language", "en-GB", "en-GB"),
    "unknown-values": ("evses/0/connectors/0/standard", "NACS", "NACS"),
    "line-breaks": ("name", "Kade 1\nback yard", "Kade 1\nback yard"),
}


def _location() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(MESSAGES["2.2.1"]["Location"]))
    return made | {
        "operator": {"name": "x", "website": "https://x.example"},
        "directions": [{"language": "en", "text": "x"}],
        "x_vendor": {"price": 1},
    }


def _with(pointer: str, value: Any) -> dict[str, Any]:
    made: Any = _location()
    *steps, last = pointer.split("/")
    holder = made
    for step in steps:
        holder = holder[int(step)] if step.isdecimal() else holder[step]
    holder[last] = value
    return made  # type: ignore[no-any-return]  # a dict, as `_location` makes it


def _problems(message: Any, *accept: str) -> list[str]:
    body = json.dumps(message).encode()
    found = validate(body, version="2.2.1", object_type="Location", contract=Contract(accept=accept))
    return [one.rule for one in found]


@pytest.mark.parametrize("name", NAMES)
def test_a_leniency_lets_its_own_case_through_and_no_other_does(name: str) -> None:
    pointer, written, read = USED[name]
    message = _with(pointer, written)
    assert _problems(message)
    assert _problems(message, *(other for other in NAMES if other != name))
    assert _problems(message, name) == []
    agreed = as_agreed(json.dumps(message).encode(), TABLES, "Location", Shape.OBJECT, {name})
    assert agreed is not None
    assert (dict(agreed.used), agreed.problems) == ({name: 1}, ())
    assert json.loads(agreed.body) == _with(pointer, read)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("last_updated", "2026-01-01T00:00:00+01:00"),
        ("last_updated", "2026-01-01T00:00:00-00:00"),
        ("last_updated", "2026-02-30T00:00:00+00:00"),
        ("last_updated", "2026-01-01 00:00:00+00:00"),
        ("coordinates/latitude", 1e400),
        ("coordinates/latitude", 51.04759999999),
        ("coordinates/latitude", True),
        ("coordinates/latitude", "51,0476"),
        ("evses/0/connectors/0/max_amperage", 32.5),
        ("evses/0/connectors/0/max_amperage", "32"),
        ("operator/website", "169.254.169.254/latest"),
        ("operator/website", "www.x .example"),
        ("directions/0/language", "english"),
        ("evses/0/connectors/0/standard", "N\u0000"),
        ("evses/0/connectors/0/power_type", "AC_9_PHASE"),
        ("evses/0/uid", "evse\n1"),
        ("name", "a\u0000b"),
        ("evses/0/connectors/0/standard", ["NACS"]),
    ],
)
def test_what_no_leniency_means_stays_refused(pointer: str, value: Any) -> None:
    assert _problems(_with(pointer, value), *NAMES)


def test_a_fault_beside_a_leniency_is_told_alone() -> None:
    message = _with("last_updated", "2026-01-01T00:00:00+00:00")
    del message["city"]
    assert _problems(message, "zero-offset") == ["required"]


def test_a_url_that_we_call_is_never_completed() -> None:
    command = json.loads(json.dumps(MESSAGES["2.2.1"]["StartSession"])) | {"response_url": "www.x.example/a"}
    contract = Contract(accept=NAMES)
    body = json.dumps(command).encode()
    assert validate(body, version="2.2.1", object_type="StartSession", contract=contract)


@pytest.mark.parametrize(
    ("name", "value"), [("status", "PAUSED"), ("auth_method", "PIN"), ("kwh", "3"), ("id", "a\tb")]
)
def test_what_decides_of_a_session_is_of_its_edition(name: str, value: str) -> None:
    body = json.dumps({**MESSAGES["2.2.1"]["Session"], name: value}).encode()
    assert validate(body, version="2.2.1", object_type="Session", contract=Contract(accept=NAMES))


def test_business_rules_hold_for_what_is_read() -> None:
    cdr = json.loads(json.dumps(MESSAGES["2.2.1"]["CDR"]))
    cdr["start_date_time"] = "2099-01-01T00:00:00+00:00"
    found = validate(
        json.dumps(cdr).encode(),
        version="2.2.1",
        object_type="CDR",
        contract=Contract(accept=("zero-offset",)),
    )
    assert "times-are-in-order" in {one.rule for one in found}


def test_numbers_keep_their_digits_and_unknown_fields_stay() -> None:
    text = json.dumps(_with("last_updated", "2026-01-01T00:00:00+00:00")).replace(
        '"x_vendor": {"price": 1}', '"x_vendor":{"price":1.1000,"big":12345678901234567890123,"e":1E+2}'
    )
    agreed = as_agreed(text.encode(), TABLES, "Location", Shape.OBJECT, {"zero-offset"})
    assert agreed is not None
    assert b'"x_vendor":{"price":1.1000,"big":12345678901234567890123,"e":1E+2}' in agreed.body


@given(
    st.lists(st.sampled_from(NAMES), unique=True),
    st.lists(st.sampled_from(NAMES), unique=True),
    st.sampled_from([Shape.OBJECT, Shape.LIST, Shape.RESPONSE]),
)
def test_what_was_read_once_is_read_the_same_again(
    accept: list[str], written: list[str], shape: Shape
) -> None:
    message: Any = _location()
    for name in written:
        pointer, value, _ = USED[name]
        *steps, last = pointer.split("/")
        holder: Any = message
        for step in steps:
            holder = holder[int(step)] if step.isdecimal() else holder[step]
        holder[last] = value
    whole: Any = {"status_code": 1000, "timestamp": "2026-01-01T00:00:00Z", "data": message}
    body = json.dumps({Shape.OBJECT: message, Shape.LIST: [message]}.get(shape, whole)).encode()
    agreed = as_agreed(body, TABLES, "Location", shape, accept)
    if agreed is None:
        return
    again = as_agreed(agreed.body, TABLES, "Location", shape, accept)
    assert again is None or again.body == agreed.body
    assert set(agreed.used) <= set(accept)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_body_is_too_odd_to_be_asked_about(body: bytes) -> None:
    for shape in Shape:
        as_agreed(body, TABLES, "Location", shape, NAMES)


@pytest.mark.parametrize("number", ["1E+99999999", "1e99999999999999999999", "-0.0", "1E-99999999", "0.0e0"])
def test_a_number_of_any_size_costs_nothing(number: str) -> None:
    text = json.dumps(_location()).replace('"price": 1', f'"price": {number}')
    text = text.replace('"longitude": "', '"longitude": ' + number + ', "x": "')
    as_agreed(text.encode(), TABLES, "Location", Shape.OBJECT, NAMES)
    amps = text.replace('"max_amperage": 32', f'"max_amperage": {number}')
    as_agreed(amps.encode(), TABLES, "Location", Shape.OBJECT, NAMES)


def test_zeros_at_the_end_of_a_fraction_are_no_part_of_the_time() -> None:
    written = json.dumps(_with("last_updated", "2026-01-01T00:00:00.120000+00:00")).encode()
    agreed = as_agreed(written, TABLES, "Location", Shape.OBJECT, ("long-fractions", "zero-offset"))
    assert agreed is not None
    assert json.loads(agreed.body)["last_updated"] == "2026-01-01T00:00:00.12Z"
