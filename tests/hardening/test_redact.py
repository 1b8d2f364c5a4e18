"""Nothing that is logged, shown or kept holds a token or a driver's identifier."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hardening import redact
from hardening.requests import tokens


@given(st.sampled_from(["Authorization", "authorization", "COOKIE", "Set-Cookie", "Proxy-Authorization"]))
def test_headers_with_secrets_lose_their_values(name: str) -> None:
    token = tokens.issue()
    assert token not in str(redact.headers({name: tokens.header(token, "raw")}))


_words = st.sampled_from(["TOKEN", "token token", "Bearer", "basic+", "Token%20", "", "token="])


@settings(max_examples=300)
@given(_words | st.text(max_size=20), st.text(max_size=20))
def test_any_text_around_an_authorization_value_leaves_it_hidden(before: str, after: str) -> None:
    token = tokens.issue()
    for value in (tokens.header(token), f"Token {token}", f"bearer {token}"):
        shown = redact.text(f"{before} {value} {after}")
        assert token not in shown
        assert tokens.encoded(token) not in shown


def test_identifiers_in_json_are_hidden() -> None:
    shown = redact.text('{"token":"abc","uid": "CARD-1","contract_id":"NL-1","status":"ACTIVE"}')
    assert shown == (
        '{"token":"[redacted]","uid": "[redacted]","contract_id":"[redacted]","status":"ACTIVE"}'
    )


def test_a_card_in_a_path_is_hidden() -> None:
    assert redact.path("/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-1") == (
        "/ocpi/2.2.1/receiver/tokens/NL/EMX/[redacted]"
    )
    assert redact.path("/ocpi/2.2.1/sender/tokens/CARD-1/authorize") == (
        "/ocpi/2.2.1/sender/tokens/[redacted]/authorize"
    )
    assert redact.path("/ocpi/2.2.1/sender/tokens") == "/ocpi/2.2.1/sender/tokens"


@given(st.sampled_from(["tokens", "%74okens", "TOKENS", "tok%2565ns", "tokens;x"]), st.booleans())
def test_a_card_in_a_path_is_hidden_however_the_path_is_spelt(module: str, pushed: bool) -> None:
    before = "/ocpi/2.2.1/receiver" if pushed else "/ocpi//2.2.1/%73ender"
    for behind in ("/NL/EMX/04A2B3C4", "/%30%34A2B3C4", "\\04A2B3C4"):
        shown = redact.path(f"{before}/{module}{behind}")
        assert "04A2B3C4" not in shown
        assert "%30" not in shown


def test_a_path_cannot_write_a_second_line_into_a_log() -> None:
    assert redact.path("/ocpi/%0a%250d{}") == "/ocpi/??{}"


def test_a_query_loses_what_may_be_secret() -> None:
    assert redact.query("limit=1&token=abc&response_url=https://x.example/y") == (
        "limit=1&token=%5Bredacted%5D&response_url=%5Bredacted%5D"
    )
