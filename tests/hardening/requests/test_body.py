"""One reading of a body: the quick one and the exact one agree, and a hostile body costs little."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hardening.requests.body import _parsed_exactly, parsed
from hardening.requests.checks.body import MOST_BODY_BYTES
from hardening.requests.policy import decide
from hardening.requests.sample_messages import CDR
from hardening.requests.samples import CPO, call, with_body

POSTED = call("POST", "/ocpi/2.2.1/receiver/cdrs", CPO, CDR)

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
)
_tokens = st.sampled_from(
    [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        '"a"',
        '"b"',
        '"\\u003a"',
        '":"',
        "1",
        "-",
        "1e400",
        "01",
        "NaN",
        " ",
        "\ufeff",
    ]
)


def _outcome(read: Any, body: bytes) -> str:
    try:
        return repr(read(body))
    except ValueError as error:
        return f"refused: {error}"


@settings(max_examples=400, deadline=None)
@given(_json.map(lambda value: json.dumps(value).encode()))
def test_any_json_text_has_one_value(body: bytes) -> None:
    assert _outcome(parsed, body) == _outcome(_parsed_exactly, body)


@settings(max_examples=800, deadline=None)
@given(st.lists(_tokens, max_size=14).map(lambda parts: "".join(parts).encode()) | st.binary(max_size=20))
@example(b'{"a":1,"a":2,"b":"\\u003a"}')
@example(b'{"a":1,"a":2}')
@example(b'{"a":{"b":1,"b":":"}}')
@example(b'"\xff"')
@example(b'{"x":"\\ud800"}')
def test_any_bytes_are_read_alike_or_refused_alike(body: bytes) -> None:
    assert _outcome(parsed, body) == _outcome(_parsed_exactly, body)


@pytest.mark.parametrize("item", [b"[]", b"{}", b"1", b'""'])
def test_a_body_of_very_many_values_is_refused_before_it_is_read(item: bytes) -> None:
    body = b'{"x":[' + b",".join([item] * 120_000) + b"]}"
    assert len(body) < MOST_BODY_BYTES
    decision = decide(with_body(POSTED, body))
    assert decision.control == "message-is-bounded"
    assert "values" in decision.detail


def test_the_longest_cdr_that_fits_is_not_too_many_values() -> None:
    period = {"start_date_time": CDR["charging_periods"][0]["start_date_time"]}
    period["dimensions"] = [{"type": "ENERGY", "volume": 0}]
    size = len(json.dumps(period, separators=(",", ":"))) + 1
    periods = [period] * ((MOST_BODY_BYTES - len(POSTED.body)) // size)
    request = call(
        "POST", POSTED.path, CPO, {**CDR, "charging_periods": [*CDR["charging_periods"], *periods]}
    )
    assert len(request.body) > MOST_BODY_BYTES * 0.99
    assert decide(request).control != "message-is-bounded"
