"""`rampart audit tokens`: live tokens and secrets, told by the command that has the stores."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from hardening.checks import Finding, Status, checks_in, judge
from hardening.cli import Exit
from hardening.errors import CollectError, ConfigError
from scanners.books import checks, secrets_manager
from scanners.books.records import TokenBooks, read_books
from scanners.output import ReportOptions, finish, report_options

_PATH = click.Path(path_type=Path)
_SECONDS = 300
# How the command that is asked begins what it says.
_ERROR, _HINT = "rampart: error: ", "rampart: hint: "


@click.command()
@click.option("--store", "stores", type=_PATH, multiple=True, help="A SQLite token store. Repeatable.")
@click.option("--stack", "stacks", multiple=True, help="A stack on AWS, of the project here. Repeatable.")
@click.option("--target", "targets", type=_PATH, multiple=True, help="A target file. Repeatable.")
@click.option("--partners", type=_PATH, default=Path("partners"), show_default=True, help="The registry.")
@report_options
def tokens(
    stores: tuple[Path, ...],
    stacks: tuple[str, ...],
    targets: tuple[Path, ...],
    partners: Path,
    report: ReportOptions,
) -> Exit:
    """Audit live tokens: age, overdue rotation, overlap, use, sharing; and their secrets. No value is read.

    Several places are held against each other: no token may be in two of them.
    """
    named = {"--store": stores, "--stack": stacks, "--target": targets}
    places = [(option, str(place)) for option, every in named.items() for place in every]
    if not places:
        raise ConfigError("expected --store, --stack or --target", "--store tokens.sqlite, or a stack's name")
    books = read_books(*(status_of(option, place, partners) for option, place in places))
    return finish(judged(books), report)


def judged(books: TokenBooks) -> list[Finding]:
    """Every finding on the books."""
    found = judge(checks_in(checks, secrets_manager), books)
    return [one for one in found if one.status is not Status.NOT_APPLICABLE]


def status_of(option: str, place: str, partners: Path) -> str:
    """The status document of one place. Raises CollectError, and ConfigError where it is no such place."""
    command = [sys.executable, "-m", "hardening.cli", "token", "status", option, place]
    try:
        done = subprocess.run(  # noqa: S603  (our own command, no shell)
            [*command, "--partners", str(partners), "--format", "json"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CollectError(f"{place}: no status within {_SECONDS} s") from None
    if done.returncode == Exit.HOLDS:
        return done.stdout
    said = done.stderr.strip().splitlines() or [f"{place}: exit code {done.returncode}"]
    problems = tuple(line.removeprefix(_ERROR) for line in said if line.startswith(_ERROR)) or (said[-1],)
    hint = next((line.removeprefix(_HINT) for line in said if line.startswith(_HINT)), "")
    if done.returncode == Exit.USAGE:
        raise ConfigError(problems[0], hint, problems)
    raise CollectError(problems[0], hint)
