"""requirements.lock is what pyproject.toml resolves to, and names no address."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UV = os.environ.get("UV") or shutil.which("uv")


@pytest.mark.skipif(UV is None, reason="uv is not installed, so the lock cannot be resolved again")
def test_the_lock_is_current(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, project / name)
    options = ["--format", "requirements-txt", "--no-header", "--no-annotate", "--no-emit-project"]
    exported = subprocess.run(
        [str(UV), "export", "--quiet", "--no-default-groups", *options],
        cwd=project, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert exported.stdout == (ROOT / "requirements.lock").read_text(encoding="utf-8"), "run .ci/lock"


def test_every_locked_package_has_a_hash_and_none_an_address() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    requirements = [line for line in text.splitlines() if line and not line.startswith(" ")]
    assert len(requirements) > 50
    assert all(re.fullmatch(r"\S+==\S+( ; .*)? \\", line) for line in requirements)


def test_the_resolution_is_fixed_in_time() -> None:
    uv = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", uv["exclude-newer"])
