"""The ledgers that a test runs against: SQLite on disk, and DynamoDB on the emulator's server."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moto.server import ThreadedMotoServer

from hardening.ledger.entry import Entry, Key
from infra.lab.clients import Clients
from infra.runtime.boundary.dynamodb_ledger import DynamoLedger
from infra.runtime.boundary.sqlite_ledger import SqliteLedger

REGION = "eu-central-1"
KINDS = ("sqlite", "dynamodb")


class MemoryLedger:
    """Entries in memory."""

    def __init__(self) -> None:
        self._entries: dict[Key, Entry] = {}

    def find(self, key: Key) -> Entry | None:
        """See `Ledger`."""
        return self._entries.get(key)

    def swap(self, before: Entry | None, after: Entry) -> bool:
        """See `Ledger`."""
        found = self._entries.get(after.key)
        if (found and found.mark) != (before and before.mark):
            return False
        self._entries[after.key] = after
        return True


@contextmanager
def emulator() -> Iterator[str]:
    """The address of an emulator."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def new_ledger(kind: str, folder: Path, endpoint: str) -> SqliteLedger | DynamoLedger:
    """An empty ledger of that kind."""
    if kind == "sqlite":
        return SqliteLedger(folder / f"{uuid.uuid4()}.sqlite")
    table = f"cdrs-{uuid.uuid4()}"
    client = Clients(endpoint, REGION).get("dynamodb")
    names = ("party", "object")
    client.create_table(
        TableName=table,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[
            {"AttributeName": name, "KeyType": key}
            for name, key in zip(names, ("HASH", "RANGE"), strict=True)
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return DynamoLedger(client, table)
