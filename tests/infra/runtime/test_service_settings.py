"""From the environment to the policy service and the credentials module, without a process."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hardening.errors import ConfigError
from hardening.requests.samples import EMSP, PARTNERS
from infra.runtime.credentials.settings import connections, credentials_from, egress_guard
from infra.runtime.credentials.sqlite_vault import SqliteVault
from infra.runtime.functions.partners_file import dump
from infra.runtime.functions.secrets_vault import SecretsVault
from infra.runtime.policy_service.__main__ import programs
from infra.runtime.policy_service.settings import _client, policy_from, renewed_hop_key
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from infra.runtime.policy_service.stores import DynamoTokenStore

ROLE = {"role": "CPO", "country_code": "NL", "party_id": "LAB", "business_details": {"name": "We"}}


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """Those of a credentials module and a policy worker without AWS."""
    (tmp_path / "hop.key").write_bytes(b"h" * 32)
    (tmp_path / "egress.key").write_text(base64.b64encode(b"e" * 32).decode(), encoding="ascii")
    return {
        "RAMPART_ENVIRONMENT": "test",
        "RAMPART_PARTNERS": "partners",
        "RAMPART_TOKEN_FILE": str(tmp_path / "tokens.sqlite"),
        "RAMPART_VAULT_FILE": str(tmp_path / "vault.sqlite"),
        "RAMPART_HOP_KEY_FILE": str(tmp_path / "hop.key"),
        "RAMPART_ORIGIN": "https://us.example/",
        "RAMPART_OUR_ROLES": json.dumps([ROLE]),
        "RAMPART_EGRESS_URL": "http://127.0.0.1:9101",
        "RAMPART_EGRESS_KEY_FILE": str(tmp_path / "egress.key"),
    }


def _without(settings: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in settings.items() if name not in names}


def test_a_policy_has_the_partners_the_key_and_the_store_of_its_settings(settings: dict[str, str]) -> None:
    policy = policy_from({**settings, "RAMPART_STAGE": "live"})
    assert dict(policy.partners) == {one.name: one for one in PARTNERS}
    assert (policy.environment, policy.hop_key, policy.must_sign, policy.stage) == (
        "test", b"h" * 32, False, "live",
    )  # fmt: skip
    assert isinstance(policy.tokens._store, SqliteTokenStore)
    assert renewed_hop_key(settings) is None


def test_a_policy_reads_what_was_published_and_tokens_of_the_named_table(
    settings: dict[str, str], tmp_path: Path
) -> None:
    published = tmp_path / "partners.json"
    published.write_text(dump((EMSP,)), encoding="utf-8")
    policy = policy_from(
        {
            **_without(settings, "RAMPART_TOKEN_FILE", "RAMPART_PARTNERS", "RAMPART_HOP_KEY_FILE"),
            "RAMPART_PARTNERS_FILE": str(published),
            "RAMPART_TOKEN_TABLE": "tokens",
            "RAMPART_HOP_KEY_ID": "hop",
            "AWS_REGION": "eu-central-1",
        }
    )
    assert dict(policy.partners) == {EMSP.name: EMSP}
    assert isinstance(policy.tokens._store, DynamoTokenStore)
    assert (policy.hop_key, policy.must_sign) == (b"", True)


@pytest.mark.parametrize("tasks", [1, 4])
def test_the_tasks_of_a_guard_share_what_was_contracted(tasks: int, settings: dict[str, str]) -> None:
    limits = policy_from({**settings, "RAMPART_GUARD_TASKS": str(tasks)}).limits
    admitted = sum(limits.seconds_to_wait(EMSP) == 0 for _ in range(EMSP.requests_per_minute))
    assert admitted * tasks <= EMSP.requests_per_minute / 6 + 2 * tasks


@pytest.mark.parametrize("tasks", ["0", "-1", "1.5", "two", ""])
def test_what_is_no_number_of_tasks_is_a_fault(tasks: str, settings: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="RAMPART_GUARD_TASKS: expected the number of guard tasks"):
        policy_from({**settings, "RAMPART_GUARD_TASKS": tasks})


def test_a_key_of_the_hop_has_32_bytes_at_least(settings: dict[str, str]) -> None:
    Path(settings["RAMPART_HOP_KEY_FILE"]).write_bytes(b"h" * 31)
    for made in (policy_from, credentials_from):
        with pytest.raises(ConfigError, match="RAMPART_HOP_KEY_FILE: expected at least 32 bytes"):
            made(settings)


def test_a_look_into_the_token_store_takes_two_seconds_at_most() -> None:
    client: Any = _client("eu-central-1")
    config = client.meta.config
    tries = config.retries["total_max_attempts"]
    assert tries * (config.connect_timeout + config.read_timeout) <= 2


def test_workers_listen_on_a_port_each_from_the_first_on(settings: dict[str, str]) -> None:
    made = programs(settings, 9000, 3)
    assert [one.environment["RAMPART_POLICY_PORT"] for one in made] == ["9000", "9001", "9002"]
    assert [one.name for one in made] == ["policy-9000", "policy-9001", "policy-9002"]
    assert all(one.environment["RAMPART_ENVIRONMENT"] == "test" for one in made)


def test_a_credentials_module_is_who_its_settings_say(settings: dict[str, str]) -> None:
    service = credentials_from(settings)
    assert (service.origin, service.roles, service.hop_key) == ("https://us.example", (ROLE,), b"h" * 32)
    assert set(service.partners) == {one.name for one in PARTNERS}
    assert service.ours("2.2.1") == {"url": "https://us.example/ocpi/versions", "roles": [ROLE]}
    guard = egress_guard(settings)
    assert (guard.url, guard.caller, guard.key()) == ("http://127.0.0.1:9101", "credentials", b"e" * 32)


def test_a_connection_has_the_terms_and_the_stores_of_the_settings(settings: dict[str, str]) -> None:
    made = connections({**settings, "RAMPART_ROTATION_DAYS": "7"}, "test")(EMSP)
    assert (made.terms.overlap, made.terms.lifetime) == (timedelta(minutes=60), timedelta(days=14))
    assert isinstance(made.vault, SqliteVault)
    assert isinstance(made.records, SqliteTokenStore)
    on_aws = {"RAMPART_TOKEN_TABLE": "tokens", "AWS_REGION": "eu-central-1", "RAMPART_OVERLAP_MINUTES": "5"}
    made = connections({**_without(settings, "RAMPART_TOKEN_FILE"), **on_aws}, "test")(EMSP)
    assert (made.terms.overlap, made.terms.lifetime) == (timedelta(minutes=5), timedelta(days=60))
    assert isinstance(made.vault, SecretsVault)
    assert isinstance(made.records, DynamoTokenStore)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        *(
            ("RAMPART_OUR_ROLES", text, "expected a JSON list of role")
            for text in ("{", "[]", "{}", "7", "[7]")
        ),
        ("RAMPART_OUR_ROLES", json.dumps([{**ROLE, "token": "x"}]), "expected a JSON list of role"),
        ("RAMPART_OUR_ROLES", json.dumps([ROLE, {"role": "CPO"}]), "expected a JSON list of role"),
        *(("RAMPART_OVERLAP_MINUTES", text, "expected a whole number, 1") for text in ("0", "-5", "1.5", "")),
        ("RAMPART_ROTATION_DAYS", "0", "expected a whole number, 1"),
        ("RAMPART_TOKEN_FILE", "", "AWS_REGION: expected a value"),
        ("RAMPART_VAULT_FILE", "", "RAMPART_VAULT_FILE: expected a value"),
        ("RAMPART_HOP_KEY_FILE", "nowhere.key", "nowhere.key: No such file"),
        ("RAMPART_EGRESS_CA_FILE", "nowhere.pem", "RAMPART_EGRESS_CA_FILE: expected PEM"),
        ("RAMPART_EGRESS_URL", "", "RAMPART_EGRESS_URL: expected a value"),
    ],
)
def test_a_wrong_setting_of_the_credentials_module_is_one_clear_line(
    name: str, value: str, expected: str, settings: dict[str, str]
) -> None:
    with pytest.raises(ConfigError, match=expected) as error:
        credentials_from({**settings, name: value})
    assert name in error.value.message or "AWS_REGION" in error.value.message


def test_a_key_to_the_egress_guard_that_is_no_base64_is_a_fault(settings: dict[str, str]) -> None:
    key = secrets.token_hex(40) + "!"
    Path(settings["RAMPART_EGRESS_KEY_FILE"]).write_text(key, encoding="ascii")
    with pytest.raises(ConfigError, match="RAMPART_EGRESS_KEY_FILE: Base64") as error:
        credentials_from(settings)
    assert key not in str(error.value)
