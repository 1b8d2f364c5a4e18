"""What every audit command does with its findings: waive, compare, report, and choose the exit code."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import click

from hardening.checks import Finding
from hardening.cli import Exit, say
from hardening.controls import Severity
from hardening.errors import ConfigError
from scanners.outcome import Outcome, decide, read_baseline, write_baseline
from scanners.report import comma_separated, document, junit, table
from scanners.waivers import Waivers, read_waivers

# The waivers of the project; used unless others are named.
DEFAULT_WAIVERS = Path("waivers.yaml")
# Each form, and how the name of its file ends.
FORMATS = {
    "table": "txt",
    "json": "json",
    "sarif": "sarif",
    "junit": "xml",
    "csv": "csv",
}

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """How findings are judged and shown; the same for every audit."""

    formats: tuple[str, ...] = ("table",)
    output: Path | None = None
    fail_on: Severity = Severity.LOW
    baseline: Path | None = None
    write_baseline: Path | None = None
    waivers: Path | None = None
    show_suppressed: bool = False
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()


_PATH = click.Path(path_type=Path)
_OPTIONS = (
    click.option("--output", type=_PATH, help="A file, or a folder for several formats. Default: stdout."),
    click.option(
        "--fail-on", type=click.Choice([s.value for s in Severity]), default="low", show_default=True
    ),
    click.option("--baseline", type=_PATH, help="Count only failures that are not in this file."),
    click.option("--write-baseline", type=_PATH, help="Remember today's failures in this file."),
    click.option(
        "--waivers", type=_PATH, help=f"Accepted failures. Default: {DEFAULT_WAIVERS}, if it exists."
    ),
    click.option("--show-suppressed", is_flag=True, help="Show waived and known failures too."),
    click.option("--only", multiple=True, help="Only controls or checks that match this glob. Repeatable."),
    click.option("--skip", multiple=True, help="No controls or checks that match this glob. Repeatable."),
)


def report_options(command: Command) -> Command:
    """Give a command the options above; it receives them as one `ReportOptions` named `report`."""
    return report_options_with()(command)


def report_options_with(*more: str) -> Callable[[Command], Command]:
    """As `report_options`, for a command that has `more` forms; it gives `finish` their renderings."""
    forms = click.Choice([*FORMATS, *more])
    form = click.option("--format", "formats", multiple=True, type=forms, help="Repeatable.")
    return lambda command: _with_options(command, (form, *_OPTIONS))


def _with_options(command: Command, options: tuple[Callable[[Any], Any], ...]) -> Command:
    @functools.wraps(command)
    def wrapped(**kwargs: Any) -> Any:
        names = ReportOptions.__dataclass_fields__
        chosen = {name: kwargs.pop(name) for name in names}
        chosen["fail_on"] = Severity(chosen["fail_on"])
        chosen["formats"] = tuple(dict.fromkeys(chosen["formats"])) or ("table",)
        if len(chosen["formats"]) > 1 and not chosen["output"]:
            raise click.UsageError("--format: several forms need a folder to go to: name one with --output")
        return command(report=ReportOptions(**chosen), **kwargs)

    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[return-value]  # click's decorators keep the callable's shape


def finish(
    findings: Iterable[Finding],
    report: ReportOptions,
    exceptions: Waivers | None = None,
    default_waivers: Path | None = DEFAULT_WAIVERS,
    renderings: Mapping[str, Callable[[Outcome], str]] | None = None,
) -> Exit:
    """Judge and report `findings`; give the exit code. Nothing is written if the options are wrong.

    `exceptions` are waivers from elsewhere than the waivers file: those of the partner registry. `renderings`
    are forms of the command's own, by name.
    """
    outcome = judge(findings, report, exceptions, default_waivers)
    own = renderings or {}
    _write(
        {
            name: own[name](outcome) if name in own else _render(outcome, name, report)
            for name in report.formats
        },
        report,
    )
    if report.write_baseline:
        write_baseline(report.write_baseline, outcome)
    for notice in outcome.notices:
        say(f"warning: {notice}")
    return outcome.exit_code(report.fail_on)


def judge(
    findings: Iterable[Finding],
    report: ReportOptions,
    exceptions: Waivers | None = None,
    default_waivers: Path | None = DEFAULT_WAIVERS,
) -> Outcome:
    """Select, waive and compare."""
    chosen = [f for f in findings if _selected(f, report)]
    baseline = read_baseline(report.baseline) if report.baseline else frozenset()
    waivers, more = _waivers(report.waivers or default_waivers), exceptions or Waivers()
    return decide(chosen, Waivers(waivers.valid + more.valid, waivers.void + more.void), baseline)


def write_text(text: str, output: Path | None) -> None:
    """Write one text to a file as it is, or to stdout. Raises ConfigError."""
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(f"--output {output}: {error.strerror}") from None


def waivers_file(report: ReportOptions) -> Path | None:
    """The file whose waivers are used; None where there is none."""
    return report.waivers or (DEFAULT_WAIVERS if DEFAULT_WAIVERS.exists() else None)


def _waivers(file: Path | None) -> Waivers:
    if file is None or (file == DEFAULT_WAIVERS and not file.exists()):
        return Waivers()
    return read_waivers(file, datetime.now(UTC).date())


def _selected(finding: Finding, report: ReportOptions) -> bool:
    """Whether the finding is asked for, or stands for a control that is (`Finding.blocks`)."""

    def matches(names: tuple[str, ...], globs: tuple[str, ...]) -> bool:
        return any(fnmatchcase(name, glob) for glob in globs for name in names)

    def asked(*names: str) -> bool:
        return (not report.only or matches(names, report.only)) and not matches(names, report.skip)

    return asked(finding.control, finding.check) or any(asked(name) for name in finding.blocks)


def written_to(report: ReportOptions) -> dict[str, Path]:
    """The file of each form; empty: stdout."""
    if report.output is None:
        return {}
    if len(report.formats) == 1 and not report.output.is_dir():
        return {report.formats[0]: report.output}
    return {name: report.output / f"findings.{FORMATS.get(name, name)}" for name in report.formats}


def _write(renderings: Mapping[str, str], report: ReportOptions) -> None:
    files = written_to(report)
    if not files:
        (text,) = renderings.values()
        click.echo(text, nl=False)
        return
    try:
        for name, file in files.items():
            text = renderings[name]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--output {report.output}: {error.strerror}") from None


def _render(outcome: Outcome, name: str, report: ReportOptions) -> str:
    match name:
        case "json":
            return document.render(outcome)
        case "sarif":
            from scanners.report import (
                sarif,  # it explains each rule: a second to load, for this format alone
            )

            return sarif.render(outcome, version("ocpi-rampart"))
        case "junit":
            return junit.render(outcome)
        case "csv":
            return comma_separated.render(outcome)
        case _:
            return table.render(outcome, report.show_suppressed)
