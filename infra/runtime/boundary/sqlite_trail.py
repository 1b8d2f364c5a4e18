"""The trail of a SQLite ledger, as it is asked by people. The boundary may write meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from hardening.errors import ConfigError
from hardening.ledger.entry import Key
from hardening.ledger.trail import TrailLine
from infra.runtime.boundary.sqlite_ledger import TRAIL_COLUMNS

_PATIENCE = 10.0
_SELECT = f"SELECT {', '.join(TRAIL_COLUMNS)} FROM trail WHERE "  # noqa: S608  (constants)
_HINT = "name the ledger of a guard, `ledger` in guard.toml"


class SqliteTrail:
    """Lines of one ledger's trail. Every method raises ConfigError where the file is no ledger."""

    def __init__(self, file: Path) -> None:
        """`file` is opened with each question."""
        self._file = file

    def of_day(self, partner: str, day: str) -> list[TrailLine]:
        """What a partner sent on a UTC day, as `2026-01-15`."""
        return self._lines("partner = ? AND day = ? ORDER BY at, object", (partner, day))

    def of_object(self, name: str) -> list[TrailLine]:
        """Every line of an object, as `cdr#CDR-1`, whoever sent it, in order of time."""
        return self._lines("object = ? ORDER BY at", (name,))

    def erase(self, driver: str) -> int:
        """Take a driver's pseudonym out of every line, and out of the file; how many lines named him."""
        with self._opened("rw") as connection:
            # What is deleted is overwritten, and the write-ahead log is emptied.
            connection.execute("PRAGMA secure_delete = ON")
            changed = connection.execute("UPDATE trail SET driver = '' WHERE driver = ?", (driver,)).rowcount
            connection.commit()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return changed

    def count_of(self, driver: str) -> int:
        """How many lines name a driver."""
        return len(self._lines("driver = ?", (driver,)))

    def _lines(self, condition: str, values: tuple[str, ...]) -> list[TrailLine]:
        with self._opened("ro") as connection:
            return [_line(row) for row in connection.execute(_SELECT + condition, values)]

    @contextmanager
    def _opened(self, mode: str) -> Iterator[sqlite3.Connection]:
        try:
            address = f"{self._file.resolve().as_uri()}?mode={mode}"
            with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as connection:
                yield connection
        except (sqlite3.Error, OSError, RuntimeError) as error:  # links in a circle, a name too long
            raise ConfigError(f"{self._file}: no ledger with a trail ({error})", _HINT) from None


def _line(row: tuple[object, ...]) -> TrailLine:
    values = dict(zip(TRAIL_COLUMNS, row, strict=True))
    key = Key(str(values.pop("party")), str(values.pop("object")))
    return TrailLine(key=key, **values)  # type: ignore[arg-type]  # the table is STRICT
