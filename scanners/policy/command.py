"""`rampart audit policy`: our checks and checkov's AWS rules on a stack."""

from __future__ import annotations

from pathlib import Path

import click

from hardening.cli import Exit, say
from scanners.output import DEFAULT_WAIVERS, ReportOptions, finish, report_options, target_option
from scanners.policy.ownership import is_marked, is_of_project_in
from scanners.policy.program import DEADLINE, read_program
from scanners.policy.scan import scan
from scanners.policy.stack import Stack
from scanners.policy.stack_file import read_stack
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
    "--program",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder of a Pulumi Python program instead: run in process, nothing is created.",
)
@click.option("--stack-name", default="", help="The stack of that program. Default: its only one, or dev.")
@click.option(
    "--config", "settings", multiple=True, metavar="KEY=VALUE", help="A setting of that program. Repeatable."
)
@click.option(
    "--timeout",
    type=click.FloatRange(1),
    default=DEADLINE,
    show_default=True,
    help="Seconds for that program.",
)
@click.option(
    "--coverage", type=click.Path(path_type=Path), help="Write here what was judged and what was not."
)
@click.option("--ocpi", is_flag=True, help="Ask our own checks too where nothing is marked as OCPI's.")
@report_options
def policy(
    target: Path,
    stack_file: Path | None,
    program: Path | None,
    stack_name: str,
    settings: tuple[str, ...],
    timeout: float,
    coverage: Path | None,
    ocpi: bool,
    report: ReportOptions,
) -> Exit:
    """Judge a declared stack by our checks and by checkov's AWS rules."""
    if stack_file and program:
        raise click.UsageError("--stack and --program: give one of them")
    if program:
        aim = Target(name=program.resolve().name, stack_file="", region="")
        stack = read_program(program, stack_name, settings, timeout)
    else:
        aim, stack = _subject(target, stack_file)
    result = scan(aim, stack, own_checks=ocpi or not (stack_file or program) or is_marked(stack))
    if coverage:
        coverage.write_text(result.subjects["policy-coverage.json"], encoding="utf-8")
        say(f"coverage written to {coverage}")
    return finish(result.findings, report, default_waivers=_default_waivers(stack, report))


def _default_waivers(stack: Stack, report: ReportOptions) -> Path | None:
    """The waivers of this folder's project, which say nothing of another project's stack."""
    if is_of_project_in(Path(), stack):
        return DEFAULT_WAIVERS
    if DEFAULT_WAIVERS.exists() and not report.waivers:
        say(f"{DEFAULT_WAIVERS} is not used: the stack is of the project {stack.project}")
    return None


def _subject(target: Path, stack_file: Path | None) -> tuple[Target, Stack]:
    if stack_file:
        return Target(name=stack_file.name, stack_file=str(stack_file), region=""), read_stack(stack_file)
    aim = Target.read(target)
    return aim, read_stack(aim.stack_file)
