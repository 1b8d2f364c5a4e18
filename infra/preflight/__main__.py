"""`python -m infra.preflight FOLDER --stack NAME > preflight.json`: what the deployment needs of the account.

Written for `rampart doctor --stack`, which shows it; version 1: `{"version": 1, "requirements": [...]}`.
"""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from hardening.cli import exit_code
from hardening.errors import ConfigError, RampartError
from hardening.registry.deployed import deployed_registry
from infra.preflight.look import declared, look
from infra.preflight.state import project_of, urns_of
from infra.program_run.monitor import StackName
from infra.settings import load


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--stack", required=True)
@click.option("--state", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def main(folder: Path, stack: str, state: Path | None) -> None:
    """Print the requirements as JSON."""
    try:
        settings, partners = load(stack, folder), deployed_registry(folder / "partners")
        with contextlib.redirect_stdout(sys.stderr):
            records = declared(StackName(project_of(folder), stack), settings, partners)
            standing = urns_of(state) if state else frozenset()
            found = look(settings, records, standing, stack_file=folder / f"Pulumi.{stack}.yaml")
    except RampartError as error:
        lines = error.problems if isinstance(error, ConfigError) else (error.message,)
        click.echo("\n".join(lines), err=True)
        sys.exit(exit_code(error))
    click.echo(json.dumps({"version": 1, "requirements": [asdict(one) for one in found]}))


if __name__ == "__main__":
    main()
