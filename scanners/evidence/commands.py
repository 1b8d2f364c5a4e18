"""`rampart evidence build|verify|show`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from hardening.cli import Exit, say
from hardening.errors import ConfigError
from scanners.evidence.bundle import Run, latest, write
from scanners.evidence.seal import digest_of, faults, read_manifest
from scanners.output import ReportOptions, judge, report_options, target_option, without_option
from scanners.report import table
from scanners.report.chain import chain, sentence
from scanners.target import Target

DEFAULT_FOLDER = Path("evidence")
_FOLDER = click.Path(path_type=Path)


@click.group()
def evidence() -> None:
    """Evidence: findings, raw subjects and a report, sealed in one folder a run."""


@evidence.command()
@target_option
@without_option
@report_options
def build(target: Path, without: tuple[str, ...], report: ReportOptions) -> Exit:
    """Audit everything and seal what was found. Prints the run's folder.

    --output names the folder that holds the runs (default: evidence).
    """
    from scanners.run import scan_all  # loads every scanner: not for `verify`

    subject = Target.read(target)
    started = datetime.now(UTC)
    scans = scan_all(subject, without)
    outcome = judge((f for scan in scans.values() for f in scan.findings), report)
    run = Run(subject, scans, outcome, started, datetime.now(UTC))
    folder, digest = write(run, report.output or DEFAULT_FOLDER)
    for notice in outcome.notices:
        say(f"warning: {notice}")
    click.echo(table.render(outcome, report.show_suppressed), nl=False)
    say(f"the chain: {sentence(chain(scans, outcome))}")
    say(f"report: {folder / 'report.html'}")
    say(f"seal:   {digest} (keep it elsewhere: `evidence verify --digest` checks against it)")
    click.echo(str(folder))
    return outcome.exit_code(report.fail_on)


@evidence.command()
@click.argument("folder", type=_FOLDER, required=False)
@click.option("--digest", help="The seal that `build` printed; proves that the manifest is the same.")
def verify(folder: Path | None, digest: str | None) -> Exit:
    """Recompute the digests of a run, and check its link to the run before.

    FOLDER is one run, or a folder of runs (default: evidence; the latest run in it).
    """
    run = _run(folder)
    found = list(faults(run))
    for fault in found:
        click.echo(f"{run / fault.file} {fault.problem}")
    if digest and digest_of(run) != digest.lower():
        click.echo(f"{run} is not the run with the seal {digest}")
        return Exit.FAILS
    chain = _chain_fault(run)
    if chain:
        click.echo(chain)
    if found or chain:
        return Exit.FAILS
    click.echo(f"{run} is as it was sealed: {len(read_manifest(run)['files'])} files, seal {digest_of(run)}")
    return Exit.HOLDS


@evidence.command()
@click.argument("folder", type=_FOLDER, required=False)
def show(folder: Path | None) -> Exit:
    """Say what a run found, and where its report is."""
    run = _run(folder)
    manifest = read_manifest(run)
    click.echo(f"target   {manifest['target']}")
    click.echo(f"time     {manifest['started']} to {manifest['ended']}")
    click.echo("counts   " + ", ".join(f"{n} {name}" for name, n in manifest["counts"].items()))
    click.echo("tools    " + ", ".join(f"{name} {v}" for name, v in manifest["tools"].items()))
    click.echo(f"seal     {digest_of(run)}")
    click.echo(f"before   {manifest['previous'] or 'none: the first run'}")
    click.echo(f"report   {run / 'report.html'}")
    return Exit.HOLDS


def _run(folder: Path | None) -> Path:
    """The run that `folder` is, or the latest one in it. Raises ConfigError."""
    place = folder or DEFAULT_FOLDER
    if (place / "manifest.json").exists():
        return place
    newest = latest(place) if place.is_dir() else None
    if newest is None:
        raise ConfigError(f"{place}: no sealed run there", "build one: rampart evidence build")
    return newest


def _chain_fault(run: Path) -> str:
    """A line if a run beside this one, which should be its predecessor, was changed or removed."""
    previous = read_manifest(run)["previous"]
    if not previous:
        return ""
    older = sorted(p.parent for p in run.parent.glob("*/manifest.json") if p.parent.name < run.name)
    if not older or any(digest_of(p) == previous for p in older):
        return ""
    return f"{run} follows a run with the seal {previous}, and no run beside it has that seal"
