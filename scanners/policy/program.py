"""A stack out of a Pulumi Python program: it is run in process, by a program of its own.

Whatever the program prints or does, only the file that comes back counts, and it is read like any other.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import hardening
from hardening.errors import ConfigError
from hardening.parent_death import end_with_parent
from hardening.yaml_file import read_yaml
from scanners.policy.stack import Stack
from scanners.policy.stack_file import read_stack

# Seconds for a program to declare its resources; nothing is created meanwhile.
DEADLINE: Final = 120.0
_OURS: Final = Path(hardening.__file__).resolve().parent.parent
# Runs with the project's packages first, and ours behind them for what it does not have.
_START: Final = """
import runpy, sys
sys.path.append(sys.argv.pop(1))
runpy.run_module("infra.program_run.record", run_name="__main__", alter_sys=True)
"""
_HINT: Final = "expected a folder with Pulumi.yaml and __main__.py, its packages installed, its settings set"


def read_program(
    folder: Path, stack: str = "", settings: Iterable[str] = (), deadline: float = DEADLINE
) -> Stack:
    """What the program in `folder` declares for the settings of a stack. Raises ConfigError.

    `stack` empty: the only one that has a file of settings, else `dev`. `settings` are `KEY=VALUE`. The
    program runs in the project's own interpreter, where Pulumi.yaml names one or the folder has one.
    """
    name = stack or _only_stack(folder)
    with tempfile.TemporaryDirectory(prefix="rampart-program-") as scratch:
        file = Path(scratch, "stack.json")
        command = [str(interpreter(folder)), "-P", "-W", "ignore", "-c", _START, str(_OURS)]
        command += [str(folder.resolve()), "--stack", name, "--output", str(file)]
        for setting in settings:
            command += ["--config", setting]
        _run(folder, command, deadline)
        if not file.is_file():
            raise ConfigError(f"{folder}: the program ended early, before its resources were declared", _HINT)
        return read_stack(file)


def interpreter(folder: Path) -> Path:
    """The project's own Python: of Pulumi.yaml's `virtualenv`, of `venv` or `.venv`, else this one."""
    for environment in _environments(folder):
        for place in ("bin/python", "Scripts/python.exe"):
            if (environment / place).is_file():
                return environment / place
    return Path(sys.executable)


def _environments(folder: Path) -> Iterator[Path]:
    project = folder / "Pulumi.yaml"
    read: Any = read_yaml(project).data if project.is_file() else {}
    runtime = read.get("runtime") if isinstance(read, Mapping) else None
    options = runtime.get("options") if isinstance(runtime, Mapping) else None
    named = options.get("virtualenv") if isinstance(options, Mapping) else None
    if isinstance(named, str):
        yield folder / named
    yield folder / "venv"
    yield folder / ".venv"


def _only_stack(folder: Path) -> str:
    names = [file.name.split(".")[1] for file in folder.glob("Pulumi.*.yaml")]
    return names[0] if len(names) == 1 else "dev"


def _run(folder: Path, command: list[str], deadline: float) -> None:
    """Run to the end, or end all that it started. Raises ConfigError."""
    with tempfile.TemporaryFile() as talk:
        try:
            process = subprocess.Popen(  # noqa: S603  (our own command, no shell)
                command,
                stdin=subprocess.DEVNULL,
                stdout=talk,
                stderr=talk,
                start_new_session=True,
                preexec_fn=end_with_parent(),
            )
        except OSError as error:
            raise ConfigError(f"{folder}: {command[0]} does not start: {error.strerror}") from None
        try:
            code = process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise ConfigError(f"{folder}: the program took longer than {deadline:.0f} s", _HINT) from None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        talk.seek(0)
        lines = talk.read().decode(errors="replace").strip().splitlines()
    if code != 0:
        said = [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]
        raise ConfigError(f"{folder}: {said[-1] if said else _last(lines, code)}", _HINT)


def _last(lines: list[str], code: int) -> str:
    """Why it ended, from an interpreter that did not get as far as our own message."""
    missing = [line for line in lines if line.startswith("ModuleNotFoundError")]
    return missing[-1] if missing else f"the program ended with code {code}"
