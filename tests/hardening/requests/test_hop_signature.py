"""Whatever the guard told the service about a call holds for that call, and for a minute."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.requests.hop_signature import MOST_SECONDS, Hop, is_genuine, signature

KEY = bytes(range(32))
HOP = Hop(method="PUT", target="/ocpi/2.2.1/x?y=1", partner="example-emsp", kind="C", body=b"{}")
NOW = 1_767_225_600
HEADER = signature(KEY, HOP, NOW)


def test_what_was_signed_is_genuine_within_a_minute() -> None:
    assert is_genuine(KEY, HOP, HEADER, NOW)
    assert is_genuine(KEY, HOP, HEADER, NOW + MOST_SECONDS)
    assert not is_genuine(KEY, HOP, HEADER, NOW + MOST_SECONDS + 1)
    assert not is_genuine(KEY, HOP, HEADER, NOW - MOST_SECONDS - 1)


@pytest.mark.parametrize(
    "change",
    [
        {"method": "GET"},
        {"target": "/ocpi/2.2.1/x"},
        {"partner": "x"},
        {"kind": "A"},
        {"body": b"[]"},
        {"token": "0" * 64},
        {"idempotency": "0" * 64},
    ],
)
def test_another_call_is_not(change: dict[str, object]) -> None:
    assert not is_genuine(KEY, replace(HOP, **change), HEADER, NOW)  # type: ignore[arg-type]  # by name


def test_a_key_never_passes_for_a_token() -> None:
    header = signature(KEY, replace(HOP, idempotency="0" * 64), NOW)
    assert not is_genuine(KEY, replace(HOP, token="0" * 64), header, NOW)


@given(st.text() | st.just(HEADER.replace("v1=", "v0=")) | st.just(HEADER + " "))
def test_any_other_header_is_not(header: str) -> None:
    assert not is_genuine(KEY, HOP, header, NOW)


def test_another_key_is_not_and_a_short_key_is_none() -> None:
    assert not is_genuine(bytes(32), HOP, HEADER, NOW)
    with pytest.raises(ValueError, match="at least 32"):
        signature(b"short", HOP, NOW)
