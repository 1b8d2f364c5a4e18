"""`rampart doctor --stack`: what the account lacks, from infra's preflight, and the exit code for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.own_stack import ROOT

# Bounds, not what it takes: on a busy machine the program alone takes a minute to be declared.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for file in ("Pulumi.yaml", "Pulumi.test.yaml"):
        shutil.copy(ROOT / file, tmp_path / file)
    shutil.copytree(ROOT / "partners", tmp_path / "partners")
    with (tmp_path / "Pulumi.test.yaml").open("a", encoding="utf-8") as settings:
        settings.write("  rampart:detectionRegions: [eu-west-1, us-east-1, us-west-2]\n")
    return tmp_path


def doctor(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "hardening.cli", "doctor", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "AWS_MAX_ATTEMPTS": "1", **environment},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def test_where_aws_cannot_be_asked_nothing_is_ready(project: Path) -> None:
    run = doctor(project, "--stack", "test")
    assert run.returncode == 3
    assert "rampart: error: the preflight does not run: AWS cannot be asked" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_fault_of_the_settings_is_told_as_such(project: Path) -> None:
    file = project / "Pulumi.test.yaml"
    file.write_text(file.read_text() + "  rampart:colour: blue\n")
    run = doctor(project, "--stack", "test")
    assert run.returncode == 2
    assert "colour: unknown key" in run.stderr
