"""`rampart runbook`: what to do about an incident, with the names, commands and contacts of one stack."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import click

from hardening.errors import ConfigError
from hardening.runbooks.catalogue import RUNBOOKS, runbook_named
from hardening.runbooks.render import page
from hardening.runbooks.runbook import Names
from infra.settings import load

_PATH = click.Path(path_type=Path)
_DEFAULT = "production"


@click.command()
@click.argument("name", required=False)
@click.option("--stack", default="", help=f"Whose names. Reads Pulumi.<STACK>.yaml. Default: {_DEFAULT}.")
@click.option("--target", type=_PATH, help="A target file instead: `rampart lab up` writes one.")
def runbook(name: str | None, stack: str, target: Path | None) -> None:
    """Print the runbook NAME as Markdown. Without a name, list all, and the alarms that lead there."""
    if stack and target:
        raise click.UsageError("--stack and --target: give one of them")
    if name is None:
        for one in RUNBOOKS.values():
            click.echo(f"{one.name:22} {one.title}: {', '.join(one.alarms) or 'no alarm leads here'}")
        return
    found = runbook_named(name)
    names = names_of_target(target) if target else names_of(stack or _DEFAULT, Path())
    click.echo(page(found, names), nl=False)


def names_of(stack: str, folder: Path, on: str = "") -> Names:
    """The names of `folder/Pulumi.<stack>.yaml`; `on` names it to rampart otherwise. Raises ConfigError."""
    settings = load(stack, folder)
    return Names(
        on=on or f"--stack {stack}",
        stack=stack,
        label=settings.environment,
        region=settings.region,
        replica_region=settings.replica_region,
        domain=settings.domain,
        emails=settings.alarm_emails,
        phone=settings.security_phone,
    )


def names_of_target(file: Path) -> Names:
    """The names of the stack in a target file. Raises ConfigError."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        stack, project = str(told["name"]), Path(told["project"])
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}", "`rampart lab up` writes one") from None
    except (ValueError, KeyError, TypeError):
        hint = "`rampart lab up` writes one"
        raise ConfigError(f"{file}: expected a target with `name` and `project`", hint) from None
    return names_of(stack, project, on=f"--target {shlex.quote(str(file))}")
