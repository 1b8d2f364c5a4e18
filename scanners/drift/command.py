"""`rampart audit drift`: the live account held against the declared stack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from hardening.cli import Exit, say
from scanners.aim import Aim, aim_options
from scanners.drift.records import Drift, NotCompared, Reading
from scanners.drift.scan import as_scan, look
from scanners.output import ReportOptions, finish, report_options
from scanners.policy.stack import Stack
from scanners.policy.stack_file import read_stack
from scanners.target import Target


@click.command(name="drift")
@aim_options
@click.option("--coverage", is_flag=True, help="List everything that was not compared, and why.")
@report_options
def drift(aim: Aim, coverage: bool, report: ReportOptions) -> Exit:
    """Hold the live account against the declared stack: what changed, what is gone, what nobody declared."""
    where = aim.read()
    stack = read_stack(where.stack_file)
    found, reading = _look(where, stack)
    code = finish(as_scan(stack, found, reading).findings, report)
    _summary(found, coverage)
    return code


def _look(target: Target, stack: Stack) -> tuple[Drift, Reading]:
    """Read the account, with a bar for a person who watches."""
    console = Console(stderr=True)
    columns = (TextColumn("reading {task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("the account", total=None)

        def heard(name: str, total: int) -> None:
            bar.update(task, advance=1, total=total, description=name.rsplit(":", 1)[-1])

        return look(target, stack, heard)


def _summary(found: Drift, coverage: bool) -> None:
    """What was looked at, and what was not: on stderr."""
    there = sum(presence.found for presence in found.presences)
    properties = sum(len(compared.properties) for compared in found.compared)
    left_out = len(found.excluded)
    say(f"drift: {there} resources there, {properties} properties compared, {left_out} of AWS's own left out")
    if not found.not_compared:
        return
    lines = Counter(_line(each) for each in found.not_compared)
    more = "" if coverage else " (--coverage lists them)"
    say(f"not compared: {len(found.not_compared)} resources or properties{more}")
    if coverage:
        _list(lines.items())


def _list(lines: Iterable[tuple[str, int]]) -> None:
    for line, count in sorted(lines):
        say(f"not compared: {line}{f' ({count} times)' if count > 1 else ''}")


def _line(each: NotCompared) -> str:
    return f"{each.type}{f' {each.property}' if each.property else ''}: {each.reason}"
