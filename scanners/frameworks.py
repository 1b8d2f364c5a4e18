"""The catalogue seen from a standard: each clause with the controls that answer to it, or why none does."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache

import click
from rich.console import Console
from rich.table import Table

from hardening.controls import CONTROLS, Control
from hardening.controls.frameworks.clause import Relation
from hardening.controls.standards import STANDARDS, Standard


@dataclass(frozen=True, slots=True)
class Answer:
    """A control, and how it stands to a clause; `part` is the clause's part that it names, or the clause."""

    control: str
    relation: Relation
    part: str


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """A clause of a standard. Without `answers` it is not assessed, and `not_assessed` says why."""

    clause: str
    answers: tuple[Answer, ...]
    not_assessed: str


def clause_rows(
    standard: Standard, controls: Iterable[Control] = tuple(CONTROLS.values())
) -> tuple[ClauseRow, ...]:
    """Every clause of a standard, in its order.

    Raises ValueError where a control answers to a clause that the framework does not have, or a clause has
    neither a control nor a reason: a fault of the catalogue.
    """
    answers: dict[str, list[Answer]] = defaultdict(list)
    for control in controls:
        for clause in control.frameworks:
            if clause.framework == standard.key:
                listed = standard.listed(clause.id)
                if listed is None:
                    raise ValueError(f"{control.id}: {standard.key} has no {clause.id}")
                answers[listed].append(Answer(control.id, clause.relation, clause.id))
    return tuple(_row(standard, clause, tuple(answers[clause])) for clause in standard.clauses)


@cache
def every_clause() -> Mapping[str, tuple[ClauseRow, ...]]:
    """Framework -> its clauses, as the catalogue answers them."""
    return {key: clause_rows(standard) for key, standard in STANDARDS.items()}


def _row(standard: Standard, clause: str, answers: tuple[Answer, ...]) -> ClauseRow:
    reason = "" if answers else standard.reason(clause)
    if reason is None:
        raise ValueError(f"{standard.key} {clause}: no control answers to it, and no reason is given")
    return ClauseRow(clause, answers, reason)


def show(key: str, form: str) -> None:
    """Print one standard: a table, JSON or Markdown."""
    standard = STANDARDS[key]
    rows = clause_rows(standard)
    if form == "json":
        record = {"framework": standard.key, "title": standard.title, "binding": standard.binding}
        click.echo(json.dumps({**record, "clauses": [asdict(row) for row in rows]}, indent=2))
    elif form == "markdown":
        click.echo("\n".join(_markdown(standard, rows)))
    else:
        _table(standard, rows)


def summary() -> Iterator[str]:
    """The frameworks as a table of Markdown: what each binds, and how much of it is answered."""
    yield "| framework | | binding | clauses | answered | not assessed |"
    yield "|---|---|---|---:|---:|---:|"
    for standard in STANDARDS.values():
        rows = clause_rows(standard)
        answered = sum(1 for row in rows if row.answers)
        counts = f"{len(rows)} | {answered} | {len(rows) - answered}"
        yield f"| `{standard.key}` | {standard.title} | {standard.binding} | {counts} |"


def _markdown(standard: Standard, rows: tuple[ClauseRow, ...]) -> Iterator[str]:
    yield f"# {standard.title}\n\nBinding: {standard.binding}.\n"
    yield "| clause | relation | controls, or why none |\n|---|---|---|"
    for clause, relation, named in _lines(rows):
        yield f"| {clause} | {relation} | {named} |"


def _lines(rows: tuple[ClauseRow, ...]) -> Iterator[tuple[str, str, str]]:
    """Clause, relation and controls; a clause with several relations has a line each."""
    for row in rows:
        if not row.answers:
            yield row.clause, "not assessed", row.not_assessed
        for relation in Relation:
            named = [answer.control for answer in row.answers if answer.relation is relation]
            if named:
                yield row.clause, relation.value, ", ".join(named)


def _table(standard: Standard, rows: tuple[ClauseRow, ...]) -> None:
    answered = sum(1 for row in rows if row.answers)
    title = f"{standard.title}: {answered} of {len(rows)} clauses answered\nBinding: {standard.binding}"
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in ("clause", "relation", "controls, or why none"):
        table.add_column(column, no_wrap=column != "controls, or why none")
    for line in _lines(rows):
        table.add_row(*line)
    Console(width=None).print(table)
