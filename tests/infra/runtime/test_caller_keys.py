"""The keys of the egress guard's callers, as Secrets Manager answers (botocore's stub of its client)."""

from __future__ import annotations

import asyncio
import secrets

import botocore.session
import pytest
from botocore.exceptions import ClientError
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


def test_a_key_that_cannot_be_read_is_asked_for_once_a_second_and_by_all_together() -> None:
    client = botocore.session.Session().create_client("secretsmanager", region_name="eu-central-1")
    now = [100.0]
    read = SecretKeys(client, "test", clock=lambda: now[0])

    async def together() -> set[type]:
        found = await asyncio.gather(*(read(False) for _ in range(5)), return_exceptions=True)
        return {type(one) for one in found}

    async def run() -> None:
        for now[0] in (100.0, 101.0):
            # One answer for ten calls: the stub fails a call of more, with another error.
            answers.add_client_error("get_secret_value", "AccessDeniedException")
            assert await together() == {ClientError}
            assert await together() == {ClientError}
        now[0] = 102.0
        for _ in range(len(CHANGE_TOKENS) * len(_STAGES)):
            answers.add_response("get_secret_value", {"SecretString": secrets.token_hex(32)})
        assert await together() == {dict}

    with Stubber(client) as answers:
        asyncio.run(run())
        answers.assert_no_pending_responses()


def test_keys_that_are_fresh_serve_on_while_newer_ones_cannot_be_read() -> None:
    client = botocore.session.Session().create_client("secretsmanager", region_name="eu-central-1")
    now = [100.0]
    read = SecretKeys(client, "test", clock=lambda: now[0])
    with Stubber(client) as answers:
        for _ in range(len(CHANGE_TOKENS) * len(_STAGES)):
            answers.add_response("get_secret_value", {"SecretString": secrets.token_hex(32)})
        found = asyncio.run(read(False))
        now[0] = 130.0
        answers.add_client_error("get_secret_value", "AccessDeniedException")
        with pytest.raises(ClientError):
            asyncio.run(read(True))
        assert asyncio.run(read(False)) == found
        now[0] = 160.0
        answers.add_client_error("get_secret_value", "AccessDeniedException")
        with pytest.raises(ClientError):
            asyncio.run(read(False))
