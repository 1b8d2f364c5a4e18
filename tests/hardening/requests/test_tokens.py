"""Credentials tokens: one spelling each, unknown until proven, and never to be seen."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.registry.partners import Partner
from hardening.requests import tokens
from hardening.requests.request import Credentials
from hardening.requests.samples import EMSP, credentials

_tokens = st.text([chr(code) for code in range(0x21, 0x7F)], min_size=1, max_size=64)
RAW = replace(EMSP, auth_encoding="raw")


def _store(token: str, partner: Partner) -> dict[str, Credentials]:
    return {tokens.digest(token): credentials(partner)}


@given(_tokens)
def test_any_token_comes_back_from_its_header(token: str) -> None:
    assert tokens.decoded(tokens.encoded(token)) == token
    assert tokens.Presented("base64", token) in tokens.presented(tokens.header(token))


@given(_tokens.filter(lambda token: "," not in token))
def test_any_raw_token_comes_back_where_the_profile_says_raw(token: str) -> None:
    store = _store(token, RAW)
    assert tokens.credentials_of(f"Token {token}", store.get) is not None
    assert tokens.credentials_of(tokens.header(token), store.get) is None


@given(_tokens)
def test_a_raw_token_is_nobodys_where_the_profile_says_base64(token: str) -> None:
    store = _store(token, EMSP)
    assert tokens.credentials_of(tokens.header(token), store.get) is not None
    assert tokens.credentials_of(f"Token {token}", store.get) is None


@given(_tokens, st.sampled_from("!@#$%^&*-_.,:;~ \t\n\r"), st.integers(0, 88))
def test_a_foreign_character_anywhere_makes_it_another_text(token: str, foreign: str, place: int) -> None:
    """A lenient decoder drops such characters, so endless spellings would be one token."""
    encoded = tokens.encoded(token)
    spoilt = encoded[:place] + foreign + encoded[place:]
    assert tokens.credentials_of(f"Token {spoilt}", _store(token, EMSP).get) is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Token",
        "Token ",
        "{t}",
        "token {t}",
        "TOKEN {t}",
        "Token  {t}",
        "Token\t{t}",
        " Token {t}",
        "Token {t} ",
        "Bearer {t}",
        "Basic {t}",
        "Token {t},Token {t}",
        "Token {t}, Token {t}",
        "Token {t}\n",
        "Token {t}=",
        "Token ={t}",
    ],
)
def test_any_other_form_of_the_header_names_nobody(header: str) -> None:
    token = "an-example-of-a-token"
    presented = header.replace("{t}", tokens.encoded(token))
    assert tokens.credentials_of(presented, _store(token, EMSP).get) is None


def test_missing_padding_and_stray_bits_are_another_text() -> None:
    token = "abcd"
    assert tokens.encoded(token) == "YWJjZA=="
    for spelling in ("YWJjZA", "YWJjZA=", "YWJjZB==", "YWJjZA==YWJjZA=="):
        assert tokens.decoded(spelling) is None


def test_one_line_feed_at_the_end_is_forgiven_as_the_specification_has_it() -> None:
    with_feed = base64.b64encode(b"example-token\n").decode()
    assert tokens.decoded(with_feed) == "example-token"
    assert tokens.decoded(base64.b64encode(b"example-token\n\n").decode()) is None
    assert tokens.decoded(base64.b64encode(b"example token").decode()) is None


def test_a_token_that_is_too_long_is_none() -> None:
    assert tokens.decoded(base64.b64encode(b"a" * 65).decode()) is None


def test_issued_tokens_are_long_new_and_within_ocpis_characters() -> None:
    issued = {tokens.issue() for _ in range(200)}
    assert len(issued) == 200
    assert all(len(token) == 43 and tokens.decoded(tokens.encoded(token)) == token for token in issued)


def test_a_token_counts_only_over_a_connection_with_one_of_the_contracted_keys() -> None:
    held = replace(EMSP, client_certificate_in=("A" * 43 + "=", "B" * 43 + "="))
    (reading, *_) = tokens.presented(tokens.header("a-token"))
    assert tokens.is_partners_own(reading, credentials(held), "A" * 43 + "=")
    assert tokens.is_partners_own(reading, credentials(held), "B" * 43 + "=")
    assert not tokens.is_partners_own(reading, credentials(held), "C" * 43 + "=")
    assert not tokens.is_partners_own(reading, credentials(held), "")
    assert tokens.is_partners_own(reading, credentials(EMSP), "C" * 43 + "=")
    assert tokens.is_partners_own(reading, credentials(EMSP), "")
    assert not tokens.is_partners_own(reading, None, "")


def test_a_reading_does_not_show_its_token() -> None:
    [first, *_] = tokens.presented(tokens.header("a-secret-token"))
    assert "a-secret-token" not in repr(first)
