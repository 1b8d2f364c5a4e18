"""`rampart slo`: the service objectives of a month, measured."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import click

from hardening.cli import Exit, say
from hardening.errors import ConfigError
from hardening.objectives import Terms, agreed, faults
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from scanners.aim import Aim, aim_options
from scanners.objectives import forms
from scanners.objectives.measure import Counting
from scanners.objectives.records import Month, Report
from scanners.objectives.sources import (
    Source,
    access_log,
    cdrs,
    documents_of,
    lines_of,
    reconciliations,
    revocations,
)
from scanners.output import write_text
from scanners.policy.stack import Stack
from scanners.policy.stack_file import read_stack

_PATH = click.Path(path_type=Path)
_ROOT: Final = "pulumi:pulumi:Stack"
DEFAULT_PARTNERS: Final = Path("partners")


@click.command()
@click.argument("month", metavar="YYYY-MM")
@click.option(
    "--access-log",
    "calls",
    help="The API's access log, lines of JSON. Repeatable.",
    type=_PATH,
    multiple=True,
)
@click.option(
    "--cdrs", "charged", help="CDRs that were accepted, lines of JSON. Repeatable.", type=_PATH, multiple=True
)
@click.option(
    "--revocations",
    "ended",
    help="Records of `partner offboard`, and drill.json.",
    type=_PATH,
    multiple=True,
)
@click.option(
    "--reconciliation",
    "books",
    help="What `reconcile --format json` wrote. Repeatable.",
    type=_PATH,
    multiple=True,
)
@click.option("--partners", type=_PATH, help=f"The registry. Default: the target's, or {DEFAULT_PARTNERS}.")
@click.option("--format", "form", type=click.Choice([*forms.FORMS]), default="table", show_default=True)
@click.option("--output", type=_PATH, help="A file. Default: stdout.")
@aim_options
def slo(
    month: str,
    calls: tuple[Path, ...],
    charged: tuple[Path, ...],
    ended: tuple[Path, ...],
    books: tuple[Path, ...],
    partners: Path | None,
    form: str,
    output: Path | None,
    aim: Aim,
) -> Exit:
    """Measure the service objectives of a month (UTC): all partners together, and each by its own terms.

    The terms are those of the stack (--stack, --target), and of each partner's entry. Exits 1 where an
    objective was missed, 3 where a line could not be read or a source has nothing of the month. Each source
    may be given several times.
    """
    asked = _month(month)
    ours, registry = _terms(aim, partners)
    sources = (
        (calls, access_log(_lines(calls))),
        (charged, cdrs(_lines(charged), registry)),
        (ended, revocations(documents_of(ended))),
        (books, reconciliations(documents_of(books), asked)),
    )
    given = [source for files, source in sources if files]
    if not given:
        raise ConfigError("no source was given", "--access-log, --cdrs, --revocations or --reconciliation")
    report = measured(asked, given, ours, registry)
    write_text(forms.FORMS[form](report), output)
    return _told(report)


def measured(month: Month, sources: Iterable[Source], ours: Terms, registry: Iterable[Partner]) -> Report:
    """The report of a month."""
    of_partners = {one.name: agreed(ours, one.objectives) for one in registry}
    counting, unread = Counting(month, agreed(ours), of_partners), dict[str, int]()
    asked: list[str] = []
    for source in sources:
        asked += source.objectives
        for event in source.events(unread):
            counting.add(event)
    unasked = tuple(name for name in agreed(ours) if name not in asked)
    return Report(month=month, measured=counting.measured(asked), unread=unread, unasked=unasked)


def terms_of(stack: Stack) -> Terms:
    """The terms that the stack's settings change. Raises ConfigError for what no terms look like."""
    for root in stack.of_type(_ROOT):
        terms: Terms = root.outputs.get("objectives", {})
        for place, expected in faults(terms):
            raise ConfigError(f"{stack.name}: objectives{place}: expected {expected}")
        return terms
    return {}


def _terms(aim: Aim, folder: Path | None) -> tuple[Terms, tuple[Partner, ...]]:
    """Our terms, and the partners with theirs. Raises ConfigError."""
    target = aim.read() if aim.is_told else None
    ours = terms_of(read_stack(Path(target.stack_file))) if target else {}
    return ours, read_registry(folder or Path(target.partners if target else DEFAULT_PARTNERS))


def _month(text: str) -> Month:
    found = re.fullmatch(r"(\d{4})-(\d\d)", text)
    try:
        if found:
            return Month.of(int(found[1]), int(found[2]))
    except ValueError:
        pass
    raise click.UsageError(f"{text}: expected a month, such as 2026-10")


def _lines(files: Iterable[Path]) -> Iterator[str]:
    return chain.from_iterable(map(lines_of, files))


def _told(report: Report) -> Exit:
    for name in report.unasked:
        say(f"not asked: {name}")
    for source, lines in report.unread.items():
        if lines:
            say(f"error: {source}: {lines} line{'s' if lines != 1 else ''} could not be read")
    say(f"{len(report.missed)} missed of {len(report.measured)}")
    if report.missed:
        return Exit.FAILS
    return Exit.HOLDS if report.is_whole else Exit.UNVERIFIED
