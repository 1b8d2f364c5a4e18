"""`rampart validate` and `rampart schema`."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from hardening.cli import Exit, say

if TYPE_CHECKING:
    from hardening.ocpi.batch import Work
    from hardening.ocpi.report import Report, Summary

_SHAPES = ["object", "list", "patch", "response", "response-list"]


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--version", "version", required=True, help="OCPI version: 2.1.1, 2.2.1 or 2.3.0.")
@click.option("--edition", default="", help="Edition of the version, such as d2 or bugfix (default: newest).")
@click.option("--object", "object_type", default="auto", show_default=True, help="Object, such as CDR.")
@click.option(
    "--shape",
    type=click.Choice(["auto", *_SHAPES]),
    default="auto",
    show_default=True,
    help="In what the object comes.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    show_default=True,
    help="How problems are reported.",
)
@click.option("--warn", multiple=True, metavar="RULE", help="Only warn of this rule (repeatable).")
@click.option("--accept", multiple=True, metavar="LENIENCY", help="Let this be written so (repeatable).")
@click.option("--tariff", multiple=True, metavar="PATH", help="Tariffs: a file or folder (repeatable).")
@click.option("--location", multiple=True, metavar="PATH", help="Locations, likewise.")
@click.option("--session", multiple=True, metavar="PATH", help="Sessions, likewise.")
@click.option("--token", multiple=True, metavar="PATH", help="Tokens, likewise.")
@click.option("--limit", default=1000, show_default=True, help="Report at most so many problems; count all.")
def validate(
    files: tuple[str, ...],
    version: str,
    edition: str,
    object_type: str,
    shape: str,
    form: str,
    warn: tuple[str, ...],
    accept: tuple[str, ...],
    limit: int,
    **named: tuple[str, ...],
) -> int:
    """Validate OCPI messages: objects, lists, responses, or a message a line; plain or gzip; - is stdin.

    An input that cannot be read, or is no object that is known, does not keep the others from being judged.
    Exit code 0: nothing is wrong, 1: something is, 2: an input cannot be read, 3: a message names an object
    that is not among those of --tariff, --location, --session or --token (1 wins, then 2).
    """
    from hardening.ocpi.batch import Work
    from hardening.ocpi.editions import edition as edition_of
    from hardening.ocpi.leniencies import Contract
    from hardening.ocpi.report import FORMATS

    tables = edition_of(version, edition)
    known = tuple((kind, paths) for kind, paths in named.items() if paths)
    work = Work(version, tables.name, object_type, shape, Contract(warn, accept), known)
    _check_names(work)
    report = FORMATS[form](click.echo)
    began = time.monotonic()
    summary, unread, missing = _all(files, work, report, limit)
    report.end(summary)
    took = max(time.monotonic() - began, 1e-9)
    say(
        f"{summary.messages:,} messages of OCPI {version} ({tables.name}), {summary.refused:,} with "
        f"{summary.problems:,} problems, {summary.warnings:,} warnings, {summary.messages / took:,.0f}/s"
    )
    if summary.refused:
        return Exit.FAILS
    return Exit.USAGE if unread else Exit.UNVERIFIED if missing else Exit.HOLDS


def _check_names(work: Work) -> None:
    """Raise ConfigError for a wrong name or file, once and before any message is judged."""
    from hardening.errors import ConfigError
    from hardening.ocpi.beside import beside
    from hardening.ocpi.leniencies import NAMES as LENIENCIES
    from hardening.ocpi.rules import RULES
    from hardening.ocpi.validation import plan

    if work.object_type != "auto":
        plan(work.version, work.edition, work.object_type, "object")
    known = {one.control for one in RULES}
    for name in work.contract.warn_only:
        if name not in known:
            raise ConfigError(f"--warn {name}: no such business rule", "docs/messages.md lists them")
    for name in work.contract.accept:
        if name not in LENIENCIES:
            raise ConfigError(f"--accept {name}: no such leniency", f"one of {', '.join(LENIENCIES)}")
    beside(work.version, work.edition, work.beside)


def _all(files: tuple[str, ...], work: Work, report: Report, limit: int) -> tuple[Summary, int, Counter[str]]:
    """What came of all files, how many could not be read to their end, and what messages named in vain."""
    from hardening.ocpi.files import pieces
    from hardening.ocpi.report import Summary

    messages = refused = problems = warnings = reported = unread = 0
    missing: Counter[str] = Counter()
    used: Counter[str] = Counter()
    with _progress() as advance:
        for piece in pieces(files, work):
            if piece.patch:
                say(f"{piece.name}: taken for a PATCH of {piece.patch}")
            outcome = piece.outcome
            if outcome is None:
                unread += 1
                say(f"error: {piece.error}")
                if piece.hint:
                    say(f"hint: {piece.hint}")
                continue
            messages += outcome.messages
            refused += outcome.refused
            problems += outcome.problems
            warnings += outcome.warnings
            missing.update(outcome.missing)
            used.update(outcome.leniencies)
            for line, problem in outcome.found:
                if reported < limit:
                    reported += 1
                    report.problem(piece.name, 0 if piece.before is None else piece.before + line, problem)
            advance(outcome.size)
    if problems + warnings > reported:
        say(f"{problems + warnings - reported:,} more problems are counted, not reported (--limit {limit})")
    for name, count in used.items():
        say(f"{count:,} values let through by --accept {name}")
    for kind, count in missing.items():
        say(f"{count:,} messages name a {kind} that is not among those of --{kind}: not verified")
    return Summary(messages, refused, problems, warnings), unread, missing


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """Bytes so far, on a terminal only."""
    if not sys.stderr.isatty() or os.environ.get("CI") or os.environ.get("NO_COLOR"):
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, SpinnerColumn, TransferSpeedColumn

    columns = (SpinnerColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("validate", total=None)
        yield lambda size: progress.advance(task, size)


@click.command()
@click.option("--version", "version", default="2.2.1", show_default=True, help="OCPI version.")
@click.option("--edition", default="", help="Edition of the version (default: its newest).")
@click.option("--object", "object_type", required=True, help="Object, such as CDR or Location.")
@click.option(
    "--shape",
    type=click.Choice(_SHAPES),
    default="object",
    show_default=True,
    help="In what the object comes.",
)
@click.option(
    "--draft",
    type=click.Choice(["2020-12", "draft-4"]),
    default="2020-12",
    show_default=True,
    help="draft-4 is the subset that API Gateway models take.",
)
def schema(version: str, edition: str, object_type: str, shape: str, draft: str) -> None:
    """Print the JSON Schema of an OCPI object."""
    from hardening.ocpi.schema import json_schema

    found = json_schema(version, edition, object_type, draft, shape)
    click.echo(json.dumps(found, indent=2))
