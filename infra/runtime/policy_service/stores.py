"""Where credentials tokens are looked up: by digest, never by token.

Records: `digest` (the key), `partner`, `kind` ("A" or "C"), `state` ("active", "retiring", "revoked"),
`environment`, `expires` (seconds since 1970, which is also the table's TTL attribute).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from hardening.registry.partners import Partner
from hardening.requests.request import Credentials

_FIELDS = ("digest", "partner", "kind", "state", "environment", "expires")


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """One token: `kind` is A or C, `state` active, retiring or revoked, `expires` in seconds since 1970."""

    digest: str
    partner: str
    kind: str
    state: str
    environment: str
    expires: int


class TokenStore(Protocol):
    """A store of token records. A store that cannot answer raises; the caller then refuses."""

    def lookup(self, digest: str) -> Credentials | None:
        """The credentials of the token with this SHA-256 (hexadecimal); None for an unknown one."""


class MemoryTokenStore:
    """Records in memory: for tests, and for a guard that is given its records at start."""

    def __init__(self, records: Iterable[TokenRecord], partners: Iterable[Partner]) -> None:
        self._records = {record.digest: record for record in records}
        self._partners = {partner.name: partner for partner in partners}

    def lookup(self, digest: str) -> Credentials | None:
        """See `TokenStore`."""
        record = self._records.get(digest)
        return None if record is None else _credentials(record, self._partners)


class DynamoTokenStore:
    """Records in a DynamoDB table; each lookup is a consistent read, so a revocation counts at once."""

    def __init__(self, client: Any, table: str, partners: Iterable[Partner]) -> None:
        """`client`: a boto3 DynamoDB client with short timeouts."""
        self._client = client
        self._table = table
        self._partners = {partner.name: partner for partner in partners}

    def lookup(self, digest: str) -> Credentials | None:
        """See `TokenStore`. Raises what botocore raises, and LookupError for a broken record."""
        answer = self._client.get_item(
            TableName=self._table, Key={"digest": {"S": digest}}, ConsistentRead=True
        )
        item = answer.get("Item")
        return None if item is None else _credentials(_record(item), self._partners)


def item(record: TokenRecord) -> dict[str, dict[str, str]]:
    """A record as a DynamoDB item, in the form of the low-level API."""
    return {
        name: {"N": str(value)} if name == "expires" else {"S": str(value)}
        for name, value in asdict(record).items()
    }


def _record(stored: Mapping[str, Mapping[str, str]]) -> TokenRecord:
    values = {name: stored[name]["N" if name == "expires" else "S"] for name in _FIELDS}
    return TokenRecord(**{**values, "expires": int(values["expires"])})  # type: ignore[arg-type]  # by name


def _credentials(record: TokenRecord, partners: Mapping[str, Partner]) -> Credentials | None:
    """None if the record's partner is no longer in the registry: the token is then unknown."""
    partner = partners.get(record.partner)
    if partner is None:
        return None
    return Credentials(
        partner=partner,
        kind=record.kind,
        state=record.state,
        expires=datetime.fromtimestamp(record.expires, UTC),
        environment=record.environment,
    )
