"""Runs any Pulumi Python program in process and writes the stack that it declares. Nothing is created.

    python -m infra.program_run.record FOLDER --stack dev --output stack.json

FOLDER holds `Pulumi.yaml` and the program. It gets the settings of `Pulumi.<stack>.yaml`, but for
the values of encrypted ones. What AWS would answer is unknown.
"""

from __future__ import annotations

import contextlib
import gc
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
import pulumi

from hardening.errors import ConfigError
from hardening.yaml_file import read_yaml
from infra.program_run.configuration import stack_configuration
from infra.program_run.deployment import Deployment
from infra.program_run.monitor import StackName
from infra.program_run.property_values import Secret
from infra.program_run.provision import Unplanned, run_program
from infra.program_run.unrun import watched


@dataclass(frozen=True, slots=True)
class Program:
    """A Pulumi program, ready to run: the name of its project, what declares its resources, its settings."""

    project: str
    declare: Callable[[], object]
    configuration: Mapping[str, str | Secret]


def program_of(folder: Path, stack: str, settings: Mapping[str, str] | None = None) -> Program:
    """The program in `folder`, with the settings of the stack in this process's environment.

    `settings` (`key` or `namespace:key` to a text) win over those of the file. Raises ConfigError if there
    is no program.
    """
    project = _yaml(folder / "Pulumi.yaml")
    name = project.get("name")
    main = folder / str(project.get("main") or ".")
    program = main / "__main__.py" if main.is_dir() else main
    if not isinstance(name, str) or not program.is_file():
        raise ConfigError(f"{folder}: not a Pulumi Python program: no name in Pulumi.yaml, or no __main__.py")
    given = {**stack_configuration(folder, stack), **(settings or {})}
    configuration = {key if ":" in key else f"{name}:{key}": value for key, value in given.items()}
    _configure(configuration)
    sys.path.insert(0, str(program.parent))
    return Program(name, lambda: runpy.run_path(str(program), run_name="__main__"), configuration)


def recorded(folder: Path, stack: str, settings: Mapping[str, str] | None = None) -> str:
    """The deployment that the program in `folder` declares, as JSON. Raises ConfigError.

    `metadata.unrun` are the places of functions that would declare more, if what AWS answers were known.
    """
    program = program_of(folder, stack, settings)
    deployment = Deployment(None, {})
    with contextlib.chdir(folder), contextlib.redirect_stdout(sys.stderr), watched(folder.resolve()) as unrun:
        run_program(
            program.declare,
            StackName(program.project, stack),
            Unplanned(),
            deployment,
            root=folder,
            configuration=program.configuration,
        )
    document = json.loads(deployment.text())
    document["deployment"]["metadata"]["unrun"] = sorted(unrun)
    return json.dumps(document)


def _configure(settings: Mapping[str, str | Secret]) -> None:
    """Hand the settings over as the engine does."""
    texts = {key: value.value if isinstance(value, Secret) else value for key, value in settings.items()}
    secret = [key for key, value in settings.items() if isinstance(value, Secret)]
    os.environ["PULUMI_CONFIG"] = json.dumps(texts)
    os.environ["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(secret)


def _yaml(file: Path) -> Mapping[str, Any]:
    read = read_yaml(file).data
    return read if isinstance(read, Mapping) else {}


def crash_site(crash: BaseException, folder: Path) -> str:
    """Type and place of a program's crash: its message may quote a setting.

    A missing module or setting is named: that is what its user must bring. The place is a line of the
    program, not of the packages in its folder (`venv`).
    """
    frames = traceback.extract_tb(crash.__traceback__)
    inside = [f for f in frames if Path(f.filename).is_relative_to(folder.resolve())]
    own = [f for f in inside if "site-packages" not in Path(f.filename).parts] or frames
    where = f" at {Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""
    if isinstance(crash, ModuleNotFoundError):
        return f"no module {crash.name!r}{where}"
    if isinstance(crash, pulumi.ConfigMissingError):
        return f"no setting {crash.key!r}{where}"
    if isinstance(crash, SystemExit):
        return f"it ended early, with exit code {crash.code or 0}"
    return f"{type(crash).__name__}{where}"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--stack", default="dev", show_default=True)
@click.option("--config", "settings", multiple=True, metavar="KEY=VALUE")
@click.option("--output", type=click.Path(path_type=Path), required=True)
def main(folder: Path, stack: str, settings: tuple[str, ...], output: Path) -> None:
    """Write the stack that the program in FOLDER declares."""
    gc.disable()  # this process ends with its answer: looking for garbage only costs it time
    os.environ.setdefault("PULUMI_TEST_MODE", "true")
    output = output.resolve()
    try:
        given = dict(setting.partition("=")[::2] for setting in settings)
        text = recorded(folder.resolve(), stack, given)
    except ConfigError as error:
        raise click.ClickException(error.message) from None
    except (Exception, SystemExit) as crash:  # the outer edge of a program that is not ours
        raise click.ClickException(f"the program failed: {crash_site(crash, folder)}") from None
    output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
