"""What the service is told of a call: one key for one message, and for no two."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from hardening.requests import tokens
from hardening.requests.header_names import HOP_SIGNATURE_HEADER, IDEMPOTENCY_HEADER, TOKEN_HEADER
from hardening.requests.request import Credentials
from hardening.requests.sample_messages import CDR, CREDENTIALS
from hardening.requests.samples import CPO, EMSP, NOW
from infra.runtime.http_service import HttpRequest
from infra.runtime.policy_service.hop_headers import hop_headers

TOKENS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=64)
KEYS = st.sampled_from([b"", bytes(range(32))])


def _told(key: bytes, token: str, path: str, body: object, partner: str = CPO.name) -> dict[str, str]:
    held = EMSP if partner == EMSP.name else CPO
    asked = HttpRequest("POST", path, {"authorization": tokens.header(token)}, json.dumps(body).encode())
    return hop_headers(key, asked, Credentials(held, "C", "active", NOW), NOW)


@given(KEYS, TOKENS, TOKENS)
def test_no_two_tokens_share_the_key_of_an_exchange(key: bytes, one: str, other: str) -> None:
    first, second = (_told(key, token, "/ocpi/2.2.1/credentials", CREDENTIALS) for token in (one, other))
    assert (first[IDEMPOTENCY_HEADER] == second[IDEMPOTENCY_HEADER]) is (one == other)
    assert (TOKEN_HEADER in first) is (HOP_SIGNATURE_HEADER in first) is bool(key)


@given(KEYS, TOKENS, TOKENS)
def test_a_cdr_that_comes_again_with_a_new_token_has_its_key(key: bytes, one: str, other: str) -> None:
    path = "/ocpi/2.2.1/receiver/cdrs"
    first, second = (_told(key, token, path, CDR)[IDEMPOTENCY_HEADER] for token in (one, other))
    assert first == second
    assert _told(key, one, path, CDR, EMSP.name)[IDEMPOTENCY_HEADER] != first
