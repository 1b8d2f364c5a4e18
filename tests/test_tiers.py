"""There are two tiers of tests: `pytest` leaves the slow ones out and says so, `pytest --slow` runs all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SUITE = """
import pytest

@pytest.mark.slow
def test_that_takes_minutes():
    pass

def test_that_takes_a_moment():
    pass
"""


@pytest.mark.parametrize(
    ("options", "told"),
    [((), ["1 passed, 1 skipped", "takes minutes: run with --slow"]), (("--slow",), ["2 passed"])],
)
def test_slow_tests_run_only_when_asked_for(
    tmp_path: Path, options: tuple[str, ...], told: list[str]
) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(
        "from tests.conftest import (pytest_addoption, pytest_collection_modifyitems,\n"
        "    pytest_xdist_auto_num_workers)\n",
        encoding="utf-8",
    )
    settings = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", "."]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", *settings, ".", *options],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    for words in told:
        assert words in run.stdout


def test_what_runs_alone_is_slow() -> None:
    """`.ci/run` asks for both marks' tests: one that is marked `alone` only would run in the first tier."""
    for file in (ROOT / "tests").rglob("test_*.py"):
        text = file.read_text(encoding="utf-8")
        assert text.count("@pytest.mark.alone\n") == text.count("@pytest.mark.slow\n@pytest.mark.alone\n"), (
            file
        )


def test_the_whole_check_runs_both_tiers() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[-3:] == [
        "uv run pytest",
        'uv run pytest --slow -m "slow and not alone"',
        "uv run pytest --slow -m alone -n 0",
    ]
