"""The rules' files: each is one, the document names them all, and other dialects can say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot
from sqlglot.errors import ErrorLevel

from hardening.checks import checks_in
from hardening.controls import CONTROLS
from scanners.reconcile import cdr_checks, pair_checks, rules
from scanners.reconcile.question import Question
from scanners.reconcile.rules import RULES, Rule, sql_of
from scanners.reconcile.rules.__main__ import written
from scanners.reconcile.samples import SampleBooks
from scanners.reconcile.store import Store, opened

FOLDER = Path(rules.__file__).parent
DOCUMENT = Path(__file__).parents[3] / "docs" / "reconciliation.md"


def test_every_file_is_a_rule_of_a_control_that_exists() -> None:
    assert {file.stem for file in FOLDER.glob("*.sql")} == {one.name for one in RULES}
    assert {one.control for one in RULES} <= set(CONTROLS)


def test_the_rules_in_the_document_are_those_of_the_code() -> None:
    """To mend it: `uv run python -m scanners.reconcile.rules docs/reconciliation.md`."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert written(text) == text


DIALECTS = ("athena", "trino", "spark")
BAD = {one.name.replace("-", "_"): [*one.bad.values()] for one in checks_in(pair_checks, cdr_checks)}


def found(store: Store, sql: str) -> list[str]:
    columns = "party, named, session_no, cdr_no, day, expected, found, kwh, amount, currency"
    rows = store.connection.execute(f"SELECT {columns} FROM ({sql})").fetchall()
    return sorted(map(repr, rows))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_in_other_dialects_read_back_finds_the_same(rule: Rule, tmp_path: Path) -> None:
    """It parses in them; whether their engines run it is not shown here: none of them is."""
    books = BAD[rule.name][0]
    assert isinstance(books, SampleBooks)
    with opened(Question(files=books.write(tmp_path), small=True)) as store:
        ours = found(store, sql_of(rule.name))
        assert ours
        for dialect in DIALECTS:
            (told,) = sqlglot.transpile(
                sql_of(rule.name), read="duckdb", write=dialect, unsupported_level=ErrorLevel.RAISE
            )
            (back,) = sqlglot.transpile(
                told, read=dialect, write="duckdb", unsupported_level=ErrorLevel.RAISE
            )
            assert found(store, back) == ours, dialect
