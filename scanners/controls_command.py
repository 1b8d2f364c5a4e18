"""`rampart controls [ID]`: the catalogue, and for each control what builds, refuses and verifies it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from difflib import get_close_matches

import click
from rich.console import Console
from rich.table import Table

from hardening.cli import say
from hardening.controls import CONTROLS, Layer
from hardening.errors import ConfigError
from scanners.catalogue import ControlRow, control_rows

# The first lines of docs/controls.md; a test holds the file equal to this command's output.
_HEAD = """# Controls

Every promise of the project, in the order in which a request meets it. Written by
`rampart controls --format markdown`; do not edit.

**Builds**: the component classes in `infra/`. **Refuses**: the request checks that the gateway asks.
**Verifies**: the checks that judge what is deployed (subject: check), or what a person does instead.
"""


@click.command()
@click.argument("control", required=False, metavar="[ID]")
@click.option("--layer", type=click.Choice([layer.value for layer in Layer]), help="Only one layer.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "markdown"]),
    default="table",
    show_default=True,
)
def controls(control: str | None, layer: str | None, form: str) -> None:
    """The control catalogue: what builds each control, what refuses, and what verifies it."""
    rows = tuple(row for row in control_rows() if _wanted(row, control, layer))
    if control and not rows:
        raise ConfigError(f"{control}: no such control", _hint(control))
    if form == "json":
        click.echo(json.dumps([_record(row) for row in rows], indent=2))
    elif form == "markdown":
        click.echo(markdown(rows), nl=False)
    elif control:
        click.echo("\n".join(_details(rows[0])))
    else:
        _table(rows)


def markdown(rows: Iterable[ControlRow]) -> str:
    """The catalogue as Markdown, layer by layer."""
    shown = tuple(rows)
    parts = [_HEAD]
    for layer in Layer:
        own = [row for row in shown if row.control.layer is layer]
        if own:
            parts.append(f"\n## {layer.value.capitalize()}\n")
            parts += [f"\n### {row.control.id}\n\n" + "\n".join(_lines(row)) + "\n" for row in own]
    return "".join(parts)


def _lines(row: ControlRow) -> Iterator[str]:
    control = row.control
    yield f"{control.promise}\n"
    yield f"- Severity: {control.severity.value}"
    yield f"- From: {control.citation}"
    if row.built_by:
        yield f"- Builds: {', '.join(f'`{name}`' for name in row.built_by)}"
    if row.refused_by:
        yield f"- Refuses: {', '.join(f'`{name}`' for name in row.refused_by)}"
    if row.verified_by:
        yield f"- Verifies: {', '.join(f'`{name}`' for name in row.verified_by)}"
    if control.manual:
        yield f"- By hand: {control.manual}"
    yield f"- Maps to: {', '.join(control.frameworks)}"


def _wanted(row: ControlRow, control: str | None, layer: str | None) -> bool:
    return control in (None, row.control.id) and layer in (None, row.control.layer.value)


def _hint(control: str) -> str:
    near = get_close_matches(control, CONTROLS, n=3)
    return f"did you mean {', '.join(near)}?" if near else "`rampart controls` lists them all"


def _record(row: ControlRow) -> dict[str, object]:
    links = {"built_by": row.built_by, "refused_by": row.refused_by, "verified_by": row.verified_by}
    return {**asdict(row.control), **links}


def _details(row: ControlRow) -> Iterator[str]:
    control = row.control
    facts = (
        ("layer", control.layer.value),
        ("severity", control.severity.value),
        ("from", control.citation),
        ("builds", ", ".join(row.built_by)),
        ("refuses", ", ".join(row.refused_by)),
        ("verifies", ", ".join(row.verified_by)),
        ("by hand", control.manual),
        ("maps to", ", ".join(control.frameworks)),
    )
    yield control.id
    yield f"  {control.promise}"
    yield from (f"  {name + ':':<10} {value}" for name, value in facts if value)


def _few(names: tuple[str, ...]) -> str:
    """The first names, and how many more there are."""
    more = f" +{len(names) - 2}" if len(names) > 2 else ""
    return ", ".join(names[:2]) + more or "-"


def _table(rows: tuple[ControlRow, ...]) -> None:
    """One line a control; wide enough that nothing is cut where nobody sees it."""
    table = Table(box=None, pad_edge=False)
    for name in ("control", "layer", "severity", "builds", "refuses", "verifies"):
        table.add_column(name, no_wrap=True)
    for row in rows:
        control = row.control
        verified = str(len(row.verified_by)) if row.verified_by else "by hand" if control.manual else "-"
        table.add_row(
            control.id,
            control.layer.value,
            control.severity.value,
            _few(row.built_by),
            str(len(row.refused_by) or "-"),
            verified,
        )
    console = Console()
    # A pipe has no edge: nothing is cut there.
    (console if console.is_terminal else Console(width=1000)).print(table)
    say(f"{len(rows)} controls; `rampart controls ID` shows one in full")
