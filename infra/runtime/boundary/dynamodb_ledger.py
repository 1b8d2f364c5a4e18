"""The ledger on AWS: one DynamoDB table, in which each change is a conditional write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hardening.ledger.entry import REFUSED, Answer, Change, Entry, Key
from hardening.ledger.trail import TrailLine

_TEXTS = ("partner", "state", "digest", "mark", "position", "status")
_LINE_TEXTS = (
    *("mark", "kind", "partner", "direction", "day", "answered", "before", "after", "driver", "receipt"),
    "legal_basis",
)
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

    def swap(self, *changes: Change, line: TrailLine | None = None) -> bool:
        """See `Ledger`. Raises what botocore raises.

        One write after the other, in their order: a message is reserved before it claims anything, so nobody
        takes its claim for void. Where a later one fails, what was reserved before is refused again. A
        receipt stands in the item of its CDR, and is written with it; any other line is written first.
        """
        within = line if line is not None and line.receipt and changes else None
        if line is not None and within is None:
            self._client.put_item(TableName=self._table, Item=_line_item(line))
        for number, one in enumerate(changes):
            if not self._put(one, within if number == 0 else None):
                for made in changes[:number]:
                    undone = made.before or replace(made.after, state=REFUSED, until=0.0)
                    self._put(Change(made.after, undone), None)
                return False
        return True

    def _put(self, one: Change, line: TrailLine | None) -> bool:
        item = _item(one.after)
        if line is not None:
            item["trail"] = {"M": _line_item(line)}
        asked: dict[str, Any] = {"TableName": self._table, "Item": item}
        if one.before is None:
            # The key's own attribute: there is no item.
            asked["ConditionExpression"] = "attribute_not_exists(party)"
        else:
            asked["ConditionExpression"] = "mark = :mark"
            asked["ExpressionAttributeValues"] = {":mark": {"S": one.before.mark}}
        try:
            self._client.put_item(**asked)
        except self._client.exceptions.ConditionalCheckFailedException:
            # A write whose answer was lost is repeated by the client, and then meets itself.
            return self.find(one.after.key) == one.after
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


def _line_item(line: TrailLine) -> dict[str, dict[str, Any]]:
    """Beside the entry that it tells of, under a key of its own. `expires` is the table's TTL attribute."""
    key = Key(line.key.party, f"trail#{line.key.object}#{line.at:.6f}#{line.mark}")
    made = {name: {"S": getattr(line, name)} for name in _LINE_TEXTS}
    numbers = {"status": {"N": str(line.status)}, "expires": {"N": str(line.expires)}}
    return {**_names(key), **made, **numbers, "at": {"S": repr(line.at)}, "of": {"S": line.key.object}}
