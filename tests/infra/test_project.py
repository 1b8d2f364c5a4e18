"""A project of one's own: written whole or not at all, and every command works in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from infra.project import SHARED, shipped_project
from infra.settings import load
from tests.beds.lab import survivors
from tests.infra.test_program import PULUMI_PROGRAM

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = [
    ".github/workflows/rampart.yaml",
    ".gitignore",
    "Pulumi.lab.yaml",
    "Pulumi.yaml",
    "__main__.py",
    "partners/example-cpo.yaml",
    "partners/example-emsp.yaml",
    "partners/example-hub.yaml",
    "waivers.yaml",
]


def rampart(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "hardening.cli", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def files(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    done = rampart(tmp_path, "init", "own")
    assert done.returncode == 0, done.stderr
    return tmp_path / "own"


def test_init_writes_a_project_and_says_what_to_do_next(tmp_path: Path) -> None:
    done = rampart(tmp_path, "init", "own")
    assert (done.returncode, done.stdout) == (0, "")
    assert files(tmp_path / "own") == WRITTEN
    assert "next: cd own" in done.stderr
    assert "next: rampart demo" in done.stderr


def test_init_without_a_folder_writes_into_the_current_one(tmp_path: Path) -> None:
    assert rampart(tmp_path, "init").returncode == 0
    assert files(tmp_path) == WRITTEN


@pytest.mark.parametrize("taken", WRITTEN)
def test_init_overwrites_nothing_and_writes_nothing_when_a_file_is_there(taken: str, tmp_path: Path) -> None:
    (tmp_path / taken).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / taken).write_text("mine")
    done = rampart(tmp_path, "init")
    assert done.returncode == 2
    assert f"error: {taken}: is there already; nothing was written" in done.stderr
    assert files(tmp_path) == [taken]
    assert (tmp_path / taken).read_text() == "mine"


@pytest.mark.parametrize("link", ["partners", ".github", ".github/workflows", "Pulumi.yaml"])
def test_init_writes_through_no_link(link: str, tmp_path: Path) -> None:
    own, outside = tmp_path / "own", tmp_path / "outside"
    outside.mkdir()
    (own / link).parent.mkdir(parents=True)
    (own / link).symlink_to(outside if "." not in Path(link).name[1:] else outside / "gone.yaml")
    done = rampart(tmp_path, "init", "own")
    assert done.returncode == 2
    assert f"own/{link}: is there already; nothing was written" in done.stderr
    assert (files(own), files(outside)) == ([], [])


def test_init_into_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "partners").write_text("not a folder")
    done = rampart(tmp_path, "init")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert files(tmp_path) == ["partners"]


def test_a_new_project_holds_what_the_repository_itself_uses(project: Path) -> None:
    assert shipped_project() == ROOT
    assert {name for name in SHARED if not (project / name).exists()} == set()
    for name in ("Pulumi.lab.yaml", "waivers.yaml", "partners/example-cpo.yaml"):
        assert (project / name).read_bytes() == (ROOT / name).read_bytes()
    assert load("lab", project) == load("lab", ROOT)


def test_its_partners_are_valid(project: Path) -> None:
    assert rampart(project, "partner", "check").returncode == 0


def test_its_program_declares_the_stack_as_pulumi_runs_it(project: Path) -> None:
    settings = yaml.safe_load((project / "Pulumi.lab.yaml").read_text())["config"]
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in settings.items()}
    program = PULUMI_PROGRAM.replace('"infra"', f'"{project}"')
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=project,
        env={**os.environ, "PULUMI_CONFIG": json.dumps(texts), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "declared" in done.stdout


def test_half_a_project_is_not_replaced_by_the_example(project: Path) -> None:
    shutil.rmtree(project / "partners")
    assert "partners" in rampart(project, "demo").stderr
    assert not (project / ".rampart").exists()


def test_the_commands_use_the_settings_of_the_project_they_are_run_in(project: Path) -> None:
    settings = project / "Pulumi.lab.yaml"
    settings.write_text(settings.read_text("utf-8") + "  rampart:colour: red\n", "utf-8")
    last = len(settings.read_text("utf-8").splitlines())
    done = rampart(project, "demo")
    assert done.returncode == 2
    assert f"Pulumi.lab.yaml:{last}: colour: unknown key" in done.stderr


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_wheel_alone_is_enough_for_the_demo_in_an_empty_folder(tmp_path: Path) -> None:
    uv = shutil.which("uv")
    assert uv, "this test builds a wheel with uv"
    python, empty = tmp_path / "venv/bin/python", tmp_path / "empty"
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]
    override = tmp_path / "override.txt"
    override.write_text("\n".join(settings["override-dependencies"]))
    empty.mkdir()
    subprocess.run([uv, "build", "-q", "--wheel", "--out-dir", tmp_path], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    subprocess.run([uv, "venv", "-q", tmp_path / "venv"], check=True)
    install = [uv, "pip", "install", "-q", "--python", str(python), "--override", str(override)]
    install += ["--exclude-newer", settings["exclude-newer"], str(wheel)]
    subprocess.run(install, cwd=tmp_path, check=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python.with_name("rampart"), "demo"],
        cwd=empty,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = [folder for folder in (empty / "evidence").iterdir() if folder.is_dir()]
    assert (run / "report.html").is_file()
    stack = json.loads((empty / ".rampart/lab/stack.json").read_text())["deployment"]["resources"]
    sources = {each["sourcePosition"] for each in stack if each["type"].startswith("aws:")}
    assert all(source.startswith("project:///infra/") for source in sources)
    assert survivors(empty) == []
