"""`rampart guard serve`."""

from __future__ import annotations

from pathlib import Path

import click

from hardening.cli import say
from infra.runtime.guard.serve import check_settings, serve_guard
from infra.runtime.guard.settings import read_settings, shown


@click.command()
@click.option(
    "--config", "file", type=click.Path(path_type=Path), default=Path("guard.toml"), show_default=True
)
@click.option(
    "--check", "only_check", is_flag=True, help="Validate everything, print the settings, start nothing."
)
def serve(file: Path, only_check: bool) -> int:
    """Put the guard before any OCPI service: Envoy and the policy service, without AWS.

    Ends with SIGTERM or SIGINT, after every call that has begun is answered.
    """
    settings = read_settings(file)
    if only_check:
        count = check_settings(settings)
        click.echo(shown(settings))
        say(f"no fault; {count} partner{'s' if count != 1 else ''} in {settings.environment}")
        return 0
    return serve_guard(settings)
