"""`rampart audit gates`: do firewall, API definition, authorizer and guard agree on the registry?"""

from __future__ import annotations

from pathlib import Path

import click

from hardening.cli import Exit, say
from hardening.errors import ConfigError
from hardening.registry.reader import read_registry
from scanners.aim import Aim, aim_options
from scanners.policy.stack_file import read_stack
from scanners.reach.agree import disagreements
from scanners.reach.gates import gates_of


@click.command(name="gates")
@aim_options
@click.option("--environment", default="test", show_default=True, help="Whose partners the stack serves.")
def gates(aim: Aim, environment: str) -> Exit:
    """List the classes of calls that are contracted and refused before the guard, or refused by it alone.

    Columns: which of the two, the class, and the gates that refuse it.
    """
    where = aim.read()
    partners = tuple(one for one in read_registry(Path(where.partners)) if one.environment == environment)
    if not partners:
        raise ConfigError(f"{where.partners}: no partner of the environment {environment!r}")
    found = sorted(set(disagreements(gates_of(read_stack(where.stack_file), partners))))
    for one in found:
        click.echo("\t".join((one.kind, one.where, one.gates)))
    say(f"{len(found)} class{'es' if len(found) != 1 else ''} on which the gates differ")
    return Exit.FAILS if found else Exit.HOLDS
