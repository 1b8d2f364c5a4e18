"""A partner registers: its versions are read, and tokens are exchanged (OCPI 2.2.1, 7.1.1).

What a service's role in AWS may do is what is done here: write secrets and the token table, and read the key
with which it signs its calls of the egress guard, the only way to the partner.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
from botocore.config import Config

from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.requests.tokens import digest, issue
from hardening.rotation.connection import INBOUND, OUTBOUND, Connection
from hardening.rotation.discovery import discover
from hardening.rotation.records import ACTIVE, Change, Terms, TokenRecord
from infra.runtime.functions.caller_keys import current_key
from infra.runtime.functions.partner_calls import EgressGuard, calls_through
from infra.runtime.functions.secrets_vault import SecretsVault
from infra.runtime.policy_service.stores import DynamoTokenStore

TIMING = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2})
_LIFETIME = timedelta(days=60)
_OVERLAP = timedelta(minutes=60)
_KEYS = {
    "RAMPART_TOKEN_TABLE": {"digest": {"S": "none"}},
    "RAMPART_REPLAY_TABLE": {"fingerprint": {"S": "none"}},
}


@dataclass(frozen=True, slots=True)
class Registration:
    """`secrets` and `tables` are clients of Secrets Manager and DynamoDB; `table` holds token digests.

    Partners are called through `guard`.
    """

    secrets: Any
    tables: Any
    table: str
    environment: str
    guard: EgressGuard

    def exchanged(self, partner: Partner, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
        """The token that the partner calls us with from now on.

        Raises `hardening.rotation.discovery.Unusable` where the partner's API cannot be used: nothing has
        changed then.
        """
        connection = self._connection(partner)
        endpoint = discover(connection, theirs["url"], theirs["token"])
        token = issue()
        expires = int((connection.clock() + connection.terms.lifetime).timestamp())
        record = TokenRecord(digest(token), partner.name, "C", ACTIVE, self.environment, expires)
        connection.records.apply([Change(None, record)])
        kept = {
            "token": theirs["token"],
            "url": endpoint.credentials,
            "versions": theirs["url"],
            "ours": ours,
        }
        self._store(partner, OUTBOUND, kept)
        self._store(partner, INBOUND, {"token": token})
        return token

    def _connection(self, partner: Partner) -> Connection:
        return Connection(
            partner,
            Terms(self.environment, _OVERLAP, _LIFETIME),
            SecretsVault(self.secrets, f"rampart/{self.environment}/{partner.name}"),
            DynamoTokenStore(self.tables, self.table),
            calls_through(self.guard, partner),
            lambda: datetime.now(UTC),
        )

    def _store(self, partner: Partner, direction: str, value: Mapping[str, Any]) -> None:
        name = f"rampart/{self.environment}/{partner.name}/{direction}"
        self.secrets.put_secret_value(SecretId=name, SecretString=json.dumps(value, sort_keys=True))


def open_registration() -> Registration:
    """The registration that the environment variables of the task describe, once all its tables answered.

    Raises ConfigError for a variable that is missing.
    """
    session = botocore.session.get_session()
    region = _setting("AWS_REGION")
    tables = session.create_client("dynamodb", region_name=region, config=TIMING)
    for variable, key in _KEYS.items():
        tables.get_item(TableName=_setting(variable), Key=key)
    secrets = session.create_client("secretsmanager", region_name=region, config=TIMING)
    environment, caller = _setting("RAMPART_ENVIRONMENT"), _setting("RAMPART_EGRESS_CALLER")
    guard = EgressGuard(
        _setting("RAMPART_EGRESS_URL"),
        caller,
        lambda: current_key(secrets, environment, caller),
        _setting("RAMPART_EGRESS_CA"),
    )
    return Registration(secrets, tables, _setting("RAMPART_TOKEN_TABLE"), environment, guard)


def _setting(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ConfigError(f"{name}: expected a value in the environment")
    return value
