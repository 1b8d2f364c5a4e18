"""The ledger on AWS: one DynamoDB table, in which each change is a conditional write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hardening.ledger.entry import Answer, Entry, Key

_TEXTS = ("partner", "state", "digest", "mark", "position", "status")
_TIMES = ("at", "until")


class DynamoLedger:
    """See `Ledger`. Items that have expired may still stand; `expires` is the table's TTL attribute, too."""

    def __init__(self, client: Any, table: str) -> None:
        """`client`: a DynamoDB client of boto3 or botocore with short timeouts."""
        self._client, self._table = client, table

    def find(self, key: Key) -> Entry | None:
        """See `Ledger`. Raises what botocore raises; KeyError or ValueError for an item of another form."""
        answer = self._client.get_item(TableName=self._table, Key=_names(key), ConsistentRead=True)
        found = answer.get("Item")
        return None if found is None else _entry(key, found)

    def swap(self, before: Entry | None, after: Entry) -> bool:
        """See `Ledger`. Raises what botocore raises."""
        asked: dict[str, Any] = {"TableName": self._table, "Item": _item(after)}
        if before is None:
            # The key's own attribute: there is no item.
            asked["ConditionExpression"] = "attribute_not_exists(party)"
        else:
            asked["ConditionExpression"] = "mark = :mark"
            asked["ExpressionAttributeValues"] = {":mark": {"S": before.mark}}
        try:
            self._client.put_item(**asked)
        except self._client.exceptions.ConditionalCheckFailedException:
            # A write whose answer was lost is repeated by the client, and then meets itself.
            return self.find(after.key) == after
        return True


def _names(key: Key) -> dict[str, dict[str, str]]:
    return {"party": {"S": key.party}, "object": {"S": key.object}}


def _item(entry: Entry) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = dict(_names(entry.key))
    made |= {name: {"S": getattr(entry, name)} for name in _TEXTS}
    # Times with their fraction as they are: a number of DynamoDB's has its own digits.
    made |= {name: {"S": repr(getattr(entry, name))} for name in _TIMES}
    if entry.expires:
        made["expires"] = {"N": str(entry.expires)}
    if entry.answer is not None:
        told = {"status": {"N": str(entry.answer.status)}, "location": {"S": entry.answer.location}}
        made["answer"] = {"M": {**told, "body": {"B": entry.answer.body}}}
    return made


def _entry(key: Key, item: Mapping[str, Mapping[str, Any]]) -> Entry:
    told = item["answer"]["M"] if "answer" in item else None
    return Entry(
        key=key,
        **{name: item[name]["S"] for name in _TEXTS},
        at=float(item["at"]["S"]),
        until=float(item["until"]["S"]),
        expires=int(item["expires"]["N"]) if "expires" in item else 0,
        answer=Answer(int(told["status"]["N"]), told["location"]["S"], bytes(told["body"]["B"]))
        if told
        else None,
    )
