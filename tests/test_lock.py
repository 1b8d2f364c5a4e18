"""requirements.lock satisfies pyproject.toml: nothing missing, nothing extra, a hash for each, no address.

The index may serve newer releases than the lock names; that does not make the lock wrong.
"""

import os
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UV = os.environ.get("UV") or shutil.which("uv")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")

Pins = dict[str, set[str]]


def _pins(text: str) -> Pins:
    """`name==version ; marker` of each package -> its hashes."""
    pins: Pins = {}
    name = ""
    for line in text.splitlines():
        if found := re.search(r"--hash=(\S+)", line):
            pins[name].add(found.group(1))
        else:
            name = line.removesuffix("\\").strip()
            pins[name] = set()
    return pins


def _resolved(folder: Path, pins: Pins, pyproject: str) -> subprocess.CompletedProcess[str]:
    """What `pyproject` needs, resolved with each pin as a constraint, in the form of requirements.lock."""
    constraints = ", ".join(f'"{pin}"' for pin in pins)
    folder.mkdir()
    for name in ("README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    text = pyproject.replace("[tool.uv]\n", f"[tool.uv]\nconstraint-dependencies = [{constraints}]\n", 1)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    options = ["--format", "requirements-txt", "--no-header", "--no-annotate", "--no-emit-project"]
    return subprocess.run(
        [str(UV), "export", "--quiet", "--no-default-groups", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


needs_uv = pytest.mark.skipif(UV is None, reason="uv is not installed, so nothing can be resolved")
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@needs_uv
def test_the_lock_is_what_the_project_needs(tmp_path: Path) -> None:
    locked = _pins(LOCK)
    run = _resolved(tmp_path / "project", locked, PYPROJECT)
    assert run.returncode == 0, f"the lock breaks a constraint of pyproject.toml: run .ci/lock\n{run.stderr}"
    needed = _pins(run.stdout)
    assert set(needed) == set(locked), "run .ci/lock"
    replaced = [pin for pin, hashes in needed.items() if not hashes & locked[pin]]
    assert replaced == [], "the index serves other files for these than were locked"


@needs_uv
def test_readme_installs_every_locked_package() -> None:
    """An override replaces a requirement together with its extras: alone it leaves out what they bring."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^    uv tool install (.*) \.$", readme, re.MULTILINE)
    words = [word for word in shlex.split(line) if word != "--with-requirements"]
    run = subprocess.run(
        [str(UV), "pip", "compile", "-q", "--no-header", "--no-annotate", "pyproject.toml", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    installed = {line.partition("==")[0] for line in run.stdout.splitlines()}
    assert {name.partition("==")[0] for name in _pins(LOCK) if ";" not in name} <= installed


@needs_uv
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("missing", "dependencies = [\n", 'dependencies = [\n    "iniconfig",\n'),
        ("extra", '    "sslyze>=6.3.1,<7",\n', ""),
        ("forbidden", '"cryptography>=48"', '"cryptography<47"'),
    ],
)
def test_a_lock_that_does_not_fit_is_noticed(tmp_path: Path, name: str, old: str, new: str) -> None:
    assert old in PYPROJECT
    locked = _pins(LOCK)
    run = _resolved(tmp_path / name, locked, PYPROJECT.replace(old, new, 1))
    assert run.returncode != 0 or set(_pins(run.stdout)) != set(locked)


def test_every_locked_package_has_a_hash_and_none_an_address() -> None:
    assert "://" not in LOCK
    requirements = [line for line in LOCK.splitlines() if line and not line.startswith(" ")]
    assert len(requirements) > 50
    assert all(re.fullmatch(r"\S+==\S+( ; .*)? \\", line) for line in requirements)
    assert all(_pins(LOCK).values())


def test_the_resolution_is_fixed_in_time() -> None:
    uv = tomllib.loads(PYPROJECT)["tool"]["uv"]
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", uv["exclude-newer"])
