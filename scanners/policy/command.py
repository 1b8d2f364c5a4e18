"""`rampart audit policy`: our checks and checkov's AWS rules on a stack."""

from __future__ import annotations

from pathlib import Path

import click

from hardening.cli import Exit, say
from scanners.aim import Aim, aim_options
from scanners.output import DEFAULT_WAIVERS, ReportOptions, finish, report_options
from scanners.policy.ownership import is_marked, is_of_project_in
from scanners.policy.program import DEADLINE, read_program
from scanners.policy.scan import scan
from scanners.policy.stack import Stack
from scanners.policy.stack_file import read_stack
from scanners.target import Target


@click.command()
@aim_options
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
    aim: Aim,
    program: Path | None,
    stack_name: str,
    settings: tuple[str, ...],
    timeout: float,
    coverage: Path | None,
    ocpi: bool,
    report: ReportOptions,
) -> Exit:
    """Judge a declared stack by our checks and by checkov's AWS rules."""
    if (aim.stack or aim.export) and program:
        raise click.UsageError("--program, or --stack and --export: give one of them")
    if program:
        target = Target(name=program.resolve().name, stack_file="", region="")
        stack = read_program(program, stack_name, settings, timeout)
    else:
        target, stack = _subject(aim)
    result = scan(target, stack, own_checks=ocpi or not (aim.export or program) or is_marked(stack))
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


def _subject(aim: Aim) -> tuple[Target, Stack]:
    if aim.export and not aim.stack:  # of any project, whose settings need not be at hand
        return Target(name=aim.export.name, stack_file=str(aim.export), region=""), read_stack(aim.export)
    target = aim.read()
    return target, read_stack(target.stack_file)
