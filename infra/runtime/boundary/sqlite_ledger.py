"""The ledger without AWS: one SQLite file, which survives the death of any process at any step.

What is written waits for the disk, which takes milliseconds: those who wait at once are written together.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hardening.errors import ConfigError
from hardening.ledger.entry import Answer, Change, Entry, Key
from hardening.ledger.trail import TrailLine
from infra.runtime.private_file import make_private

# Seconds that a step waits for another writer.
_PATIENCE = 2.0
_LOOK_EVERY = 0.001
_TABLE = """
CREATE TABLE IF NOT EXISTS ledger (
    party TEXT NOT NULL, object TEXT NOT NULL, partner TEXT NOT NULL, state TEXT NOT NULL,
    digest TEXT NOT NULL, mark TEXT NOT NULL, at REAL NOT NULL, until REAL NOT NULL, expires INTEGER NOT NULL,
    position TEXT NOT NULL, status TEXT NOT NULL,
    answer_status INTEGER, answer_location TEXT, answer_body BLOB,
    PRIMARY KEY (party, object)
) STRICT, WITHOUT ROWID
"""
_TRAIL = """
CREATE TABLE IF NOT EXISTS trail (
    object TEXT NOT NULL, at REAL NOT NULL, mark TEXT NOT NULL, party TEXT NOT NULL, kind TEXT NOT NULL,
    partner TEXT NOT NULL, direction TEXT NOT NULL, day TEXT NOT NULL, answered TEXT NOT NULL,
    status INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, driver TEXT NOT NULL,
    receipt TEXT NOT NULL, expires INTEGER NOT NULL, legal_basis TEXT NOT NULL,
    PRIMARY KEY (object, at, mark)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS trail_by_day ON trail (partner, day);
CREATE INDEX IF NOT EXISTS trail_by_end ON trail (expires);
"""
TRAIL_COLUMNS: Final = (
    *("object", "at", "mark", "party", "kind", "partner", "direction", "day", "answered", "status"),
    *("before", "after", "driver", "receipt", "expires", "legal_basis"),
)
_COLUMNS = (
    "party, object, partner, state, digest, mark, at, until, expires, position, status, "
    "answer_status, answer_location, answer_body"
)
_NAMES = _COLUMNS.split(", ")
_VALUES = ", ".join("?" * len(_NAMES))
_FIND = f"SELECT {_COLUMNS} FROM ledger WHERE party = ? AND object = ?"  # noqa: S608  (constants)
_INSERT = f"INSERT OR IGNORE INTO ledger ({_COLUMNS}) VALUES ({_VALUES})"  # noqa: S608
_INSERT_LINE = (
    f"INSERT INTO trail ({', '.join(TRAIL_COLUMNS)}) "  # noqa: S608
    f"VALUES ({', '.join('?' * len(TRAIL_COLUMNS))})"
)
# Lines that are over, and at most so many at once: whoever waits for the disk waits for that too.
_FORGET = (
    "DELETE FROM trail WHERE (object, at, mark) IN "
    "(SELECT object, at, mark FROM trail WHERE expires <= ? LIMIT 1000)"
)
_FORGET_EVERY = 60.0
_SET = ", ".join(f"{name} = ?" for name in _NAMES)
_UPDATE = f"UPDATE ledger SET {_SET} WHERE party = ? AND object = ? AND mark = ?"  # noqa: S608


@dataclass(slots=True, eq=False)
class _Swap:
    """Changes that somebody waits for; `done` is what `swap` returns, or why it cannot be written."""

    changes: tuple[Change, ...]
    line: TrailLine | None
    done: bool | sqlite3.Error | None = None


class SqliteLedger:
    """See `Ledger`. Safe to use from several threads: each reads on a connection of its own."""

    def __init__(self, file: Path) -> None:
        """Open `file`, or make it (mode 0600). Raises ConfigError where that fails."""
        self._file, self._own = file, threading.local()
        self._waiting: deque[_Swap] = deque()
        self._writing = threading.Lock()
        self._forgot = -_FORGET_EVERY
        try:
            make_private(file)
            self._writer = self._connected()
            self._writer.execute(_TABLE)
            self._writer.executescript(_TRAIL)
            self._writer.execute("PRAGMA busy_timeout = 0")
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"{file}: no ledger ({error})", "expected a writable file") from None

    def find(self, key: Key) -> Entry | None:
        """See `Ledger`. Raises sqlite3.Error where the file cannot be read."""
        row = self._connection().execute(_FIND, key).fetchone()
        return None if row is None else _entry(row)

    def swap(self, *changes: Change, line: TrailLine | None = None) -> bool:
        """See `Ledger`. What returned True is on disk. Raises sqlite3.Error where that cannot be."""
        wanted = _Swap(changes, line)
        self._waiting.append(wanted)
        with self._writing:
            # Whoever had the lock before may have written this one along.
            if wanted.done is None:
                self._write()
        if isinstance(wanted.done, bool):
            return wanted.done
        raise wanted.done or sqlite3.OperationalError("not written")

    def _write(self) -> None:
        """Write all that wait, in their order, in one transaction."""
        together = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            self._begin()
            try:
                changed = [self._all_changed(one) for one in together]
                self._forget()
                self._writer.execute("COMMIT")
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            for one in together:
                one.done = error
            return
        for one, done in zip(together, changed, strict=True):
            one.done = done

    def _begin(self) -> None:
        """Wait for the other processes' writes, each of them as long as the disk takes.

        SQLite's own waiting sleeps for up to 100 ms at a time, in which others write again and again.
        """
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                    raise
            time.sleep(_LOOK_EVERY)

    def _all_changed(self, one: _Swap) -> bool:
        """All of one's changes, or none: the others of the transaction are somebody else's."""
        alone = len(one.changes) <= 1
        if not alone:
            self._writer.execute("SAVEPOINT several")
        done = all(map(self._changed, one.changes))
        if not alone:
            if not done:
                self._writer.execute("ROLLBACK TO several")
            self._writer.execute("RELEASE several")
        if done and one.line is not None:
            self._writer.execute(_INSERT_LINE, line_row(one.line))
        return done

    def _forget(self) -> None:
        """Delete lines whose retention is over: in a transaction that is written anyway, once a minute."""
        if time.monotonic() - self._forgot >= _FORGET_EVERY:
            self._forgot = time.monotonic()
            self._writer.execute(_FORGET, (int(time.time()),))

    def _changed(self, one: Change) -> bool:
        row = _row(one.after)
        if one.before is None:
            return self._writer.execute(_INSERT, row).rowcount == 1
        return self._writer.execute(_UPDATE, (*row, *one.after.key, one.before.mark)).rowcount == 1

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if found is None:
            found = self._own.connection = self._connected()
        return found

    def _connected(self) -> sqlite3.Connection:
        # `mode=rw`: a file that is gone is an error, never a new and empty ledger.
        address = f"{self._file.resolve().as_uri()}?mode=rw"
        made = sqlite3.connect(
            address, uri=True, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        made.execute("PRAGMA journal_mode = WAL")
        # An answer is given after what it rests on cannot be lost, by a loss of power either.
        made.execute("PRAGMA synchronous = FULL")
        return made


def line_row(line: TrailLine) -> tuple[object, ...]:
    """The values of a line, in the order of TRAIL_COLUMNS."""
    values = {"object": line.key.object, "party": line.key.party}
    return tuple(values[name] if name in values else getattr(line, name) for name in TRAIL_COLUMNS)


def _row(entry: Entry) -> tuple[object, ...]:
    answer = entry.answer
    return (
        *(*entry.key, entry.partner, entry.state, entry.digest, entry.mark, entry.at, entry.until),
        *(entry.expires, entry.position, entry.status),
        *((None, None, None) if answer is None else (answer.status, answer.location, answer.body)),
    )


def _entry(row: tuple[object, ...]) -> Entry:
    values = dict(zip(_NAMES, row, strict=True))
    status, location, body = (values.pop(f"answer_{name}") for name in ("status", "location", "body"))
    key = Key(values.pop("party"), values.pop("object"))  # type: ignore[arg-type]  # the table is STRICT
    answer = None if status is None else Answer(status, location, body)  # type: ignore[arg-type]
    return Entry(key=key, answer=answer, **values)  # type: ignore[arg-type]
