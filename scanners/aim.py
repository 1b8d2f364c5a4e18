"""What a command was asked to audit: a target file, or a stack of which `infra` tells where it is."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource

from hardening.errors import ConfigError
from hardening.parent_death import end_with_parent
from scanners.target import LAB_TARGET, Target

# Seconds: a state of some thousand resources, from a bucket far away.
_DEADLINE: Final = 300.0
# How `infra.stack_target` begins the line that says what to do.
HINT: Final = "hint: "
_PATH = click.Path(path_type=Path)
_NAMES = ("target", "stack", "export", "project", "tokens_file")

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """The options `--target`, or `--stack` and `--export` with the `project` of both; `folder` is scratch."""

    target: Path
    stack: str
    export: Path | None
    project: Path | None
    tokens_file: Path | None
    folder: Path
    is_named: bool

    @property
    def is_told(self) -> bool:
        """Whether somebody named a target or a stack, or the lab's target is there."""
        return self.is_named or self.target.exists()

    def read(self) -> Target:
        """The target. Raises ConfigError, with what `infra` said where it cannot tell."""
        found = Target.read(self.file())
        told = self.project and not (self.stack or self.export)
        return replace(found, project=str(self.project)) if told else found

    def file(self) -> Path:
        """The target file, which is written first where a stack was named. Raises ConfigError."""
        if not (self.stack or self.export):
            return self.target
        file = self.folder / "target.json"
        if not file.exists():
            self._tell(file)
        return file

    def _tell(self, file: Path) -> None:
        command = [sys.executable, "-P", "-W", "ignore", "-m", "infra.stack_target"]
        command += [str(self.project or Path()), "--into", str(self.folder)]
        asked = {"--stack": self.stack, "--export": self.export, "--tokens-file": self.tokens_file}
        command += [word for option, value in asked.items() if value for word in (option, str(value))]
        try:
            done = subprocess.run(  # noqa: S603  (our own command, no shell)
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_DEADLINE,
                check=False,
                preexec_fn=end_with_parent(),
            )
        except subprocess.TimeoutExpired:
            raise ConfigError(f"the stack was not exported within {_DEADLINE:.0f} s") from None
        if done.returncode or not file.exists():
            raise _told(done.stderr.strip().splitlines() or [f"infra.stack_target: code {done.returncode}"])


def _told(lines: list[str]) -> ConfigError:
    """The error in what `infra.stack_target` said: its faults, then perhaps a hint."""
    faults = tuple(line for line in lines if not line.startswith(HINT)) or (lines[-1],)
    hints = [line.removeprefix(HINT) for line in lines if line.startswith(HINT)]
    return ConfigError(faults[-1], hints[-1] if hints else "", faults)


_OPTIONS = (
    click.option(
        "--target",
        type=_PATH,
        default=LAB_TARGET,
        show_default=True,
        help="What to audit; `rampart lab up` writes one.",
    ),
    click.option(
        "--stack", default="", help="A deployed stack instead: its state is exported with the Pulumi CLI."
    ),
    click.option(
        "--export", type=_PATH, help="What `pulumi stack export` wrote, for want of the CLI or its backend."
    ),
    click.option(
        "--project",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="The folder of program, settings and registry. Default: this one, or the target's.",
    ),
    click.option("--tokens-file", type=_PATH, help="With --stack: partner name to token, JSON, mode 0600."),
)


def aim_options(command: Command) -> Command:
    """Give a command the options above; it receives them as one `Aim` named `aim`."""

    @functools.wraps(command)
    def wrapped(**kwargs: Any) -> Any:
        context = click.get_current_context()
        chosen = {name: kwargs.pop(name) for name in _NAMES}
        of_stack = bool(chosen["stack"] or chosen["export"])
        named = context.get_parameter_source("target") is not ParameterSource.DEFAULT
        if named and of_stack:
            raise click.UsageError("--target, or --stack and --export: give one of them")
        if chosen["stack"].endswith(".json") or os.sep in chosen["stack"]:
            raise click.UsageError("--stack is the name of a stack: a file goes with --export")
        folder = context.with_resource(tempfile.TemporaryDirectory(prefix="rampart-stack-"))
        aim = Aim(**chosen, folder=Path(folder), is_named=named or of_stack)
        return command(aim=aim, **kwargs)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[return-value]  # click's decorators keep the callable's shape
