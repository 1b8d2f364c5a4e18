"""A message that comes again has the key that it had; no two messages have one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.requests.idempotency import idempotency_key
from hardening.requests.sample_messages import CDR, CREDENTIALS, SESSION, START_SESSION, TOKEN

CDRS = "/ocpi/2.2.1/receiver/cdrs"
START = "/ocpi/2.2.1/receiver/commands/START_SESSION"
OWN_SESSION = "/ocpi/2.2.1/receiver/sessions/DE/CPX/SES-1"
REGISTRATION = "/ocpi/2.2.1/credentials"


def _key(
    method: str,
    path: str,
    body: Any,
    headers: dict[str, str] | None = None,
    partner: str = "example-cpo",
    token: str = "",
) -> str:
    return idempotency_key(partner, method, path, headers or {}, json.dumps(body).encode(), token)


@given(st.dictionaries(st.sampled_from(["x-request-id", "x-correlation-id", "traceparent"]), st.text()))
def test_message_ids_and_traces_change_no_key(headers: dict[str, str]) -> None:
    assert _key("POST", START, START_SESSION, headers) == _key("POST", START, START_SESSION) != ""


def test_a_cdr_is_one_under_its_id_whatever_it_says_and_in_whatever_version_it_comes() -> None:
    first = _key("POST", CDRS, CDR)
    assert len(first) == 64
    assert _key("POST", CDRS, {**CDR, "total_energy": 1}) == first
    assert _key("POST", CDRS, {**CDR, "id": CDR["id"].lower(), "party_id": "cpx"}) == first
    assert _key("POST", CDRS.replace("2.2.1", "2.3.0"), CDR) == first


def test_messages_of_another_meaning_have_other_keys() -> None:
    keys = [
        _key("POST", CDRS, CDR),
        _key("POST", CDRS, {**CDR, "id": "CDR-2"}),
        _key("POST", CDRS, {**CDR, "party_id": "CPY"}),
        _key("POST", CDRS, {**CDR, "country_code": "FR"}),
        _key("POST", CDRS, CDR, partner="example-hub"),
        _key("POST", START, START_SESSION),
        _key("POST", START, {**START_SESSION, "evse_uid": "EV-2"}),
        _key("POST", START.replace("START", "STOP"), START_SESSION),
        _key("POST", START, START_SESSION, {"ocpi-from-party-id": "EMX"}),
        _key("POST", START, START_SESSION, {"ocpi-to-party-id": "EMX"}),
        _key("POST", REGISTRATION, CREDENTIALS, token="0" * 64),
        _key("POST", REGISTRATION, CREDENTIALS, token="1" * 64),
        _key("PATCH", OWN_SESSION, {"kwh": 6, "last_updated": SESSION["last_updated"]}),
        _key("PATCH", OWN_SESSION, {"kwh": 6, "last_updated": "2026-01-15T11:00:01Z"}),
    ]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 64 for key in keys)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-1", TOKEN),
        ("PATCH", OWN_SESSION, {"kwh": 6}),
        ("GET", "/ocpi/2.2.1/sender/locations", {}),
        ("DELETE", REGISTRATION, {}),
        ("POST", "/ocpi/2.2.1/sender/tokens/CARD-1/authorize", {"location_id": "LOC-1"}),
        ("POST", "/nothing", {}),
    ],
)
def test_what_may_come_twice_or_may_be_meant_twice_has_none(method: str, path: str, body: Any) -> None:
    assert _key(method, path, body) == ""
