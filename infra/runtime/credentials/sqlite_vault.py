"""A partner's two secrets in one SQLite file: the vault of a guard that runs without AWS.

Tokens stand here in clear, as they must be sent: the file has mode 0600, and is not the token store's, which
holds digests. Only the credentials module and the egress guard open it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hardening.errors import ConfigError
from hardening.rotation.connection import Secret, Stage
from infra.runtime.functions.secrets_vault import secret_of, text_of
from infra.runtime.private_file import make_private

_PATIENCE = 5.0
_TABLE = """
CREATE TABLE IF NOT EXISTS secrets (
    partner TEXT NOT NULL, direction TEXT NOT NULL, stage TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (partner, direction, stage)
) STRICT, WITHOUT ROWID
"""
_MOVE = "UPDATE OR REPLACE secrets SET stage = ? WHERE partner = ? AND direction = ? AND stage = ?"
_DELETE = "DELETE FROM secrets WHERE partner = ? AND direction = ? AND stage = ?"


class SqliteVault:
    """See `Vault`. Each use opens the file anew, so processes may share it. Raises sqlite3.Error."""

    def __init__(self, file: Path, partner: str) -> None:
        """Open `file`, or make it (mode 0600). Raises ConfigError where that fails."""
        self._file, self._partner = file, partner
        try:
            make_private(file)
            with self._connected() as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(_TABLE)
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"{file}: no vault ({error})", "expected a writable file") from None
        if file.stat().st_mode & 0o077:
            raise ConfigError(f"{file}: others may read it", "chmod 600: it holds tokens in clear")

    def read(self, direction: str, stage: Stage) -> Secret | None:
        """See `Vault`."""
        query = "SELECT text FROM secrets WHERE partner = ? AND direction = ? AND stage = ?"
        with self._connected() as connection:
            row = connection.execute(query, (self._partner, direction, stage.value)).fetchone()
        return None if row is None else secret_of(row[0])

    def write_pending(self, direction: str, secret: Secret) -> None:
        """See `Vault`."""
        row = (self._partner, direction, Stage.PENDING.value, text_of(secret))
        with self._connected() as connection:
            connection.execute("INSERT OR REPLACE INTO secrets VALUES (?, ?, ?, ?)", row)

    def promote(self, direction: str) -> None:
        """See `Vault`."""
        key = (self._partner, direction)
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            query = "SELECT 1 FROM secrets WHERE partner = ? AND direction = ? AND stage = ?"
            if connection.execute(query, (*key, Stage.PENDING.value)).fetchone():
                connection.execute(_MOVE, (Stage.PREVIOUS.value, *key, Stage.CURRENT.value))
                connection.execute(_MOVE, (Stage.CURRENT.value, *key, Stage.PENDING.value))

    def discard(self, direction: str) -> None:
        """See `Vault`."""
        with self._connected() as connection:
            connection.execute(_DELETE, (self._partner, direction, Stage.PENDING.value))

    def waits(self, direction: str) -> bool:
        """See `Vault`."""
        query = "SELECT 1 FROM secrets WHERE partner = ? AND direction = ? AND stage = ?"
        with self._connected() as connection:
            row = connection.execute(query, (self._partner, direction, Stage.PENDING.value)).fetchone()
        return row is not None

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        # `mode=rw`: a file that is gone is an error, never a new and empty vault.
        address = f"{self._file.resolve().as_uri()}?mode=rw"
        connection = sqlite3.connect(address, uri=True, timeout=_PATIENCE)
        try:
            with connection:
                yield connection
        finally:
            connection.close()
