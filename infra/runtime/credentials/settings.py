"""From the environment to a credentials module: who we are, its partners, stores and way out.

RAMPART_ENVIRONMENT, RAMPART_PARTNERS (folder) or RAMPART_PARTNERS_FILE; RAMPART_CREDENTIALS_PORT;
RAMPART_ORIGIN (`https://host` of the guard), RAMPART_OUR_ROLES (JSON list: role, country_code, party_id,
business_details); RAMPART_HOP_KEY_FILE; RAMPART_OVERLAP_MINUTES (60) and RAMPART_ROTATION_DAYS (30);
RAMPART_TOKEN_FILE and RAMPART_VAULT_FILE (SQLite), or RAMPART_TOKEN_TABLE and AWS_REGION; and
RAMPART_EGRESS_URL, RAMPART_EGRESS_KEY_FILE (Base64), RAMPART_EGRESS_CA_FILE for the egress guard.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.requests.hop_signature import LEAST_KEY_BYTES
from hardening.rotation.connection import Connection, Vault
from hardening.rotation.credentials_object import own_roles
from hardening.rotation.records import Terms, TokenRecords
from infra.runtime.credentials.service import CredentialsService
from infra.runtime.credentials.sqlite_vault import SqliteVault
from infra.runtime.egress.settings import aws_client
from infra.runtime.functions.partner_calls import EgressGuard, calls_through
from infra.runtime.functions.secrets_vault import SecretsVault
from infra.runtime.policy_service.environment import setting
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from infra.runtime.policy_service.stores import DynamoTokenStore
from infra.runtime.published_registry import partners_from

CALLER = "credentials"


def credentials_from(environment: Mapping[str, str]) -> CredentialsService:
    """The credentials module that the settings describe. Raises ConfigError for a wrong one."""
    served = setting(environment, "RAMPART_ENVIRONMENT")
    return CredentialsService(
        setting(environment, "RAMPART_ORIGIN").rstrip("/"),
        _roles(environment),
        partners_from(environment, served),
        key_file(environment, "RAMPART_HOP_KEY_FILE"),
        connections(environment, served),
    )


def connections(environment: Mapping[str, str], served: str) -> Callable[[Partner], Connection]:
    """What makes the connection of a partner: its vault, the token records, the way out, a clock."""
    terms = Terms(
        served,
        timedelta(minutes=_number(environment, "RAMPART_OVERLAP_MINUTES", "60")),
        2 * timedelta(days=_number(environment, "RAMPART_ROTATION_DAYS", "30")),
    )
    records, vault_of = _stores(environment, served)
    guard = egress_guard(environment)

    def connection(partner: Partner) -> Connection:
        vault, call = vault_of(partner.name), calls_through(guard, partner)
        return Connection(partner, terms, vault, records, call, lambda: datetime.now(UTC))

    return connection


def egress_guard(environment: Mapping[str, str]) -> EgressGuard:
    """The egress guard that partners are called through. Raises ConfigError."""
    ca_file = environment.get("RAMPART_EGRESS_CA_FILE", "")
    try:
        authority = Path(ca_file).read_text(encoding="ascii") if ca_file else ""
        key = base64.b64decode(key_file(environment, "RAMPART_EGRESS_KEY_FILE"), validate=True)
    except (OSError, ValueError):
        raise ConfigError("RAMPART_EGRESS_CA_FILE: expected PEM; RAMPART_EGRESS_KEY_FILE: Base64") from None
    return EgressGuard(setting(environment, "RAMPART_EGRESS_URL"), CALLER, lambda: key, authority)


def key_file(environment: Mapping[str, str], name: str) -> bytes:
    """The content of a file that holds a key. Raises ConfigError where it is missing or short."""
    file = setting(environment, name)
    try:
        key = Path(file).read_bytes()
    except OSError as error:
        raise ConfigError(f"{name}: {file}: {error.strerror}") from None
    if len(key) < LEAST_KEY_BYTES:
        raise ConfigError(f"{name}: expected at least {LEAST_KEY_BYTES} bytes")
    return key


def _stores(environment: Mapping[str, str], served: str) -> tuple[TokenRecords, Callable[[str], Vault]]:
    file = environment.get("RAMPART_TOKEN_FILE", "")
    if file:
        vault = Path(setting(environment, "RAMPART_VAULT_FILE"))
        return SqliteTokenStore(Path(file)), lambda partner: SqliteVault(vault, partner)
    region, table = setting(environment, "AWS_REGION"), setting(environment, "RAMPART_TOKEN_TABLE")
    secrets = aws_client("secretsmanager", region)
    records = DynamoTokenStore(aws_client("dynamodb", region), table)
    return records, lambda partner: SecretsVault(secrets, f"rampart/{served}/{partner}")


def _roles(environment: Mapping[str, str]) -> tuple[Mapping[str, Any], ...]:
    try:
        return own_roles(setting(environment, "RAMPART_OUR_ROLES"))
    except ValueError as error:
        raise ConfigError(f"RAMPART_OUR_ROLES: {error}") from None


def _number(environment: Mapping[str, str], name: str, default: str) -> int:
    text = environment.get(name, default)
    if not text.isdecimal() or int(text) < 1:
        raise ConfigError(f"{name}: expected a whole number, 1 or more")
    return int(text)
