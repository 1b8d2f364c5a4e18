"""`rampart drill`: play an incident in the lab by its runbook, and keep the record as evidence."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from hardening.cli import Exit, say
from hardening.errors import ConfigError
from hardening.runbooks.catalogue import RUNBOOKS, runbook_named
from scanners.evidence.bundle import Run, write
from scanners.output import ReportOptions, judge, report_options
from scanners.report import table
from scanners.target import LAB_TARGET, Scan, Target

_EVIDENCE = Path("evidence")
DRILL = "drill.json"
_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("name", required=False)
@click.option("--target", type=_PATH, default=LAB_TARGET, show_default=True, help="A lab that is up.")
@report_options
def drill(name: str | None, target: Path, report: ReportOptions) -> Exit:
    """Play the incident of the runbook NAME in the lab, follow its commands, and measure.

    Fails where its alarm does not fire, a command fails, a role lacks a right, or the incident goes on.
    Seals the record with drafts of the notices to authorities, and prints its folder; --output names the
    folder that holds the runs. Without a name: which drills there are, and why the others have none.
    """
    if name is None:
        for one in RUNBOOKS.values():
            click.echo(f"{one.name:22} {one.no_drill or 'a drill'}")
        return Exit.HOLDS
    found = runbook_named(name)
    if found.no_drill:
        raise ConfigError(f"{name}: no drill: {found.no_drill}", f"`rampart runbook {name}`, by hand")
    subject = Target.read(target)
    if not subject.aws_endpoint:
        raise ConfigError(f"{target}: expected a lab, not an account", "`rampart lab up`")
    return _drilled(subject, name, report)


def measured(subjects: Mapping[str, str]) -> Iterator[str]:
    """A line for each thing that was measured."""
    if DRILL not in subjects:
        return
    told = json.loads(subjects[DRILL])
    heard = told["heard"]
    found = {"detected": heard["after"], "contained": told["contained"], "recovered": told["recovered"]}
    for what, seconds in found.items():
        yield f"{what}: {'never' if seconds is None else f'after {seconds:.1f} s'}"
    yield f"on AWS the alarm comes up to {heard['delay']} s later, and after the delivery of its log"


def _drilled(subject: Target, name: str, report: ReportOptions) -> Exit:
    # They load what reads a stack: not for `--help`.
    from scanners.drills.scan import scan
    from scanners.policy.stack_file import read_stack
    from scanners.run import guarded

    stack, started = read_stack(subject.stack_file), datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="rampart-drill-") as scratch:
        sealed = Path(scratch)
        write(Run(subject, {}, judge((), report), started, started), sealed)
        scans: dict[str, Scan] = {name: guarded("drill", lambda: scan(subject, stack, name, sealed))}
    outcome = judge(scans[name].findings, report)
    run = Run(subject, {"drill": scans[name]}, outcome, started, datetime.now(UTC))
    folder, digest = write(run, report.output or _EVIDENCE)
    click.echo(table.render(outcome, report.show_suppressed), nl=False)
    for line in measured(scans[name].subjects):
        say(line)
    say(f"seal:   {digest}")
    click.echo(str(folder))
    return outcome.exit_code(report.fail_on)
