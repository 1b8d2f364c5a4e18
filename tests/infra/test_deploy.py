"""The real engine's commands: what is missing is one clear line, and nothing is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's settings and partners, in a folder of their own."""
    folder = tmp_path / "project"
    folder.mkdir()
    for file in ("Pulumi.yaml", "Pulumi.test.yaml"):
        shutil.copy(ROOT / file, folder / file)
    shutil.copytree(ROOT / "partners", folder / "partners")
    return folder


def rampart(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    given |= {"AWS_EC2_METADATA_DISABLED": "true", "PATH": str(folder / "bin"), "HOME": str(folder)}
    given |= {"PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "hardening.cli", *arguments],
        cwd=folder,
        env=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def install_cli(folder: Path) -> None:
    """A Pulumi CLI as far as its version goes: what comes after is not reached."""
    (folder / "bin").mkdir()
    cli = folder / "bin/pulumi"
    cli.write_text("#!/bin/sh\necho v3.272.0\n", encoding="utf-8")
    cli.chmod(0o755)


@pytest.mark.parametrize(
    "command", [["preview"], ["up", "--yes"], ["refresh", "--yes"], ["destroy", "--yes"]]
)
def test_without_the_pulumi_cli_each_command_says_so(command: list[str], project: Path) -> None:
    run = rampart(project, *command, "--stack", "test")
    assert run.returncode == 2
    assert run.stdout == ""
    first, second = run.stderr.splitlines()
    assert first == "rampart: error: the Pulumi CLI is not on PATH"
    assert second.startswith("rampart: hint: install it")


def test_without_credentials_it_says_how_to_get_some(project: Path) -> None:
    install_cli(project)
    run = rampart(project, "preview", "--stack", "test")
    assert run.returncode == 4
    assert run.stderr.startswith("rampart: error: no AWS credentials")
    assert "Traceback" not in run.stderr


def test_where_aws_cannot_be_reached_nothing_is_known(project: Path) -> None:
    install_cli(project)
    run = rampart(
        project,
        "preview",
        "--stack",
        "test",
        AWS_ACCESS_KEY_ID="testing",
        AWS_SECRET_ACCESS_KEY="testing",
        AWS_ENDPOINT_URL="http://127.0.0.1:9",
        AWS_MAX_ATTEMPTS="1",
    )
    assert run.returncode == 3
    assert run.stderr.startswith("rampart: error: AWS cannot be asked")


def test_a_broken_stack_or_partner_is_told_before_anything_is_asked_of_aws(project: Path) -> None:
    file = project / "Pulumi.test.yaml"
    file.write_text(file.read_text("utf-8") + "  rampart:rotationDays: 90\n  rampart:colour: x\n", "utf-8")
    run = rampart(project, "up", "--yes", "--stack", "test")
    assert run.returncode == 2
    last = len(file.read_text("utf-8").splitlines())
    expected = "rotationDays: expected a whole number from 1 to 30, found 90"
    assert run.stderr.splitlines()[:2] == [
        f"rampart: error: Pulumi.test.yaml:{last}: colour: unknown key",
        f"rampart: error: Pulumi.test.yaml:{last - 1}: {expected}",
    ]


def test_outside_of_a_project_it_says_so(tmp_path: Path) -> None:
    run = rampart(tmp_path, "preview", "--stack", "test")
    assert run.returncode == 2
    assert "no Pulumi.yaml" in run.stderr
