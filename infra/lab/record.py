"""Runs any Pulumi Python program in process and prints the stack that it declares. Nothing is created.

    python -m infra.lab.record FOLDER --stack dev > stack.json

FOLDER holds `Pulumi.yaml` and the program. It gets the settings of `Pulumi.<stack>.yaml`, but for
the values of encrypted ones. What AWS would answer is unknown.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from hardening.errors import ConfigError
from hardening.yaml_file import read_yaml
from infra.lab.deployment import Deployment
from infra.lab.monitor import StackName
from infra.lab.provision import Unplanned, run_program


@dataclass(frozen=True, slots=True)
class Program:
    """A Pulumi program, ready to run: the name of its project, and what declares its resources."""

    project: str
    declare: Callable[[], object]


def program_of(folder: Path, stack: str) -> Program:
    """The program in `folder`, with the settings of the stack in this process's environment.

    Raises ConfigError if there is none.
    """
    project = _yaml(folder / "Pulumi.yaml")
    name = project.get("name")
    main = folder / str(project.get("main") or ".")
    program = main / "__main__.py" if main.is_dir() else main
    if not isinstance(name, str) or not program.is_file():
        raise ConfigError(f"{folder}: not a Pulumi Python program: no name in Pulumi.yaml, or no __main__.py")
    _configure(folder / f"Pulumi.{stack}.yaml")
    sys.path.insert(0, str(program.parent))
    return Program(name, lambda: runpy.run_path(str(program), run_name="__main__"))


def recorded(folder: Path, stack: str) -> str:
    """The deployment that the program in `folder` declares, as JSON. Raises ConfigError."""
    program = program_of(folder, stack)
    deployment = Deployment(None, {})
    with contextlib.chdir(folder), contextlib.redirect_stdout(sys.stderr):
        run_program(program.declare, StackName(program.project, stack), Unplanned(), deployment, root=folder)
    return deployment.text()


def _configure(file: Path) -> None:
    """Hand the settings over as the engine does. An encrypted one has no value here, but stays secret."""
    values = _yaml(file).get("config", {}) if file.is_file() else {}
    secret = [key for key, value in values.items() if isinstance(value, Mapping) and "secure" in value]
    settings = {
        key: "not known" if key in secret else value if isinstance(value, str) else json.dumps(value)
        for key, value in values.items()
    }
    os.environ["PULUMI_CONFIG"] = json.dumps(settings)
    os.environ["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(secret)


def _yaml(file: Path) -> Mapping[str, Any]:
    read = read_yaml(file).data
    return read if isinstance(read, Mapping) else {}


def crash_site(crash: BaseException, folder: Path) -> str:
    """Type and place of a program's crash: its message may quote a setting."""
    frames = traceback.extract_tb(crash.__traceback__)
    own = [f for f in frames if Path(f.filename).is_relative_to(folder.resolve())] or frames
    return f"{type(crash).__name__} at {Path(own[-1].filename).name}:{own[-1].lineno}"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--stack", default="dev", show_default=True)
def main(folder: Path, stack: str) -> None:
    """Print the stack that the program in FOLDER declares."""
    os.environ.setdefault("PULUMI_TEST_MODE", "true")
    try:
        text = recorded(folder.resolve(), stack)
    except ConfigError as error:
        raise click.ClickException(error.message) from None
    except Exception as crash:  # the outer edge of a program that is not ours
        raise click.ClickException(f"the program failed: {crash_site(crash, folder)}") from None
    click.echo(text)


if __name__ == "__main__":
    main()
