"""`rampart reconcile`: sessions and CDRs held against each other, and against what else is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click

from hardening.checks import Finding, checks_in, judge
from hardening.cli import Exit, say
from hardening.errors import ConfigError
from scanners.output import ReportOptions, finish, report_options_with, written_to
from scanners.progress import wanted
from scanners.reconcile import cdr_checks, pair_checks, report
from scanners.reconcile.books import Books, one_line
from scanners.reconcile.question import Question
from scanners.reconcile.sources import Rejected, files_of
from scanners.reconcile.store import Store, opened
from scanners.reconcile.sums import Sums, sums_of
from scanners.reconcile.tolerances import NAMES, read_tolerances

_PATH = click.Path(path_type=Path)
_DAY = click.DateTime(["%Y-%m-%d"])
# What is read beside sessions and CDRs: option -> kind.
_BOOKS = {"tokens": "tokens", "tariffs": "tariffs", "locations": "locations", "counterpart": "statement"}
_SAID = 20  # rejected records that are told line by line
_NAMED = ", ".join(f"{name} ({default} {unit})" for name, (default, unit, _) in NAMES.items())


@click.command()
@click.argument("sessions", type=_PATH)
@click.argument("cdrs", type=_PATH)
@click.option("--from", "begin", type=_DAY, help="The first day (UTC) on which sessions or CDRs end.")
@click.option("--to", "end", type=_DAY, help="The day after the last one.")
@click.option("--tokens", type=_PATH, help="Tokens that were issued, each with all its states if known.")
@click.option("--tariffs", type=_PATH, help="Tariffs that were agreed.")
@click.option("--locations", type=_PATH, help="Locations that were published.")
@click.option(
    "--counterpart", type=_PATH, help="The counterpart's statement: party, day, currency, cdrs, kwh, cost."
)
@click.option(
    "--tolerance", "tolerances", multiple=True, metavar="[PARTY:]NAME=VALUE", help=f"{_NAMED}. Repeatable."
)
@click.option("--party", default="", help="Whose the objects of 2.1.1 are, such as NL*CPO: they do not say.")
@click.option(
    "--recompute",
    type=click.Choice(["suspicious", "all"]),
    default="suspicious",
    show_default=True,
    help="Which CDRs are recomputed by their tariff.",
)
@click.option(
    "--memory", default="1200MB", show_default=True, help="What DuckDB may use; beyond it spills to TMPDIR."
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    help="Name so many places of a rule; count all.",
)
@report_options_with("html")
def reconcile(sessions: Path, cdrs: Path, report: ReportOptions, **options: object) -> Exit:
    """Hold sessions and CDRs against each other: what was not charged, charged twice, or charged wrongly.

    SESSIONS and CDRS are files or folders: NDJSON, JSON, CSV (all with gzip or without) and Parquet.
    """
    asked = _question(sessions, cdrs, options)
    _spares_the_books(report, asked, [options[name] for name in _BOOKS] + [sessions, cdrs])
    with _progress() as told, opened(asked, told) as store:
        _notices(store)
        sums = sums_of(store)
        return finish(judged(store), report, renderings=_renderings(sums, report))


def _question(sessions: Path, cdrs: Path, options: dict[str, object]) -> Question:
    """What the user asks. Raises ConfigError."""
    files = {"sessions": files_of("SESSIONS", sessions), "cdrs": files_of("CDRS", cdrs)}
    for option, kind in _BOOKS.items():
        path = options[option]
        if isinstance(path, Path):
            files[kind] = files_of(f"--{option}", path)
    begin, end = _day(options["begin"]), _day(options["end"])
    if begin and end and begin >= end:
        raise ConfigError(
            f"--to {end}: expected a day after --from {begin}", "--to is the day after the last one"
        )
    memory, party, texts = str(options["memory"]), str(options["party"]), options["tolerances"]
    if not re.fullmatch(r"[1-9][0-9]{0,6}(MB|GB)", memory):
        raise ConfigError(f"--memory {memory}: expected a size such as 1200MB or 4GB")
    if party and not re.fullmatch(r"[A-Za-z]{2}\*[A-Za-z0-9]{3}", party):
        raise ConfigError(f"--party {party}: expected a country and a party id, such as NL*CPO")
    return Question(
        files=files,
        begin=begin,
        end=end,
        tolerances=read_tolerances(texts if isinstance(texts, tuple) else ()),
        party=party,
        memory=memory,
        limit=int(str(options["limit"])),
        recompute_all=options["recompute"] == "all",
    )


def _spares_the_books(report: ReportOptions, asked: Question, named: Iterable[object]) -> None:
    """Raises ConfigError where what is written would replace an input, or be one in the next run."""
    read = {file.resolve() for files in asked.files.values() for file in files}
    folders = {path.resolve() for path in named if isinstance(path, Path) and path.is_dir()}
    told = [("--output", file) for file in written_to(report).values()]
    told += [("--write-baseline", report.write_baseline)] if report.write_baseline else []
    for option, file in told:
        place = file.resolve()
        if place in read or folders & set(place.parents):
            raise ConfigError(
                f"{option} {file}: is one of the books, or in their folder", "name another place"
            )


def _day(value: object) -> date | None:
    return value.date() if isinstance(value, datetime) else None


def judged(books: Books) -> list[Finding]:
    """Every finding on the books; a check that had nothing to judge is not applicable."""
    return [*judge(checks_in(pair_checks, cdr_checks), books)]


def _renderings(sums: Sums, options: ReportOptions) -> dict[str, Callable[..., str]]:
    return {
        "table": lambda outcome: report.as_lines(outcome, sums, options.show_suppressed),
        "json": lambda outcome: report.as_json(outcome, sums),
        "html": lambda outcome: report.as_html(outcome, sums),
    }


def _notices(store: Store) -> None:
    """What a person should know of the input: a line each."""
    rejected = store.rejected()
    for one in rejected[:_SAID]:
        say(f"warning: {one}{_counted(one)}")
    if len(rejected) > _SAID:
        count = sum(one.records for one in rejected[_SAID:])
        say(f"warning: and {count:,} more records, which are counted as rejected")
    for kind, intake in store.intakes.items():
        if len(intake.versions) > 1:
            told = ", ".join(f"{count:,} of {name}" for name, count in sorted(intake.versions.items()))
            say(f"warning: {kind}: mixed versions: {told}")
    for party, currencies in store.connection.execute(_CURRENCIES).fetchall():
        told = f"{party}: CDRs in several currencies, which are never added up: {currencies}"
        say(f"warning: {one_line(told)}")


_CURRENCIES = """
SELECT party, string_agg(DISTINCT currency, ', ' ORDER BY currency) FROM daily
GROUP BY party HAVING count(DISTINCT currency) > 1 ORDER BY party
"""


def _counted(one: Rejected) -> str:
    return f" ({one.records:,} records)" if one.records > 1 else ""


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """What was done last, and for how long it goes on; on a terminal only."""
    if not wanted():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("reconcile: {task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("read", total=None)
        yield lambda done: progress.update(task, description=done)
