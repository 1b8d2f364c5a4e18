"""`rampart controls [ID]`: the catalogue with what builds, refuses and verifies, and any rule explained."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from textwrap import indent

import click
from rich.console import Console
from rich.table import Table

from hardening.cli import say
from hardening.controls import Layer
from hardening.controls.frameworks.clause import told
from hardening.controls.standards import STANDARDS
from hardening.errors import ConfigError
from scanners.catalogue import ControlRow, control_rows
from scanners.explain.explain import explain
from scanners.explain.explanation import lines
from scanners.frameworks import show

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
    "--framework",
    type=click.Choice(list(STANDARDS)),
    help="A framework's clauses, and what answers to each.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "markdown"]),
    default="table",
    show_default=True,
)
def controls(control: str | None, layer: str | None, framework: str | None, form: str) -> None:
    """The control catalogue: what builds each control, what refuses, and what verifies it.

    ID is a control, a check, a rule of checkov (CKV_AWS_20) or the name of its check: what it asks for, why,
    and how to mend a failure.
    """
    if framework:
        if control or layer:
            raise click.UsageError("--framework shows every control: leave ID and --layer out")
        show(framework, form)
        return
    rows = tuple(row for row in control_rows() if _wanted(row, control, layer))
    if control and not rows:
        _explained(control, layer, form)
        return
    if form == "json":
        click.echo(json.dumps([_record(row) for row in rows], indent=2))
    elif form == "markdown":
        click.echo(markdown(rows), nl=False)
    elif control:
        click.echo("\n".join([*_details(rows[0]), *_example(control)]))
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
    yield f"- Answers to: {told(control.frameworks)}"


def _wanted(row: ControlRow, control: str | None, layer: str | None) -> bool:
    return control in (None, row.control.id) and layer in (None, row.control.layer.value)


def _explained(name: str, layer: str | None, form: str) -> None:
    """Show what is no control. Raises ConfigError where there is no such thing."""
    if layer:
        raise ConfigError(f"{name}: no such control in the layer {layer}", "leave --layer out")
    if form == "markdown":
        raise ConfigError(f"{name}: --format markdown shows controls only", "expected table or json")
    found = explain(name)
    click.echo(json.dumps(asdict(found), indent=2) if form == "json" else "\n".join(lines(found)))


def _example(control: str) -> Iterator[str]:
    """How to mend a control, where a check of it says so."""
    found = explain(control)
    yield f"  {'why:':<11} {found.why}"
    yield f"  {'see:':<11} {found.address}"
    if found.mend:
        yield f"  {'mend:':<11} {found.mend}"
    if found.example:
        yield f"\n{indent(found.example, '    ')}"


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
        ("answers to", told(control.frameworks)),
    )
    yield control.id
    yield f"  {control.promise}"
    yield from (f"  {name + ':':<11} {value}" for name, value in facts if value)


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
