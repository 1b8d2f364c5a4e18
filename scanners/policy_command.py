"""`rampart audit policy`: our checks and checkov's AWS rules on a stack."""

from __future__ import annotations

from pathlib import Path

import click

from hardening.cli import Exit, say
from scanners.output import ReportOptions, finish, report_options, target_option
from scanners.policy import scan
from scanners.stack_file import read_stack
from scanners.target import Target


@click.command()
@target_option
@click.option(
    "--stack",
    "stack_file",
    type=click.Path(path_type=Path),
    help="A stack instead: `pulumi stack export` or `pulumi preview --json --show-sames`.",
)
@click.option(
    "--coverage", type=click.Path(path_type=Path), help="Write here what was judged and what was not."
)
@report_options
def policy(target: Path, stack_file: Path | None, coverage: Path | None, report: ReportOptions) -> Exit:
    """Judge a declared stack by our checks and by checkov's AWS rules."""
    if stack_file:
        aim = Target(name=stack_file.name, stack_file=str(stack_file), region="")
    else:
        aim = Target.read(target)
    result = scan(aim, read_stack(aim.stack_file))
    if coverage:
        coverage.write_text(result.subjects["policy-coverage.json"], encoding="utf-8")
        say(f"coverage written to {coverage}")
    return finish(result.findings, report)
