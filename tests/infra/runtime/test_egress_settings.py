"""The egress guard's settings, and the addresses that it connects to, without a server."""

from __future__ import annotations

import asyncio
import json
import secrets
from pathlib import Path

import pytest

from hardening.egress.callers import Caller
from hardening.errors import ConfigError
from infra.runtime.credentials.sqlite_vault import SqliteVault
from infra.runtime.egress.resolver import CheckedResolver
from infra.runtime.egress.settings import aws_client, callers_from, egress_from


def callers(keys: object) -> dict[str, Caller]:
    return dict(callers_from({"RAMPART_EGRESS_KEYS": keys if isinstance(keys, str) else json.dumps(keys)}))


def test_each_caller_has_its_key_and_the_rotation_alone_changes_tokens() -> None:
    found = callers({"service": secrets.token_hex(32), "rotation": secrets.token_hex(32)})
    assert {name: one.changes_tokens for name, one in found.items()} == {"service": False, "rotation": True}


@pytest.mark.parametrize("text", ["no json", "[]", "{}", '"text"'])
def test_what_is_no_object_of_keys_is_one_clear_line(text: str) -> None:
    with pytest.raises(ConfigError, match="RAMPART_EGRESS_KEYS: expected"):
        callers(text)


def test_callers_do_not_share_a_key() -> None:
    key = secrets.token_hex(32)
    with pytest.raises(ConfigError, match="a key of its own"):
        callers({"service": key, "rotation": key})


def test_a_public_address_is_connected_to_at_the_port_that_was_asked() -> None:
    (found,) = asyncio.run(CheckedResolver((), {}).resolve("9.9.9.9", 8443))
    assert (found["host"], found["port"]) == ("9.9.9.9", 8443)


def test_the_vault_is_the_named_file_or_secrets_manager_in_a_named_region(tmp_path: Path) -> None:
    keys = json.dumps({"service": secrets.token_hex(32)})
    settings = {"RAMPART_ENVIRONMENT": "test", "RAMPART_PARTNERS": "partners", "RAMPART_EGRESS_KEYS": keys}
    file = {"RAMPART_VAULT_FILE": str(tmp_path / "vault.sqlite")}
    assert isinstance(egress_from({**settings, **file}).vault("example-emsp"), SqliteVault)
    with pytest.raises(ConfigError, match="AWS_REGION"):
        egress_from(settings)


def test_a_call_of_aws_ends_in_bounded_time() -> None:
    config = aws_client("secretsmanager", "eu-central-1").meta.config
    assert (config.connect_timeout, config.read_timeout) == (2, 5)
    assert config.retries["total_max_attempts"] == 3
