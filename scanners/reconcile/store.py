"""The books in DuckDB: bounded in memory, spilling to a folder of its own that ends with it."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from hardening.errors import CollectError, ConfigError
from scanners.reconcile import views
from scanners.reconcile.books import Row
from scanners.reconcile.intake import Intake, checked_columns, take_in
from scanners.reconcile.recompute import recompute
from scanners.reconcile.rules import RECOMPUTED, RULES, Rule, sql_of
from scanners.reconcile.sources import Rejected
from scanners.reconcile.tolerances import NAMES, Tolerances

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KINDS: Final = ("sessions", "cdrs", "tokens", "tariffs", "locations", "statement")
_SINGULAR: Final = {kind: kind.removesuffix("s") for kind in KINDS}
# Rejected rows of Parquet that are named one by one; the rest of them is one line.
_NAMED: Final = 100
_TOLD: Final = """
SELECT f.party,
    coalesce(f.named, CASE WHEN f.cdr_no IS NULL THEN 'session ' || s.id ELSE 'CDR ' || c.id END),
    f.expected,
    f.found, f.kwh, f.amount, f.currency
FROM (SELECT * FROM found WHERE rule = ? ORDER BY party, cdr_no, session_no, named, expected LIMIT ?) AS f
LEFT JOIN cdrs AS c ON c.no = f.cdr_no
LEFT JOIN sessions AS s ON s.no = f.session_no AND f.cdr_no IS NULL
ORDER BY ALL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the books: files by kind, the period `[begin, end)`, tolerances, and limits.

    `party` is whose the objects of 2.1.1 are. `memory` is DuckDB's own bound, `limit` how many places of a
    rule are named; all are counted. `recompute_all`: every CDR by its tariff, not the suspicious ones
    alone. `small`: everything fits in memory, on one core.
    """

    files: dict[str, list[Path]]
    begin: date | None = None
    end: date | None = None
    tolerances: Tolerances = field(default_factory=Tolerances)
    party: str = ""
    memory: str = "1200MB"
    limit: int = 1000
    recompute_all: bool = False
    small: bool = False


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
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise CollectError(f"DuckDB could not go on: {str(error).splitlines()[0]}", _SPACE) from None


_SPACE: Final = "make room on the disk (TMPDIR names another), or allow more with --memory"


class Store:
    """Books that were read, and what the rules found in them."""

    def __init__(self, connection: DuckDBPyConnection, asked: Question, intakes: dict[str, Intake]) -> None:
        self.connection = connection
        self.asked = asked
        self.intakes = intakes
        self.recomputed = 0

    @cached_property
    def _judged(self) -> dict[str, int]:
        asked = [rule for rule in RULES if not rule.needs or rule.needs in self.intakes]
        counts = self.connection.execute(
            "SELECT " + ", ".join(f"({rule.judges})" for rule in asked)
        ).fetchone()
        return dict(zip((rule.name for rule in asked), counts or (), strict=True))

    @cached_property
    def _counts(self) -> dict[str, int]:
        found = self.connection.execute("SELECT rule, count(*) FROM found GROUP BY rule").fetchall()
        return {str(rule): int(count) for rule, count in found}

    def judged(self, rule: str) -> int | None:
        """How many places a rule judged; None where what it needs was not given."""
        return self.recomputed if rule == RECOMPUTED else self._judged.get(rule)

    def rows(self, rule: str) -> list[Row]:
        """What breaks a rule, the first of it, by place."""
        if not self.count(rule):
            return []
        found = self.connection.execute(_TOLD, [rule, self.asked.limit]).fetchall()
        return [Row(*row) for row in found]

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
            intakes = {}
            for kind, files in asked.files.items():
                intakes[kind] = take_in(kind, files, folder, connection, asked.party)
                _records(connection, intakes[kind])
                told(f"read {kind}")
            for kind in KINDS:
                if kind not in intakes:
                    connection.execute(f"CREATE VIEW {_SINGULAR[kind]}_records AS {views.nothing(kind)}")
            store = Store(connection, asked, intakes)
            _tables(store)
            told("pair sessions and CDRs")
            for rule in RULES:
                if not rule.needs or rule.needs in intakes:
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
    table = views.parquet(intake.files)
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()
    except Exception as error:  # DuckDB has many for what is no Parquet, or of two minds
        raise ConfigError(f"{intake.kind}: cannot be read: {str(error).splitlines()[0]}") from None
    names = {str(row[0]): str(row[1]) for row in described}
    view = f"{_SINGULAR[intake.kind]}_records"
    connection.execute(f"CREATE VIEW {view} AS {views.records(intake.kind, intake.files, names)}")
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


_LACKING: Final = "a column that has to be there is empty, or of another type"


def _tables(store: Store) -> None:
    connection, asked = store.connection, store.asked
    begin, end = (f"TIMESTAMP '{day} 00:00:00'" if day else "" for day in (asked.begin, asked.end))
    connection.execute(views.MACROS)
    connection.execute(views.SUPERSEDED)
    connection.execute(views.sessions(begin, end))
    nameless = store.value("SELECT count(*) FROM cdr_records WHERE ok AND session_id IS NULL") > 0
    if nameless:
        connection.execute(views.MATCHED)
    connection.execute(views.cdrs(begin, end, nameless))
    connection.execute(views.PAIRS)
    connection.execute(views.CREDITS)
    connection.execute(views.FOUND)
    for kind, sql in (("tokens", views.TOKENS), ("tariffs", views.TARIFFS), ("locations", views.PLACES)):
        if kind in store.intakes:
            connection.execute(sql)
    _statement(store)
    _tolerances(store)
    # The newest moment that the books tell of: nothing here asks the clock.
    connection.execute(
        "CREATE TABLE horizon AS SELECT greatest((SELECT max(updated_s) FROM sessions), "
        "(SELECT max(updated_s) FROM cdrs)) AS at"
    )


def _statement(store: Store) -> None:
    if "statement" not in store.intakes:
        return
    asked = store.asked
    parts = [f"day >= DATE '{asked.begin}'"] if asked.begin else []
    parts += [f"day < DATE '{asked.end}'"] if asked.end else []
    store.connection.execute(
        "CREATE TABLE statement AS SELECT upper(party) AS party, day, upper(currency) AS currency, "
        "CAST(sum(cdrs) AS BIGINT) AS cdrs, sum(kwh) AS kwh, sum(cost) AS cost FROM statement_records "
        f"WHERE {' AND '.join(['ok', *parts])} GROUP BY ALL"
    )


def _tolerances(store: Store) -> None:
    """A row for each party that is named anywhere."""
    tables = ["sessions", "cdrs"] + (["statement"] if "statement" in store.intakes else [])
    union = " UNION ".join(f"SELECT party FROM {table}" for table in tables)
    parties = [str(row[0]) for row in store.connection.execute(union).fetchall()]
    store.connection.execute(
        "CREATE TABLE tolerances (party VARCHAR, energy DECIMAL(18,6), share DECIMAL(18,6), "
        "cost DECIMAL(18,6), seconds BIGINT, late BIGINT, grace BIGINT)"
    )
    for party in parties:
        of = {name: store.asked.tolerances.of(party, name) * unit for name, (_, _, unit) in NAMES.items()}
        row = [party, of["energy"], of["share"] / 100, of["cost"]]
        row += [int(of["duration"]), int(of["late"]), int(of["grace"])]
        store.connection.execute("INSERT INTO tolerances VALUES (?, ?, ?, ?, ?, ?, ?)", row)
