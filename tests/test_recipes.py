"""The recipes of docs/development.md work: their diffs and commands, in order, on a copy of the repository.

A recipe is a section `## Adding …` with fenced `diff` blocks. Its `uv run …` lines are run as they are
written (with this interpreter in the place of `uv run`), and each must end with 0.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$|^    (uv run [^\n]*)$", re.MULTILINE | re.DOTALL)


def _recipes() -> dict[str, list[tuple[str, str]]]:
    """Title -> steps, each ("diff", text) or ("run", command line), in the order of the text."""
    text = (ROOT / "docs" / "development.md").read_text(encoding="utf-8")
    found = {}
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        steps = []
        for match in _BLOCK.finditer(body):
            if match[1] == "diff":
                steps.append(("diff", match[2]))
                continue
            lines = [match[3]] if match[3] else match[2].splitlines()
            steps += [("run", line.strip()) for line in lines if line.strip().startswith("uv run ")]
        if title.startswith("Adding ") and any(kind == "diff" for kind, _ in steps):
            found[title] = steps
    return found


RECIPES = _recipes()
_PROGRAMS = {
    "python": [sys.executable],
    "pytest": [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
    "rampart": [sys.executable, "-m", "hardening.cli"],
}


def _copy(to: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def _run(line: str, where: Path) -> None:
    words = shlex.split(line.removeprefix("uv run "), comments=True)
    output = where / words[words.index(">") + 1] if ">" in words else None
    words = words[: words.index(">")] if output else words
    ran = subprocess.run(
        [*_PROGRAMS[words[0]], *words[1:]],
        cwd=where,
        env={**os.environ, "PYTHONPATH": str(where), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert ran.returncode == 0, f"{line}\n{ran.stdout[-3000:]}{ran.stderr[-3000:]}"
    if output:
        output.write_text(ran.stdout, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_works_as_it_is_written(title: str, tmp_path: Path) -> None:
    _copy(tmp_path)
    for kind, text in RECIPES[title]:
        if kind == "run":
            _run(text, tmp_path)
            continue
        applied = subprocess.run(
            ["git", "apply", "--recount", "-"], cwd=tmp_path, input=text, capture_output=True, text=True
        )
        assert applied.returncode == 0, applied.stderr


def test_every_recipe_ends_with_a_test() -> None:
    assert RECIPES
    for title, steps in RECIPES.items():
        assert steps[-1][0] == "run", title
        assert steps[-1][1].startswith("uv run pytest "), title
