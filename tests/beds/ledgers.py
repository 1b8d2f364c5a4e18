"""The ledgers that a test runs against: SQLite on disk, and DynamoDB on the emulator's server."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from moto.server import ThreadedMotoServer

from hardening.answers.pseudonyms import Pseudonyms
from hardening.ledger.entry import Change, Entry, Key
from hardening.ledger.trail import Recorder, TrailLine
from infra.lab.clients import Clients
from infra.runtime.boundary.dynamodb_ledger import DynamoLedger
from infra.runtime.boundary.sqlite_ledger import SqliteLedger
from infra.runtime.boundary.sqlite_trail import SqliteTrail

REGION = "eu-central-1"
# Known to every process of a test.
RECEIPT_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PSEUDONYMS = Pseudonyms(bytes(32))
RECORDER = Recorder(key=RECEIPT_KEY, pseudonyms=PSEUDONYMS)
KINDS = ("sqlite", "dynamodb")


class MemoryLedger:
    """Entries in memory."""

    def __init__(self) -> None:
        self._entries: dict[Key, Entry] = {}
        self.lines: list[TrailLine] = []

    def find(self, key: Key) -> Entry | None:
        """See `Ledger`."""
        return self._entries.get(key)

    def swap(self, *changes: Change, line: TrailLine | None = None) -> bool:
        """See `Ledger`."""
        for before, after in changes:
            found = self._entries.get(after.key)
            if (found and found.mark) != (before and before.mark):
                return False
        self._entries |= {after.key: after for _, after in changes}
        self.lines += [line] if line else []
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


def accepted_lines(ledger: SqliteLedger | DynamoLedger) -> list[TrailLine]:
    """The lines of every CDR that was taken, of whatever partner."""
    if isinstance(ledger, SqliteLedger):
        return SqliteTrail(ledger._file)._lines("receipt != ?", ("",))
    pages = ledger._client.get_paginator("scan").paginate(TableName=ledger._table)
    items = [item["trail"]["M"] for page in pages for item in page["Items"] if "trail" in item]
    return [_line_of(item) for item in items]


def _line_of(item: dict[str, dict[str, str]]) -> TrailLine:
    told = {name: next(iter(value.values())) for name, value in item.items()}
    key = Key(told.pop("party"), told.pop("of"))
    del told["object"]
    numbers = {
        "at": float(told.pop("at")),
        "status": int(told.pop("status")),
        "expires": int(told.pop("expires")),
    }
    return TrailLine(key=key, **told, **numbers)  # type: ignore[arg-type]  # as the ledger wrote it
