"""`rampart audit separation`: production and test held side by side; they must share nothing."""

from __future__ import annotations

from pathlib import Path

import click

from hardening.checks import judge
from hardening.cli import Exit
from hardening.errors import ConfigError
from scanners.output import ReportOptions, finish, report_options
from scanners.policy.checks import separation_checks
from scanners.policy.checks.separation import Stacks
from scanners.policy.stack_file import read_stack

_STACK = click.Path(path_type=Path)


@click.command()
@click.argument("production", type=_STACK)
@click.argument("test", type=_STACK)
@report_options
def separation(production: Path, test: Path, report: ReportOptions) -> Exit:
    """Judge whether two stacks share anything: networks, keys, secrets, roles, stores.

    PRODUCTION and TEST are files: `pulumi stack export` or `pulumi preview --json --show-sames`.
    """
    if production.resolve() == test.resolve():
        raise ConfigError(f"{test}: the same file twice", "name the stacks of two environments")
    stacks = Stacks(read_stack(production), read_stack(test))
    return finish(list(judge(separation_checks(), stacks)), report)
