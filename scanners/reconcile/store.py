"""The books in DuckDB: bounded in memory, spilling to a folder of its own that ends with it."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from hardening.errors import CollectError, ConfigError
from scanners.reconcile import views
from scanners.reconcile.books import Row
from scanners.reconcile.intake import Intake, checked_columns, take_in
from scanners.reconcile.question import KINDS, Question
from scanners.reconcile.recompute import recompute
from scanners.reconcile.rules import RECOMPUTED, RULES, Rule, sql_of
from scanners.reconcile.sources import Rejected
from scanners.reconcile.tables import make_tables

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SINGULAR: Final = {kind: kind.removesuffix("s") for kind in KINDS}
# Rejected rows of Parquet that are named one by one; the rest of them is one line.
_NAMED: Final = 100
_ANY: Final = "SELECT count(*) > 0 FROM {}_records WHERE ok"
# The first places of each rule, and then what their records are called: one look for all rules.
_FIRST: Final = """
CREATE TABLE named AS SELECT * FROM found QUALIFY row_number() OVER (
    PARTITION BY rule ORDER BY party, cdr_no, session_no, named, expected) <= ?
"""
_TOLD: Final = """
SELECT f.rule, f.party,
    coalesce(f.named, CASE WHEN f.cdr_no IS NULL THEN 'session ' || s.id ELSE 'CDR ' || c.id END),
    f.expected, f.found, f.kwh, f.amount, f.currency
FROM named AS f
LEFT JOIN (SELECT no, id FROM cdr_records WHERE no IN (SELECT cdr_no FROM named)) AS c ON c.no = f.cdr_no
LEFT JOIN (
    SELECT no, id FROM session_records WHERE no IN (SELECT session_no FROM named WHERE cdr_no IS NULL)
) AS s ON s.no = f.session_no
ORDER BY ALL
"""


@contextmanager
def database(folder: Path, memory: str, small: bool = False) -> Iterator[DuckDBPyConnection]:
    """A database in `folder`; a small one in memory alone. Raises ConfigError where there is no DuckDB."""
    try:
        duckdb = importlib.import_module("duckdb")
    except ImportError:
        raise ConfigError(
            "DuckDB is not installed", "install it: pip install 'ocpi-rampart[reconcile]'"
        ) from None
    settings = {"memory_limit": memory, "temp_directory": str(folder / "spill")}
    settings |= {"preserve_insertion_order": "false", "threads": "1" if small else str(os.cpu_count() or 1)}
    # Nothing is fetched: what is needed (Parquet, JSON) comes with the wheel.
    settings |= {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    try:
        with duckdb.connect(
            ":memory:" if small else str(folder / "books.duckdb"), config=settings
        ) as connection:
            yield connection
    except duckdb.Error as error:
        full = isinstance(error, duckdb.OutOfMemoryException | duckdb.IOException)
        raise CollectError(
            f"DuckDB could not go on: {str(error).splitlines()[0]}", _SPACE if full else ""
        ) from None


_SPACE: Final = "make room on the disk (TMPDIR names another), or allow more with --memory"


class Store:
    """Books that were read, and what the rules found in them."""

    def __init__(self, connection: DuckDBPyConnection, asked: Question, intakes: dict[str, Intake]) -> None:
        self.connection = connection
        self.asked = asked
        self.intakes = intakes
        self.recomputed = 0
        # Of a file in which nothing could be read, nobody can be held to what it does not say.
        self.given = frozenset(kind for kind in intakes if self.value(_ANY.format(_SINGULAR[kind])))

    @cached_property
    def _judged(self) -> dict[str, int]:
        asked = [rule for rule in RULES if not rule.needs or rule.needs in self.given]
        counts: dict[str, int] = {}
        for table in dict.fromkeys(rule.of for rule in asked):
            rules = [rule for rule in asked if rule.of == table]
            listed = ", ".join(f"CAST({rule.judges} AS BIGINT)" for rule in rules)
            row = self.connection.execute(f"SELECT {listed} FROM {table}").fetchone()
            counts |= zip((rule.name for rule in rules), row or (), strict=True)
        return counts

    @cached_property
    def _counts(self) -> dict[str, int]:
        found = self.connection.execute("SELECT rule, count(*) FROM found GROUP BY rule").fetchall()
        return {str(rule): int(count) for rule, count in found}

    def judged(self, rule: str) -> int | None:
        """How many places a rule judged; None where what it needs was not given."""
        return self.recomputed if rule == RECOMPUTED else self._judged.get(rule)

    @cached_property
    def _rows(self) -> dict[str, list[Row]]:
        self.connection.execute(_FIRST, [self.asked.limit])
        rows: dict[str, list[Row]] = {}
        for rule, *row in self.connection.execute(_TOLD).fetchall():
            rows.setdefault(rule, []).append(Row(*row))
        return rows

    def rows(self, rule: str) -> list[Row]:
        """What breaks a rule, the first of it, by place."""
        return self._rows.get(rule) or [] if self._counts else []

    def count(self, rule: str) -> int:
        """How many places break a rule."""
        return self._counts.get(rule, 0)

    def rejected(self) -> list[Rejected]:
        """Every record that was not judged, as long as that is few; the rest of them in one line a kind."""
        return [one for intake in self.intakes.values() for one in intake.rejected]

    def value(self, sql: str, *values: Any) -> Any:
        """The first value of a query."""
        row = self.connection.execute(sql, list(values)).fetchone()
        return row[0] if row else None


@contextmanager
def opened(asked: Question, told: Callable[[str], None] = lambda _: None) -> Iterator[Store]:
    """Read the books and ask the rules. `told` is called with what was done. Raises ConfigError."""
    with TemporaryDirectory(prefix="rampart-reconcile-") as name:
        folder = Path(name)
        with database(folder, asked.memory, asked.small) as connection:
            connection.execute(views.MACROS)
            intakes = {}
            for kind, files in asked.files.items():
                intakes[kind] = take_in(kind, files, folder, connection, asked.party)
                _records(connection, intakes[kind])
                told(f"read {kind}")
            for kind in KINDS:
                if kind not in intakes:
                    connection.execute(f"CREATE VIEW {_SINGULAR[kind]}_records AS {views.nothing(kind)}")
            store = Store(connection, asked, intakes)
            make_tables(connection, asked, store.given)
            told("pair sessions and CDRs")
            for rule in RULES:
                if not rule.needs or rule.needs in store.given:
                    _ask(connection, rule)
                told(f"rule {rule.name}")
            store.recomputed = recompute(connection, asked.recompute_all)
            told(f"rule {RECOMPUTED}")
            yield store


def _ask(connection: DuckDBPyConnection, rule: Rule) -> None:
    connection.execute(
        f"INSERT INTO found SELECT '{rule.name}', party, named, session_no, cdr_no, day, expected, found, "
        f"kwh, amount, currency FROM ({sql_of(rule.name)})"
    )


def _records(connection: DuckDBPyConnection, intake: Intake) -> None:
    """The view of a kind's records; Parquet rows that lack something are rejected."""
    view = f"{_SINGULAR[intake.kind]}_records"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {views.parquet(intake.files)}").fetchall()
        # DuckDB takes the names of columns in any letters.
        names = {str(row[0]).lower(): str(row[1]) for row in described}
        connection.execute(f"CREATE VIEW {view} AS {views.records(intake.kind, intake.files, names)}")
    except Exception as error:  # DuckDB has many for what is no Parquet, or of other types
        raise ConfigError(f"{intake.kind}: cannot be read: {str(error).splitlines()[0]}") from None
    if intake.own:
        known = {**names, "party": "VARCHAR"}  # it may stand in the folder's name
        checked_columns(intake.kind, intake.own, known)
        bad = connection.execute(f"SELECT source, line FROM {view} WHERE NOT ok ORDER BY no").fetchmany(
            _NAMED
        )
        intake.rejected += [Rejected(f"{source}:{line}", _LACKING) for source, line in bad]
        counted = connection.execute(f"SELECT count(*) FROM {view} WHERE NOT ok").fetchone()
        more = (counted[0] if counted else 0) - len(bad)
        if more > 0:
            intake.rejected.append(Rejected(intake.kind, _LACKING, more))


_LACKING: Final = "a column that has to be there is empty, or one is of another type"
