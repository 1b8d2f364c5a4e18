"""`rampart due`: one calendar of everything that falls due."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from hardening.cli import Exit, say
from hardening.errors import CollectError, ConfigError, CredentialsError
from scanners.aim import Aim, aim_options
from scanners.attachments.reader import ATTACHMENTS, LIST
from scanners.books.command import status_of
from scanners.books.records import read_books
from scanners.due import forms
from scanners.due.records import Calendar, Due, calendar
from scanners.due.sources import of_attachments, of_registry, of_stack, of_tls, of_tokens, of_waivers
from scanners.output import DEFAULT_WAIVERS, write_text
from scanners.policy.stack_file import read_stack
from scanners.target import Target
from scanners.tls.results import read_results

_PATH = click.Path(path_type=Path)
_MOST_DAYS = 3650
DEFAULT_PARTNERS = Path("partners")


@click.command()
@click.option("--within", metavar="DAYS", default="30d", show_default=True, help="How far to look ahead.")
@aim_options
@click.option("--store", "stores", type=_PATH, multiple=True, help="A SQLite token store. Repeatable.")
@click.option(
    "--tls", "results", type=_PATH, multiple=True,
    help="What `audit tls --save` wrote, or the folder of a run's evidence. Repeatable.",
)  # fmt: skip
@click.option("--partners", type=_PATH, help=f"The registry. Default: {DEFAULT_PARTNERS}, if it exists.")
@click.option("--waivers", type=_PATH, help=f"Default: {DEFAULT_WAIVERS}, if it exists.")
@click.option("--attachments", type=_PATH, help=f"What people did. Default: {ATTACHMENTS}, if it has a list.")
@click.option("--format", "form", type=click.Choice([*forms.FORMS]), default="table", show_default=True)
@click.option("--output", type=_PATH, help="A file. Default: stdout.")
def due(
    within: str,
    aim: Aim,
    stores: tuple[Path, ...],
    results: tuple[Path, ...],
    partners: Path | None,
    waivers: Path | None,
    attachments: Path | None,
    form: str,
    output: Path | None,
) -> Exit:
    """List what falls due: waivers, exceptions, onboardings, attachments, tokens, certificates, runtimes.

    Exits 1 if something is overdue, and 3 if a source could not be read. Times are UTC.
    """
    ahead, now = _days(within), datetime.now(UTC)
    target = aim.read() if aim.is_told else None
    sources = [*_files(waivers, partners, now), *_attached(attachments), *(_tls(file) for file in results)]
    sources += [_tokens("--store", store, partners or DEFAULT_PARTNERS) for store in stores]
    if target:
        sources += [_tokens("--target", aim.file(), Path(target.partners)), _stack(target, now)]
    unasked = [] if stores or target else ["tokens and rotations (--store, --stack or --target)"]
    unasked += [] if results else ["certificates (--tls)"]
    unasked += [] if list(_attached(attachments)) else ["reviews, drills and tests (--attachments)"]
    unasked += [] if waivers or DEFAULT_WAIVERS.exists() else ["waivers (--waivers)"]
    unasked += [] if partners or DEFAULT_PARTNERS.is_dir() else ["exceptions and onboardings (--partners)"]
    every, complete = _collected(sources)
    found = calendar(every, now, ahead, tuple(unasked))
    write_text(forms.FORMS[form](found), output)
    for line in found.unasked:
        say(f"not asked: {line}")
    over = len(found.overdue)
    say(f"{over} overdue, {len(found.entries) - over} due by {found.until:%Y-%m-%d}")
    return _code(found, complete=complete)


def _days(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,4})d?", text)
    if not found or int(found[1]) > _MOST_DAYS:
        raise click.UsageError(f"--within {text}: expected a number of days up to {_MOST_DAYS}, such as 30d")
    return timedelta(days=int(found[1]))


Source = Callable[[], Iterable[Due]]


def _files(waivers: Path | None, partners: Path | None, now: datetime) -> Iterator[Source]:
    """What was named, else what is in the folder. Raises ConfigError where nothing is."""
    file = waivers or (DEFAULT_WAIVERS if DEFAULT_WAIVERS.exists() else None)
    folder = partners or (DEFAULT_PARTNERS if DEFAULT_PARTNERS.is_dir() else None)
    if file is None and folder is None:
        there = f"{DEFAULT_WAIVERS}, {DEFAULT_PARTNERS}"
        raise ConfigError(f"{there}: neither is there", "run this in the project's folder")
    if file is not None:
        yield lambda: of_waivers(file, now)
    if folder is not None:
        yield lambda: of_registry(folder, now)


def _attached(folder: Path | None) -> Iterator[Source]:
    place = folder or ATTACHMENTS
    if folder is not None or (place / LIST).exists():
        yield lambda: of_attachments(place)


def _tokens(option: str, place: Path, partners: Path) -> Source:
    return lambda: of_tokens(read_books(status_of(option, str(place), partners)))


def _stack(target: Target, now: datetime) -> Source:
    return lambda: of_stack(read_stack(Path(target.stack_file)), now)


def _tls(file: Path) -> Source:
    return lambda: of_tls(read_results(file))


def _collected(sources: Iterable[Source]) -> tuple[list[Due], bool]:
    """All that the sources have, and whether each of them could be read."""
    every: list[Due] = []
    complete = True
    for source in sources:
        try:
            every += source()
        except (CollectError, CredentialsError) as error:
            say(f"error: {error.message}")
            complete = False
    return every, complete


def _code(found: Calendar, *, complete: bool) -> Exit:
    if found.overdue:
        return Exit.FAILS
    return Exit.HOLDS if complete else Exit.UNVERIFIED
