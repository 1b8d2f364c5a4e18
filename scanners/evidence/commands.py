"""`rampart evidence build|verify|show`, and `diff` and `trend` of `history_commands`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

import click

from hardening import dsse
from hardening.cli import Exit, say
from hardening.errors import ConfigError
from scanners.aim import Aim, aim_options
from scanners.attachments.reader import ATTACHMENTS, LIST
from scanners.attachments.scan import scan as scan_attachments
from scanners.commands import told_unseen
from scanners.evidence.bundle import Run, write
from scanners.evidence.history_commands import diff, trend
from scanners.evidence.origin import origin, owners_of, partners_of
from scanners.evidence.push_command import push
from scanners.evidence.run_chain import Link, chain_faults, last, links, runs_in
from scanners.evidence.seal import MANIFEST, STATEMENT, digest_of, faults, read_manifest
from scanners.evidence.statement import statement_fault
from scanners.output import ReportOptions, judge, report_options, waivers_file
from scanners.policy.stack_file import read_stack
from scanners.report import table
from scanners.report.chain import chain, sentence
from scanners.selection import Selection, selection_options
from scanners.target import Scan

DEFAULT_FOLDER = Path("evidence")
_FOLDER = click.Path(path_type=Path)
_FILE = click.Path(path_type=Path, dir_okay=False)

Key = TypeVar("Key")


@click.group()
def evidence() -> None:
    """Evidence: findings, raw subjects and a report, sealed in one folder a run."""


evidence.add_command(diff)
evidence.add_command(trend)
evidence.add_command(push)


@evidence.command()
@aim_options
@selection_options
@click.option(
    "--sign", "signer", help="Sign the run: an Ed25519 private key (PEM), or the ARN of a key in KMS."
)
@click.option(
    "--attachments", "attached", type=_FOLDER,
    help=f"What people did, as {LIST} in it lists. Default: {ATTACHMENTS}, if it exists.",
)  # fmt: skip
@report_options
def build(
    aim: Aim, selection: Selection, signer: str | None, attached: Path | None, report: ReportOptions
) -> Exit:
    """Audit everything and seal what was found, with what people attached. Prints the run's folder.

    --output names the folder that holds the runs (default: evidence).
    """
    from scanners.run import scan_all  # loads every scanner: not for `verify`

    key = _signing_key(signer) if signer else None
    subject = aim.read()
    started = datetime.now(UTC)
    people, files = _attached(attached, started.date())
    scans = {**scan_all(subject, selection, report.only), **people}
    outcome = judge((f for scan in scans.values() for f in scan.findings), report)
    stack = read_stack(Path(subject.stack_file))
    run = Run(
        subject, scans, outcome, started, datetime.now(UTC), files,
        origin=origin(subject, stack, waivers_file(report)),
        partners=partners_of(subject), owners=owners_of(stack),
    )  # fmt: skip
    folder, digest = write(run, report.output or DEFAULT_FOLDER, key)
    for notice in outcome.notices:
        say(f"warning: {notice}")
    click.echo(table.render(outcome, report.show_suppressed), nl=False)
    say(f"the chain: {sentence(chain(scans, outcome))}")
    say(f"report: {folder / 'report.html'}")
    say(f"seal:   {digest} (keep it elsewhere: `evidence verify --digest` checks against it)")
    say(f"signed: with the key {dsse.key_id(key.public_key())}" if key else "signed: by nobody (--sign KEY)")
    click.echo(str(folder))
    return told_unseen(outcome, outcome.exit_code(report.fail_on), required=selection.require_all)


def _attached(folder: Path | None, today: date) -> tuple[Mapping[str, Scan], Mapping[str, bytes]]:
    """What people attached: its judgement as a scan, and the files. Raises ConfigError."""
    place = folder or ATTACHMENTS
    if folder is None and not (place / LIST).exists():
        return {}, {}
    scan, files = scan_attachments(place, today)
    return {"attachments": scan}, files


@evidence.command()
@click.argument("folder", type=_FOLDER, required=False)
@click.option("--digest", help="The seal that `build` printed; proves that the manifest is the same.")
@click.option(
    "--key", "key_file", type=_FILE, help="The public key (PEM) with which each run must be signed."
)
@click.option(
    "--after", default="", help="The seal of the run before the oldest one, which is kept elsewhere."
)
def verify(folder: Path | None, digest: str | None, key_file: Path | None, after: str) -> Exit:
    """Recompute the digests of every run, and check that the runs follow one another.

    FOLDER is a folder of runs (default: evidence), or one run: then its files and signature are looked at,
    and the chain of the runs beside it.
    """
    key = _key(key_file, dsse.verifying_key) if key_file else None
    place = folder or DEFAULT_FOLDER
    runs = _runs(place)
    beside = links(runs[0].resolve().parent)
    found = [line for run in runs for line in _run_faults(run, key)]
    found += chain_faults(_chained(beside, after, alone=runs == [place]), after.lower())
    newest = runs[0] if len(runs) == 1 else last(beside)
    if newest and digest and digest_of(newest) != digest.lower():
        found.append(f"{newest} is not the run with the seal {digest}")
    for line in found:
        click.echo(line)
    if not found:
        for run in runs:
            files = len(read_manifest(run)["files"])
            click.echo(
                f"{run} is as it was sealed: {files} files, seal {digest_of(run)}, {_signed(run, key)}"
            )
    return Exit.FAILS if found else Exit.HOLDS


def _chained(beside: list[Link], after: str, *, alone: bool) -> list[Link]:
    """The links to hold against each other: none for one run that was taken out of its folder."""
    return [] if alone and len(beside) == 1 and not after else beside


def _run_faults(run: Path, key: dsse.PublicKey | None) -> Iterator[str]:
    try:
        yield from (f"{run / fault.file} {fault.problem}" for fault in faults(run))
        problem = statement_fault(run, key) if key else ""
    except ConfigError as error:  # its manifest is none: the other runs are looked at all the same
        yield error.message
        return
    if problem:
        yield f"{run / STATEMENT} {problem}"


def _signed(run: Path, key: dsse.PublicKey | None) -> str:
    if key:
        return f"signed with the key {dsse.key_id(key)}"
    there = (run / STATEMENT).exists()
    return "a signature that nobody looked at (--key FILE)" if there else "not signed"


@evidence.command()
@click.argument("folder", type=_FOLDER, required=False)
def show(folder: Path | None) -> Exit:
    """Say what a run found, and where its report is."""
    run = _run(folder)
    manifest = read_manifest(run)
    click.echo(f"target   {manifest['target']}")
    for name in ("account", "region", "stack", "commit", "operator"):
        if manifest.get(name):  # only the runs of an audit have them
            click.echo(f"{name:8} {manifest[name]}")
    click.echo(f"time     {manifest['started']} to {manifest['ended']}")
    click.echo("counts   " + ", ".join(f"{n} {name}" for name, n in manifest["counts"].items()))
    click.echo("tools    " + ", ".join(f"{name} {v}" for name, v in manifest["tools"].items()))
    click.echo(f"seal     {digest_of(run)}")
    click.echo(f"signed   {_signed(run, None)}")
    click.echo(f"before   {manifest['previous'] or 'none: the first run'}")
    report = next((run / name for name in ("report.html", "summary.md") if (run / name).exists()), run)
    click.echo(f"report   {report}")
    return Exit.HOLDS


def _run(folder: Path | None) -> Path:
    """The run that `folder` is, or the last one in it. Raises ConfigError."""
    place = folder or DEFAULT_FOLDER
    runs = _runs(place)
    return place if runs == [place] else last(links(place)) or runs[-1]


def _runs(place: Path) -> list[Path]:
    """The run that `place` is, or every run in it. Raises ConfigError where there is none."""
    if (place / MANIFEST).exists():
        return [place]
    runs = runs_in(place) if place.is_dir() else []
    if not runs:
        raise ConfigError(f"{place}: no sealed run there", "build one: rampart evidence build")
    return runs


def _signing_key(name: str) -> dsse.SigningKey:
    """The key of a file, or of KMS. Raises ConfigError, CollectError and CredentialsError."""
    if not name.startswith("arn:"):
        return _key(Path(name), dsse.private_key)
    from scanners.evidence.kms_key import kms_key  # boto3: for this key alone

    return kms_key(name)


def _key(file: Path, read: Callable[[bytes], Key]) -> Key:
    """The key in `file`. Raises ConfigError, which quotes nothing of it."""
    try:
        return read(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{file}: {error}", "make one: openssl genpkey -algorithm ed25519") from None
