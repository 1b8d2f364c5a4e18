"""The main job: from nothing to evidence and back to nothing, and nothing survives it."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.lab.processes import Children, is_alive
from tests.beds.lab import rampart, start_rampart, survivors

PATIENCE = 200


def wait_for(holds: Callable[[], bool], running: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert running.poll() is None, running.communicate()[1]
        assert time.monotonic() < deadline, "did not get there"
        time.sleep(0.05)


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 60
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.slow
@pytest.mark.alone
def test_the_demo_proves_everything_and_leaves_nothing_running(tmp_path: Path) -> None:
    lab, output = tmp_path / "lab", tmp_path / "evidence"
    done = rampart("demo", "--dir", str(lab), "--output", str(output))
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = [folder for folder in output.iterdir() if folder.is_dir()]
    assert (run / "report.html").is_file()
    assert json.loads((run / "manifest.json").read_text())
    assert str(run / "report.html") in done.stderr
    assert survivors(lab) == []
    assert not (lab / "target.json").exists()
    assert not (lab / "processes.json").exists()
    assert not (lab / "tokens.json").exists()


@pytest.mark.slow
def test_nothing_survives_a_demo_that_is_killed(tmp_path: Path) -> None:
    """In the midst of its audits, when the lab is up and the auditors run."""
    demo = start_rampart("demo", "--dir", str(tmp_path / "lab"), "--output", str(tmp_path / "evidence"))
    wait_for(lambda: (tmp_path / "lab" / "target.json").exists(), demo)
    running = Children(tmp_path / "lab").listed()
    assert {process.name for process in running} == {
        "emulator",
        "partner",
        "egress",
        "policy",
        "boundary",
        "ocpi",
        "envoy",
    }
    wait_for(lambda: any(" evidence build " in command for command in survivors(tmp_path)), demo)
    demo.send_signal(signal.SIGKILL)
    demo.communicate(timeout=PATIENCE)
    assert eventually(lambda: not any(is_alive(process) for process in running))
    # An auditor's own processes end after it, one after the other.
    assert eventually(lambda: survivors(tmp_path, demo.pid) == [])


def test_a_demo_does_not_touch_a_lab_that_is_up(tmp_path: Path) -> None:
    children = Children(tmp_path)
    children.start("emulator", ("sleep", "60"))
    (tmp_path / "target.json").write_text('{"name": "lab"}')
    try:
        done = rampart("demo", "--dir", str(tmp_path))
        assert done.returncode == 2
        assert "a lab is already up here" in done.stderr
        assert all(is_alive(process) for process in children.listed())
    finally:
        children.stop_all()
