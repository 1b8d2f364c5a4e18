"""Token records in one SQLite file: the store of a guard that runs without AWS.

Several processes of one machine share the file. Its journal is the rollback journal: a look makes no file
beside it, so a full disk costs no call, and a file that is moved into its place is whole (a write-ahead log
would be that of the file before). Readers wait while a writer commits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, replace
from pathlib import Path

from hardening.errors import ConfigError
from hardening.rotation.records import Change, Conflict, TokenRecord
from infra.runtime.private_file import make_private

# Seconds that a look waits for a writer; the guard refuses a call that waits longer.
_PATIENCE = 1.0
# The same for a command, of whose partners many may change at once: a writer is overtaken again and again.
COMMAND_PATIENCE = 30.0
_TABLE = """
CREATE TABLE IF NOT EXISTS tokens (
    digest TEXT PRIMARY KEY, partner TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
    environment TEXT NOT NULL, expires INTEGER NOT NULL, replaces TEXT NOT NULL DEFAULT '',
    issued INTEGER NOT NULL DEFAULT 0, used INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID
"""
_COLUMNS = "digest, partner, kind, state, environment, expires, replaces, issued, used"
_PUT = f"INSERT OR REPLACE INTO tokens ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608  (constants)
_FIND = f"SELECT {_COLUMNS} FROM tokens WHERE digest = ?"  # noqa: S608


class SqliteTokenStore:
    """See `TokenStore`. Safe to ask from several threads: each look opens the file anew."""

    def __init__(self, file: Path, patience: float = _PATIENCE) -> None:
        """Open `file`, or make it (mode 0600); `patience` in seconds. Raises ConfigError where that fails."""
        self._file, self._patience = file, patience
        try:
            make_private(file)
            with self._connected("rw") as connection:
                connection.execute("PRAGMA journal_mode = DELETE")
                connection.execute(_TABLE)
                _add_what_older_files_lack(connection)
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"{file}: no token store ({error})", "expected a writable file") from None

    def find(self, digest: str) -> TokenRecord | None:
        """See `TokenStore`. Raises sqlite3.Error where the file cannot be read, or is gone."""
        with self._connected("rw") as connection:
            return _find(connection, digest)

    def put(self, record: TokenRecord) -> None:
        """See `TokenStore`. Raises sqlite3.Error where the file cannot be written."""
        with self._connected("rw") as connection:
            connection.execute(_PUT, astuple(record))

    def apply(self, changes: Iterable[Change]) -> None:
        """See `TokenStore`. Raises sqlite3.Error where the file cannot be written."""
        with self._connected("rw") as connection:
            # The lock before the first look: nobody changes a record between look and write.
            connection.execute("BEGIN IMMEDIATE")
            for change in changes:
                found = _find(connection, change.after.digest)
                if found != change.before:
                    raise Conflict
                used = change.after.used if found is None else found.used
                connection.execute(_PUT, astuple(replace(change.after, used=used)))

    def note_use(self, digest: str, at: int) -> None:
        """See `TokenStore`. Raises sqlite3.Error where the file cannot be written."""
        with self._connected("rw") as connection:
            connection.execute("UPDATE tokens SET used = ? WHERE digest = ?", (at, digest))

    def of_partner(self, partner: str) -> tuple[TokenRecord, ...]:
        """See `SearchedTokenStore`. Raises sqlite3.Error where the file cannot be read, or is gone."""
        with self._connected("rw") as connection:
            query = f"SELECT {_COLUMNS} FROM tokens WHERE partner = ? ORDER BY digest"  # noqa: S608
            return tuple(TokenRecord(*row) for row in connection.execute(query, (partner,)))

    @contextmanager
    def _connected(self, mode: str) -> Iterator[sqlite3.Connection]:
        # `mode=rw`: a file that is gone is an error, never a new and empty store.
        address = f"{self._file.resolve().as_uri()}?mode={mode}"
        connection = sqlite3.connect(address, uri=True, timeout=self._patience)
        try:
            with connection:
                yield connection
        finally:
            connection.close()


def _find(connection: sqlite3.Connection, digest: str) -> TokenRecord | None:
    row = connection.execute(_FIND, (digest,)).fetchone()
    return None if row is None else TokenRecord(*row)


def _add_what_older_files_lack(connection: sqlite3.Connection) -> None:
    columns = {row[1] for row in connection.execute("PRAGMA table_info(tokens)")}
    number = "INTEGER NOT NULL DEFAULT 0"
    for name, kind in (("replaces", "TEXT NOT NULL DEFAULT ''"), ("issued", number), ("used", number)):
        if name not in columns:
            connection.execute(f"ALTER TABLE tokens ADD COLUMN {name} {kind}")
