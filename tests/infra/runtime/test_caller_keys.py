"""The keys of the egress guard's callers, as Secrets Manager answers (botocore's stub of its client)."""

from __future__ import annotations

import asyncio
import secrets

import botocore.session
from botocore.stub import Stubber

from hardening.egress.callers import CHANGE_TOKENS
from hardening.requests.hop_signature import key_of
from infra.runtime.egress.caller_keys import _STAGES, SecretKeys


def test_both_keys_of_a_caller_count_and_are_asked_for_once() -> None:
    client = botocore.session.Session().create_client("secretsmanager", region_name="eu-central-1")
    keys = [secrets.token_hex(32) for _ in _STAGES]
    with Stubber(client) as answers:
        for _ in CHANGE_TOKENS:
            for key in keys:
                answers.add_response("get_secret_value", {"SecretString": key})
        now = [100.0]
        read = SecretKeys(client, "test", clock=lambda: now[0])
        found = asyncio.run(read(False))
        # Nothing more is answered: the stub fails a call of more.
        assert asyncio.run(read(True)) == found
        now = [130.0]
        assert asyncio.run(read(False)) == found
    assert set(found) == set(CHANGE_TOKENS)
    for caller in found.values():
        assert list(caller.keys) == [key_of(key) for key in keys]
        assert caller.changes_tokens


def test_a_key_that_was_not_made_yet_is_nobodys() -> None:
    client = botocore.session.Session().create_client("secretsmanager", region_name="eu-central-1")
    with Stubber(client) as answers:
        for _ in range(len(CHANGE_TOKENS) * len(_STAGES)):
            answers.add_client_error("get_secret_value", "ResourceNotFoundException")
        assert asyncio.run(SecretKeys(client, "test")(False)) == {}
