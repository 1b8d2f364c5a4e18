"""The tables that rules read, made once: both sides of each charging, credits, sums, and what was given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scanners.reconcile import views
from scanners.reconcile.question import Question
from scanners.reconcile.tolerances import NAMES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NAMELESS: Final = "SELECT 1 FROM cdr_records WHERE ok AND session_id IS NULL LIMIT 1"


def make_tables(connection: DuckDBPyConnection, asked: Question, given: frozenset[str]) -> None:
    """Make every table of the rules out of the records; `given` are the kinds that were."""
    begin, end = (f"TIMESTAMP '{day} 00:00:00'" if day else "" for day in (asked.begin, asked.end))
    connection.execute(views.SUPERSEDED)
    connection.execute(views.session_rows(begin, end))
    nameless = bool(connection.execute(_NAMELESS).fetchone())
    if nameless:
        connection.execute(views.MATCHED)
    connection.execute(views.cdr_rows(begin, end, nameless))
    connection.execute(views.CHARGED)
    connection.execute(views.CREDITS)
    connection.execute(views.FOUND)
    for kind, sql in (("tokens", views.TOKENS), ("tariffs", views.TARIFFS), ("locations", views.PLACES)):
        if kind in given:
            connection.execute(sql)
    if "statement" in given:
        _statement(connection, asked)
    _tolerances(connection, asked, "statement" in given)
    # The newest moment that the books tell of: nothing here asks the clock.
    connection.execute(
        "CREATE TABLE horizon AS SELECT greatest(max(s_updated), max(c_updated)) AS at FROM charged"
    )


def _statement(connection: DuckDBPyConnection, asked: Question) -> None:
    parts = [f"day >= DATE '{asked.begin}'"] if asked.begin else []
    parts += [f"day < DATE '{asked.end}'"] if asked.end else []
    connection.execute(
        "CREATE TABLE statement AS SELECT ci_upper(party) AS party, day, ci_upper(currency) AS currency, "
        "CAST(sum(cdrs) AS BIGINT) AS cdrs, sum(kwh) AS kwh, sum(cost) AS cost FROM statement_records "
        f"WHERE {' AND '.join(['ok', *parts])} GROUP BY ALL"
    )


def _tolerances(connection: DuckDBPyConnection, asked: Question, stated: bool) -> None:
    """A row for each party that is named anywhere."""
    tables = ["charged"] + (["statement"] if stated else [])
    union = " UNION ".join(f"SELECT DISTINCT party FROM {table}" for table in tables)
    parties = [str(row[0]) for row in connection.execute(union).fetchall()]
    connection.execute(
        "CREATE TABLE tolerances (party VARCHAR, energy DECIMAL(18,6), share DECIMAL(18,6), "
        "cost DECIMAL(18,6), seconds BIGINT, late BIGINT, grace BIGINT)"
    )
    rows = []
    for party in parties:
        of = {name: asked.tolerances.of(party, name) * unit for name, (_, _, unit) in NAMES.items()}
        row = [party, of["energy"], of["share"] / 100, of["cost"]]
        row += [int(of["duration"]), int(of["late"]), int(of["grace"])]
        rows.append(row)
    # At once: a statement for each of a hundred thousand parties, whatever wrote them, takes minutes.
    if rows:
        connection.execute(
            f"INSERT INTO tolerances SELECT {', '.join(['unnest(?)'] * 7)}",
            [*map(list, zip(*rows, strict=True))],
        )
