"""README's daily commands run as they are typed, in a copy of the files that they read."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.examples import EXAMPLES, NAMES, text_of

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
READ = ("README.md", "partners", "examples", "waivers.yaml", "Pulumi.yaml", "Pulumi.lab.yaml")


def _block(after: str) -> tuple[str, ...]:
    """The commands of the first block of code after a line that begins with `after`."""
    lines = README[README.index(f"\n{after}") :].splitlines()[2:]
    first = next(i for i, line in enumerate(lines) if line.startswith("    "))
    return tuple(_until_blank(lines[first:]))


def _until_blank(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if not line.strip():
            return
        yield line.strip()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in READ:
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    return tmp_path


def _run(line: str, folder: Path) -> None:
    """Run a line of README; it exits with 0 unless its comment says otherwise."""
    said = re.search(r"exits (\d)", line)
    beside = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}"}
    run = subprocess.run(
        shlex.split(line, comments=True),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert run.returncode == (int(said.group(1)) if said else 0), run.stdout + run.stderr


@pytest.mark.parametrize("line", _block("Without it, on files"))
def test_a_daily_command_without_the_lab_runs_as_typed(line: str, copy: Path) -> None:
    _run(line, copy)


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(600)
def test_the_daily_commands_with_the_lab_run_as_typed_in_their_order(copy: Path) -> None:
    lines = _block("With the lab:")
    assert lines[0].startswith("rampart lab up")
    assert lines[-1] == "rampart lab down"
    try:
        for line in lines[:-1]:
            _run(line, copy)
    finally:
        _run(lines[-1], copy)


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) < 200


def _resources(text: str) -> dict[str, Any]:
    """The resources of an exported stack by URN, whichever release of the provider declared them."""
    state = json.loads(re.sub(r"\b7([._])\d+[._]\d+\b", r"7\1", text))
    return {resource["urn"]: resource for resource in state["deployment"]["resources"]}


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_what_the_code_generates(name: str) -> None:
    """To mend it: `uv run python -m tests.examples`. Pulumi may register resources in another order."""
    written, generated = (EXAMPLES / name).read_text(encoding="utf-8"), text_of(name)
    if name.endswith(".ndjson"):
        assert written == generated
    else:
        assert _resources(written) == _resources(generated)
