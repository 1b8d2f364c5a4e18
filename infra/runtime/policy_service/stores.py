"""Where credentials tokens are looked up: by digest, never by token.

Records (`hardening.rotation.records`): `digest` is the key, `expires` also the table's TTL attribute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from hardening.registry.partners import Partner
from hardening.requests.request import Credentials
from hardening.rotation.records import REVOKED, Change, Conflict
from hardening.rotation.records import TokenRecord as TokenRecord  # also for those who ask a store

_FIELDS = ("digest", "partner", "kind", "state", "environment", "expires")
_NUMBERS = ("expires", "issued", "used")
_BY_PARTNER = "by-partner"


class TokenStore(Protocol):
    """A store of token records. What cannot answer raises; the caller then refuses."""

    def find(self, digest: str) -> TokenRecord | None:
        """The record of the token with this SHA-256 (hexadecimal), as it stands now; None for an unknown one.

        Raises LookupError for a record that cannot be read.
        """

    def put(self, record: TokenRecord) -> None:
        """Add a record, or replace the one of this digest; what was put is found from then on."""

    def apply(self, changes: Iterable[Change]) -> None:
        """Make all changes or, where a record does not stand as one expects, none. Raises Conflict."""

    def note_use(self, digest: str, at: int) -> None:
        """A call was let in with this token at `at` (seconds since 1970): the rest of its record stays."""


class SearchedTokenStore(TokenStore, Protocol):
    """A token store that people work on, too."""

    def of_partner(self, partner: str) -> tuple[TokenRecord, ...]:
        """Every record of a partner, whatever its state, by digest: what a revocation goes through."""


class MemoryTokenStore:
    """Records in memory: for tests."""

    def __init__(self, records: Iterable[TokenRecord] = ()) -> None:
        self._records = {record.digest: record for record in records}

    def find(self, digest: str) -> TokenRecord | None:
        """See `TokenStore`."""
        return self._records.get(digest)

    def put(self, record: TokenRecord) -> None:
        """See `TokenStore`."""
        self._records[record.digest] = record

    def apply(self, changes: Iterable[Change]) -> None:
        """See `TokenStore`."""
        wanted = tuple(changes)
        if any(self._records.get(change.after.digest) != change.before for change in wanted):
            raise Conflict
        for after in (change.after for change in wanted):
            known = self._records.get(after.digest, after)
            self._records[after.digest] = replace(after, used=known.used)

    def note_use(self, digest: str, at: int) -> None:
        """See `TokenStore`."""
        if digest in self._records:
            self._records[digest] = replace(self._records[digest], used=at)

    def of_partner(self, partner: str) -> tuple[TokenRecord, ...]:
        """See `SearchedTokenStore`."""
        found = (record for record in self._records.values() if record.partner == partner)
        return tuple(sorted(found, key=lambda record: record.digest))


class DynamoTokenStore:
    """Records in a DynamoDB table; each look is a consistent read."""

    def __init__(self, client: Any, table: str) -> None:
        """`client`: a DynamoDB client of boto3 or botocore with short timeouts."""
        self._client = client
        self._table = table

    def find(self, digest: str) -> TokenRecord | None:
        """See `TokenStore`. Raises what botocore raises, too."""
        answer = self._client.get_item(
            TableName=self._table, Key={"digest": {"S": digest}}, ConsistentRead=True
        )
        found = answer.get("Item")
        return None if found is None else _record(found)

    def put(self, record: TokenRecord) -> None:
        """See `TokenStore`. Raises what botocore raises."""
        self._client.put_item(TableName=self._table, Item=item(record))

    def apply(self, changes: Iterable[Change]) -> None:
        """See `TokenStore`: one TransactWriteItems. Raises what botocore raises, too."""
        writes = [self._write(change) for change in changes]
        if not writes:
            return
        try:
            self._client.transact_write_items(TransactItems=writes)
        except self._client.exceptions.TransactionCanceledException:
            # A condition that failed, or another transaction on the same record: look again, decide again.
            raise Conflict from None

    def note_use(self, digest: str, at: int) -> None:
        """See `TokenStore`. Raises what botocore raises."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"digest": {"S": digest}},
                UpdateExpression="SET #used = :at",
                # A record that has expired meanwhile does not come back.
                ConditionExpression="attribute_exists(digest)",
                ExpressionAttributeNames={"#used": "used"},
                ExpressionAttributeValues={":at": {"N": str(at)}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def of_partner(self, partner: str) -> tuple[TokenRecord, ...]:
        """See `SearchedTokenStore`. The index follows the table: a token of just now may be missing."""
        found: list[TokenRecord] = []
        asked: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": _BY_PARTNER,
            "KeyConditionExpression": "partner = :partner",
            "ExpressionAttributeValues": {":partner": {"S": partner}},
        }
        while True:
            answer = self._client.query(**asked)
            records = (self.find(one["digest"]["S"]) for one in answer["Items"])
            found += [record for record in records if record is not None]
            if "LastEvaluatedKey" not in answer:
                return tuple(sorted(found, key=lambda record: record.digest))
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _write(self, change: Change) -> dict[str, Any]:
        """Only `state` and `expires` of a record ever change, so these are what a change expects."""
        after = item(change.after)
        if change.before is None:
            condition = {"ConditionExpression": "attribute_not_exists(digest)"}
            return {"Put": {"TableName": self._table, "Item": after, **condition}}
        before = item(change.before)
        if change.after == replace(change.before, state=REVOKED):
            # A person may change the state alone, and a token that ends needs no other end.
            return self._revocation(after["digest"], before["state"])
        return {
            "Update": {
                "TableName": self._table,
                "Key": {"digest": after["digest"]},
                "UpdateExpression": "SET #state = :state, #expires = :expires",
                "ConditionExpression": "#state = :was AND #expires = :expired",
                "ExpressionAttributeNames": {"#state": "state", "#expires": "expires"},
                "ExpressionAttributeValues": {
                    ":state": after["state"],
                    ":expires": after["expires"],
                    ":was": before["state"],
                    ":expired": before["expires"],
                },
            }
        }

    def _revocation(self, digest: Mapping[str, str], was: Mapping[str, str]) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": self._table,
                "Key": {"digest": digest},
                "UpdateExpression": "SET #state = :state",
                "ConditionExpression": "#state = :was",
                "ExpressionAttributeNames": {"#state": "state"},
                "ExpressionAttributeValues": {":state": {"S": REVOKED}, ":was": was},
            }
        }


def item(record: TokenRecord) -> dict[str, dict[str, str]]:
    """A record as a DynamoDB item, in the form of the low-level API."""
    return {
        name: {"N": str(value)} if name in _NUMBERS else {"S": str(value)}
        for name, value in asdict(record).items()
    }


def _record(stored: Mapping[str, Mapping[str, str]]) -> TokenRecord:
    values: dict[str, Any] = {name: stored[name]["N" if name in _NUMBERS else "S"] for name in _FIELDS}
    # Older records do not say what they replace, nor when they were issued or used.
    values["replaces"] = stored.get("replaces", {}).get("S", "")
    numbers = {name: int(stored.get(name, {}).get("N", "0")) for name in _NUMBERS}
    return TokenRecord(**{**values, **numbers})


def credentials(record: TokenRecord | None, partners: Mapping[str, Partner]) -> Credentials | None:
    """What a record says of a token. None without a record, and where the partner has left the registry."""
    partner = partners.get(record.partner) if record else None
    if record is None or partner is None:
        return None
    return Credentials(
        partner=partner,
        kind=record.kind,
        state=record.state,
        expires=datetime.fromtimestamp(record.expires, UTC),
        environment=record.environment,
    )
