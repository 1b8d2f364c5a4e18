"""`python -m tests.beds.light_emulator PORT`: moto's server, which is no slower for a table of many records.

Moto copies its whole table for each write of a transaction, to put it back where one fails. Here it copies
the records that the transaction names, and one transaction waits for another.
"""

from __future__ import annotations

import copy
import sys
import threading
from collections.abc import Mapping
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.server import main

KEY = "digest"
_one_at_a_time = threading.Lock()
_whole = DynamoDBBackend.transact_write_items


def transact_write_items(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    """See DynamoDBBackend."""
    named = {
        str((one.get("Key") or one["Item"])[KEY]["S"]) for each in transact_items for one in each.values()
    }

    def copied(table: Table, memo: dict[int, Any]) -> Table:
        light = copy.copy(table)
        light.items = copy.copy(table.items)
        records: Mapping[Any, Any] = table.items
        for key, record in records.items():
            if record.hash_key.value in named:
                light.items[key] = copy.deepcopy(record, memo)
        return light

    with _one_at_a_time:
        Table.__deepcopy__ = copied  # type: ignore[attr-defined]  # copy.deepcopy looks for it
        _whole(backend, transact_items)


if __name__ == "__main__":
    DynamoDBBackend.transact_write_items = transact_write_items  # type: ignore[method-assign, assignment]  # in its place
    main(["--host", "127.0.0.1", "--port", sys.argv[1]])
