"""`rampart audit intent`: the declared stack held against what program, settings and registry say today."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from hardening.cli import Exit, say
from scanners.intent.scan import scan
from scanners.output import ReportOptions, finish, report_options, target_option
from scanners.policy.stack_file import read_stack
from scanners.target import Target


@click.command()
@target_option
@click.option(
    "--project",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder of program, settings and registry. Default: the target's `project`.",
)
@report_options
def intent(target: Path, project: Path | None, report: ReportOptions) -> Exit:
    """Hold the declared stack against what program, settings and partner registry would declare today.

    Shows what is changed, missing, extra or replaced. Asks nobody: it needs no credentials, no Pulumi
    engine and no network.
    """
    where = Target.read(target)
    where = replace(where, project=str(project)) if project else where
    declared = read_stack(where.stack_file)
    result = scan(where, declared)
    code = finish(result.findings, report)
    say(f"intent: {len(declared.resources)} declared resources held against {where.project}")
    return code
