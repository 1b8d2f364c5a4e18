"""A partner's two secrets in Secrets Manager: what stands at each stage, and whose version it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from hardening.rotation.connection import Secret, Stage
from infra.runtime.functions.secrets_vault import SecretsVault, secret_of, text_of

PREFIX = "rampart/test/example-emsp"
WANTED = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "lab")
    with mock_aws():
        endpoint = "https://secretsmanager.eu-central-1.amazonaws.com"
        found = boto3.client("secretsmanager", endpoint_url=endpoint, region_name="eu-central-1")
        for direction in ("inbound", "outbound"):
            found.create_secret(Name=f"{PREFIX}/{direction}")
        yield found


def _held(vault: SecretsVault, direction: str = "outbound") -> list[str | None]:
    found = [vault.read(direction, stage) for stage in Stage]
    return [None if one is None else one.token for one in found]


def test_a_secret_that_was_never_written_has_no_stage(client: Any) -> None:
    vault = SecretsVault(client, PREFIX)
    assert _held(vault) == [None, None, None]
    vault.promote("outbound")
    vault.discard("outbound")
    assert vault.read_version("outbound", WANTED) is None


def test_a_pending_version_becomes_current_and_the_current_one_previous(client: Any) -> None:
    vault = SecretsVault(client, PREFIX)
    vault.write_pending("outbound", Secret("one"))
    vault.promote("outbound")
    assert _held(vault) == ["one", None, None], "what is current is not pending any more"
    vault.write_pending("outbound", Secret("two"))
    assert _held(vault) == ["one", "two", None]
    vault.promote("outbound")
    vault.promote("outbound")
    assert _held(vault) == ["two", None, "one"]
    assert _held(vault, "inbound") == [None, None, None]


def test_a_pending_version_is_put_away_and_a_current_one_is_not(client: Any) -> None:
    vault = SecretsVault(client, PREFIX)
    vault.write_pending("outbound", Secret("one"))
    vault.promote("outbound")
    vault.discard("outbound")
    assert _held(vault)[0] == "one"
    vault.write_pending("outbound", Secret("two"))
    vault.discard("outbound")
    assert _held(vault) == ["one", None, None]
    vault.promote("outbound")
    assert _held(vault)[0] == "one"


def test_the_version_that_secrets_manager_asks_for_is_made_first_and_once(client: Any) -> None:
    vault = SecretsVault(client, PREFIX, {"inbound": WANTED})
    vault.write_pending("inbound", Secret("asked for"))
    assert vault.read_version("inbound", WANTED) == Secret("asked for")
    vault.write_pending("inbound", Secret("another"))
    assert vault.read_version("inbound", WANTED) == Secret("asked for")
    assert _held(vault, "inbound")[1] == "another"
    again = SecretsVault(client, PREFIX, {"inbound": WANTED})
    again.write_pending("inbound", Secret("later"))
    assert again.read_version("inbound", WANTED) == Secret("asked for"), "a version is never written over"


def test_a_label_moves_and_stays_where_it_is(client: Any) -> None:
    vault = SecretsVault(client, PREFIX, {"inbound": WANTED})
    vault.write_pending("inbound", Secret("one"))
    for _ in range(2):
        vault.label("inbound", "REGISTRATION", WANTED)
    found = client.get_secret_value(SecretId=f"{PREFIX}/inbound", VersionStage="REGISTRATION")
    assert json.loads(found["SecretString"]) == {"token": "one"}


@pytest.mark.parametrize(
    "secret",
    [
        Secret("inbound"),
        Secret(
            "outbound", "https://a.example/credentials", {"url": "https://us.example"}, "https://a.example/v"
        ),
        Secret("token-a", versions="https://a.example/v", registered=False),
        Secret("kept", version="2.2.1", endpoints={"tokens:SENDER": "https://a.example"}, modules=("cdrs",)),
    ],
)
def test_a_secret_comes_back_as_it_was_and_an_inbound_one_is_its_token_alone(secret: Secret) -> None:
    assert secret_of(text_of(secret)) == secret
    assert json.loads(text_of(Secret("inbound"))) == {"token": "inbound"}


@pytest.mark.parametrize(
    "text", ["", "a-token", "[]", '{"user": "admin"}', '{"token": "x", "more": 1}', "null"]
)
def test_a_secret_of_somebody_else_is_refused_without_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="not in the form of this program") as error:
        secret_of(text)
    assert not text or text not in str(error.value)
