"""What the lab does when things go wrong: one clear line, and nothing left half alive."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.lab.processes import Children, is_alive
from tests.beds.lab import ROOT, rampart, start_rampart, survivors

PATIENCE = 120


def wait_for(holds: Callable[[], bool], running: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert running.poll() is None, running.communicate()[1]
        assert time.monotonic() < deadline, "did not get there"
        time.sleep(0.05)


def created(folder: Path) -> int:
    try:
        return len(json.loads((folder / "stack.json").read_text())["deployment"]["resources"])
    except FileNotFoundError:
        return 0


def emulator_pid(folder: Path) -> int:
    return next(process.pid for process in Children(folder).listed() if process.name == "emulator")


def errors(stderr: str) -> list[str]:
    return [line for line in stderr.splitlines() if line.startswith("rampart: error:")]


def test_an_emulator_that_dies_on_the_way_up_is_one_line_and_nothing_is_left(tmp_path: Path) -> None:
    up = start_rampart("lab", "up", "--dir", str(tmp_path))
    wait_for(lambda: created(tmp_path) > 20, up)
    os.kill(emulator_pid(tmp_path), signal.SIGKILL)
    _, stderr = up.communicate(timeout=PATIENCE)
    assert up.returncode == 3
    assert errors(stderr) == [
        "rampart: error: the AWS emulator ended while the stack was being created; everything is stopped"
    ]
    assert "Traceback" not in stderr
    assert not (tmp_path / "target.json").exists()
    assert survivors(tmp_path, up.pid) == []


def test_an_interruption_on_the_way_up_leaves_nothing(tmp_path: Path) -> None:
    up = start_rampart("lab", "up", "--dir", str(tmp_path))
    wait_for(lambda: created(tmp_path) > 5, up)
    emulator = emulator_pid(tmp_path)
    up.send_signal(signal.SIGTERM)
    _, stderr = up.communicate(timeout=PATIENCE)
    assert up.returncode == 130
    assert stderr.splitlines()[-1] == "rampart: interrupted"
    assert not (tmp_path / "target.json").exists()
    assert survivors(tmp_path, up.pid, emulator) == []


def test_two_at_once_in_one_folder_are_refused(tmp_path: Path) -> None:
    up = start_rampart("lab", "up", "--dir", str(tmp_path))
    try:
        wait_for(lambda: (tmp_path / "processes.json").exists(), up)
        second = rampart("lab", "down", "--dir", str(tmp_path))
        assert second.returncode == 2
        assert "another `rampart lab` command is at work here" in second.stderr
    finally:
        up.send_signal(signal.SIGTERM)
        up.communicate(timeout=PATIENCE)
    assert survivors(tmp_path, up.pid) == []


def test_a_lab_that_crashed_is_brought_up_again_and_ended_twice(tmp_path: Path) -> None:
    """The folder is as a crash leaves it: one process still runs, one is gone, the target is there."""
    children = Children(tmp_path)
    left_over = children.start("emulator", (sys.executable, "-c", "import time; time.sleep(600)"))
    gone = children.start("envoy", (sys.executable, "-c", ""))
    while is_alive(gone):
        time.sleep(0.02)
    (tmp_path / "target.json").write_text('{"name": "lab"}')

    up = rampart("lab", "up", "--dir", str(tmp_path))
    try:
        assert up.returncode == 0, up.stderr
        assert "the lab lost envoy: bringing it up again" in up.stderr
        assert not is_alive(left_over)
        os.kill(emulator_pid(tmp_path), signal.SIGKILL)
        status = rampart("lab", "status", "--dir", str(tmp_path))
        assert (status.returncode, json.loads(status.stdout)["state"]) == (3, "broken")
    finally:
        down = rampart("lab", "down", "--dir", str(tmp_path))
    assert (down.returncode, down.stderr) == (0, "rampart: ended envoy, ocpi, policy\n")
    assert survivors(tmp_path) == []
    again = rampart("lab", "down", "--dir", str(tmp_path))
    assert (again.returncode, again.stderr) == (0, "rampart: the lab is not up\n")
    assert json.loads(rampart("lab", "status", "--dir", str(tmp_path)).stdout)["state"] == "down"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one's own: settings and partners."""
    folder = tmp_path / "project"
    folder.mkdir()
    shutil.copy(ROOT / "Pulumi.lab.yaml", folder)
    shutil.copytree(ROOT / "partners", folder / "partners")
    return folder


def test_a_broken_partner_file_stops_it_before_anything_starts(project: Path, tmp_path: Path) -> None:
    file = project / "partners" / "example-cpo.yaml"
    file.write_text(file.read_text() + "\ncolour: red\n")
    done = rampart("lab", "up", "--dir", str(tmp_path / "lab"), cwd=project)
    assert done.returncode == 2
    assert len(errors(done.stderr)) == 1
    assert "example-cpo.yaml" in done.stderr
    assert "colour" in done.stderr
    assert not (tmp_path / "lab").exists()


def test_a_stack_that_is_not_there_is_one_line(project: Path, tmp_path: Path) -> None:
    done = rampart("lab", "up", "--stack", "nowhere", "--dir", str(tmp_path / "lab"), cwd=project)
    assert done.returncode == 2
    assert errors(done.stderr) == ["rampart: error: Pulumi.nowhere.yaml: no such file"]
    assert not (tmp_path / "lab").exists()


def test_the_status_of_no_lab_is_down_and_no_error(tmp_path: Path) -> None:
    done = rampart("lab", "status", "--dir", str(tmp_path / "nowhere"))
    assert (done.returncode, json.loads(done.stdout)["state"]) == (0, "down")
