"""`rampart audit drift`: the live account held against the declared stack."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from hardening.cli import Exit, say
from hardening.errors import ConfigError
from scanners.aim import Aim, aim_options
from scanners.drift.declared import Declared
from scanners.drift.earlier import failures_of, said, since
from scanners.drift.records import Drift, NotCompared, Reading
from scanners.drift.scan import ALL, as_scan, look
from scanners.output import ReportOptions, finish, report_options
from scanners.policy.stack import Stack
from scanners.policy.stack_file import read_stack
from scanners.target import Target

_REGION: Final = re.compile(r"[a-z]{2,3}(-[a-z]+)+-\d")


@click.command(name="drift")
@aim_options
@click.option("--coverage", is_flag=True, help="List everything that was not compared, and why.")
@click.option(
    "--region",
    "regions",
    multiple=True,
    help="Look there too, beside the stack's regions; repeatable, or `all`. "
    "[default: all that are enabled; of the lab, none]",
)
@click.option(
    "--since",
    "run",
    type=click.Path(path_type=Path),
    help="Say what is new, gone and still there since this report in JSON, or evidence folder.",
)
@click.option(
    "--print-policy", is_flag=True, help="Print the least IAM policy for this audit, and do nothing."
)
@report_options
def drift(
    aim: Aim,
    coverage: bool,
    regions: tuple[str, ...],
    run: Path | None,
    print_policy: bool,
    report: ReportOptions,
) -> Exit:
    """Hold the live account against the declared stack: what changed, what is gone, what nobody declared."""
    if print_policy:
        return _print_policy()
    before = failures_of(run) if run else ()
    where = aim.read()
    stack = read_stack(where.stack_file)
    found, reading = _look(where, stack, _known(regions))
    findings = as_scan(Declared(stack, where.region), found, reading).findings
    code = finish(findings, report)
    if run:
        for line in said(since(before, findings)):
            say(f"since {run}: {line}")
    _summary(found, coverage)
    return code


def _print_policy() -> Exit:
    from scanners.drift.rights import policy  # reads the models of all services: not for an audit

    click.echo(json.dumps(policy(), indent=2))
    return Exit.HOLDS


def _known(regions: tuple[str, ...]) -> tuple[str, ...]:
    for name in regions:
        if name != ALL and not _REGION.fullmatch(name):
            raise ConfigError(
                f"--region {name}: expected a region as AWS calls it", "such as eu-central-1, or all"
            )
    return regions


def _look(target: Target, stack: Stack, regions: tuple[str, ...]) -> tuple[Drift, Reading]:
    """Read the account, with a bar for a person who watches."""
    console = Console(stderr=True)
    columns = (TextColumn("reading {task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("the account", total=None)

        def heard(name: str, total: int) -> None:
            bar.update(task, advance=1, total=total, description=name.rsplit(":", 1)[-1])

        return look(target, stack, heard, regions)


def _summary(found: Drift, coverage: bool) -> None:
    """What was looked at, and what was not: on stderr."""
    there = sum(presence.found for presence in found.presences)
    properties = sum(len(compared.properties) for compared in found.compared)
    left_out = len(found.excluded)
    say(f"drift: {there} resources there, {properties} properties compared, {left_out} of AWS's own left out")
    if found.untraced:
        say(f"drift: who changed it last is not known of all: {found.untraced}")
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
