"""Writes the target of a deployed stack: `target.json`, version 1 of what every audit reads, and its state.

    python -m infra.stack_target FOLDER --into SCRATCH (--stack NAME | --export stack.json)

Where the gateway is, the region and whether it is a test environment come from the settings; the state from
`pulumi stack export`, in which secrets stay encrypted. Nothing is asked of AWS.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from hardening.cli import exit_code
from hardening.errors import ConfigError, RampartError
from hardening.parent_death import end_with_parent
from infra.preflight.state import project_of, urns_of
from infra.pulumi_cli import path_of_cli, pulumi_path
from infra.settings import load

_HTTPS = 443
_EXPORT = "with `pulumi stack export --file stack.json`, where it can be had, give it with --export"


def target(folder: Path, stack: str, state: Path, tokens_file: Path | None) -> Mapping[str, str]:
    """The target of the stack whose state is in the file `state`. Raises ConfigError."""
    settings = load(stack, folder)
    return {
        "name": stack,
        "stack_file": str(state.resolve()),
        "region": settings.region,
        "environment": settings.environment,
        "gateway": f"{settings.domain}:{_HTTPS}",
        "server_name": settings.domain,
        "tokens_file": str(tokens_file.resolve()) if tokens_file else "",
        "partners": str((folder / "partners").resolve()),
        "project": str(folder.resolve()),
    }


def stack_of(state: Path, project: str) -> str:
    """The name of the stack whose state the file holds. Raises ConfigError where it is another project's."""
    names = {tuple(urn.removeprefix("urn:pulumi:").split("::")[:2]) for urn in urns_of(state)}
    try:
        [(stack, owner)] = names
    except ValueError:
        raise ConfigError(f"{state}: expected the state of one stack, which has resources") from None
    if owner != project:
        raise ConfigError(f"{state}: of the project {owner!r}, not of {project!r}", "name its --project")
    return stack


def exported(folder: Path, stack: str, file: Path) -> None:
    """Export the state of a stack into `file`. Raises ConfigError, with what the CLI said."""
    command = [path_of_cli(f", or {_EXPORT}"), "stack", "export", "--stack", stack, "--file", str(file)]
    done = subprocess.run(  # noqa: S603  (the CLI, no shell)
        [*command, "--non-interactive"],
        cwd=folder,
        env={**os.environ, "PATH": pulumi_path()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        preexec_fn=end_with_parent(),
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()] or [f"code {done.returncode}"]
        raise ConfigError(
            f"Pulumi cannot export the stack {stack!r}: {said[-1].removeprefix('error: ')}",
            "log in to its state backend first, for example `pulumi login s3://BUCKET`",
        )
    file.chmod(0o600)


def write_target(
    folder: Path, into: Path, stack: str, state: Path | None = None, tokens_file: Path | None = None
) -> Path:
    """Write `target.json` of a stack, whose `state` is exported or given; its path. Raises ConfigError."""
    project = project_of(folder)
    if state is None:
        load(stack, folder)  # a name that has no settings is no stack of ours
        state = into / "stack.json"
        exported(folder, stack, state)
    found = stack_of(state, project)
    if stack and stack != found:
        raise ConfigError(f"{state}: the stack {found!r}, not {stack!r}")
    file = into / "target.json"
    file.write_text(json.dumps(target(folder, found, state, tokens_file), indent=1) + "\n", encoding="utf-8")
    return file


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--into", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True)
@click.option("--stack", default="")
@click.option("--export", "state", type=click.Path(path_type=Path))
@click.option("--tokens-file", type=click.Path(path_type=Path))
def main(folder: Path, into: Path, stack: str, state: Path | None, tokens_file: Path | None) -> None:
    """Write `target.json`, and the state where it is not given."""
    try:
        write_target(folder, into, stack, state, tokens_file)
    except RampartError as error:
        lines = error.problems if isinstance(error, ConfigError) else (error.message,)
        click.echo("\n".join([*lines, *([f"hint: {error.hint}"] if error.hint else [])]), err=True)
        sys.exit(exit_code(error))


if __name__ == "__main__":
    main()
