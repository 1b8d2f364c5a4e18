"""`rampart guard`: the guard before an OCPI service, and what that service must hold."""

from __future__ import annotations

import click

from hardening.cli import LazyGroup

# name -> (module:attribute, one line of help), loaded when asked for.
GUARD = {
    "serve": ("infra.runtime.guard.command:serve", "The guard before any OCPI service, without AWS."),
    "conform": ("scanners.conform.command:conform", "What the service behind the guard must hold."),
    "log": ("infra.runtime.guard.log_command:log", "What the guard decided, from a file or CloudWatch."),
}


@click.group(cls=LazyGroup, table=GUARD)
def guard() -> None:
    """Run the guard before an OCPI service."""
