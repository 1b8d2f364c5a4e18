"""`rampart accept`: use a deployed environment as a partner would, and keep what came of it as evidence."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from hardening.cli import Exit, say
from scanners.acceptance.scan import scan
from scanners.aim import Aim, aim_options
from scanners.evidence.bundle import Run, write
from scanners.output import ReportOptions, judge, report_options
from scanners.report import table
from scanners.target import Scan

_EVIDENCE = Path("evidence")


@click.command()
@aim_options
@report_options
def accept(aim: Aim, report: ReportOptions) -> Exit:
    """Use what is deployed as a partner would: served, logged, refused, rotated, revoked; and nothing drifts.

    Seals the result as evidence and prints its folder; --output names the folder that holds the runs.
    """
    # They load boto3: not for `--help`.
    from scanners.drift.scan import scan as scan_drift
    from scanners.intent.scan import scan as scan_intent
    from scanners.policy.stack import as_json
    from scanners.policy.stack_file import read_stack
    from scanners.run import guarded

    subject, started = aim.read(), datetime.now(UTC)
    stack = read_stack(subject.stack_file)
    scans = {
        "declared": Scan((), {"stack.json": as_json(stack)}),
        "acceptance": guarded("acceptance", lambda: scan(subject)),
        "intent": guarded("intent", lambda: scan_intent(subject, stack)),
        "drift": guarded("drift", lambda: scan_drift(subject, stack)),
    }
    outcome = judge((finding for each in scans.values() for finding in each.findings), report)
    folder, digest = write(
        Run(subject, scans, outcome, started, datetime.now(UTC)), report.output or _EVIDENCE
    )
    click.echo(table.render(outcome, report.show_suppressed), nl=False)
    say(f"seal:   {digest}")
    click.echo(str(folder))
    return outcome.exit_code(report.fail_on)
