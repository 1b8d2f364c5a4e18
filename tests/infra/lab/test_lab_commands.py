"""What the lab does when things go wrong: one clear line, and nothing left half alive."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.lab.processes import Children, is_alive
from tests.beds.lab import ROOT, DeployedLab, leave_as_after_a_crash, rampart, start_rampart, survivors

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


@pytest.mark.slow
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


@pytest.mark.slow
def test_one_command_at_a_time_and_an_interruption_on_the_way_up_leaves_nothing(tmp_path: Path) -> None:
    up = start_rampart("lab", "up", "--dir", str(tmp_path))
    wait_for(lambda: created(tmp_path) > 5, up)
    emulator = emulator_pid(tmp_path)
    second = rampart("lab", "down", "--dir", str(tmp_path))
    up.send_signal(signal.SIGTERM)
    _, stderr = up.communicate(timeout=PATIENCE)
    assert second.returncode == 2
    assert "another `rampart lab` command is at work here" in second.stderr
    assert up.returncode == 130
    assert stderr.splitlines()[-1] == "rampart: interrupted"
    assert not (tmp_path / "target.json").exists()
    assert survivors(tmp_path, up.pid, emulator) == []


def test_up_mends_what_a_crash_left(lab: DeployedLab) -> None:
    """The session's lab came up in a folder where one process still ran, one was gone, and a target stood."""
    assert "the lab lost envoy: bringing it up again" in lab.told
    assert not is_alive(lab.left_over)
    assert {process.name for process in Children(lab.folder).listed()} == {
        "emulator",
        "partner",
        "egress",
        "policy",
        "boundary",
        "ocpi",
        "envoy",
    }


def test_a_lab_that_lost_a_process_is_broken_and_can_be_ended_twice(tmp_path: Path) -> None:
    left_over = leave_as_after_a_crash(tmp_path)
    status = rampart("lab", "status", "--dir", str(tmp_path))
    assert (status.returncode, json.loads(status.stdout)["state"]) == (3, "broken")
    down = rampart("lab", "down", "--dir", str(tmp_path))
    assert (down.returncode, down.stderr) == (0, "rampart: ended emulator\n")
    assert not is_alive(left_over)
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


def test_an_up_that_was_killed_is_broken_and_not_down(tmp_path: Path) -> None:
    leave_as_after_a_crash(tmp_path)
    (tmp_path / "target.json").unlink()
    status = rampart("lab", "status", "--dir", str(tmp_path))
    assert (status.returncode, json.loads(status.stdout)["state"]) == (3, "broken")
    assert rampart("lab", "down", "--dir", str(tmp_path)).returncode == 0


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = rampart("lab", "down", "--dir", str(tmp_path / "file" / "lab"))
    assert done.returncode == 2
    assert len(errors(done.stderr)) == 1
    assert "cannot be written" in done.stderr


def test_the_status_of_no_lab_is_down_and_no_error(tmp_path: Path) -> None:
    done = rampart("lab", "status", "--dir", str(tmp_path / "nowhere"))
    assert (done.returncode, json.loads(done.stdout)["state"]) == (0, "down")
