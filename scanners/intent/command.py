"""`rampart audit intent`: the declared stack held against what program, settings and registry say today."""

from __future__ import annotations

import click

from hardening.cli import Exit, say
from scanners.aim import Aim, aim_options
from scanners.intent.scan import scan
from scanners.output import ReportOptions, finish, report_options
from scanners.policy.stack_file import read_stack


@click.command()
@aim_options
@report_options
def intent(aim: Aim, report: ReportOptions) -> Exit:
    """Hold the declared stack against what program, settings and partner registry would declare today.

    Shows what is changed, missing, extra or replaced. Asks nobody: it needs no credentials, no Pulumi
    engine and no network.
    """
    where = aim.read()
    declared = read_stack(where.stack_file)
    result = scan(where, declared)
    code = finish(result.findings, report)
    say(f"intent: {len(declared.resources)} declared resources held against {where.project}")
    return code
