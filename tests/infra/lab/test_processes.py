"""The lab's processes are found again, ended, and never confused with somebody else's."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from hardening.errors import CollectError
from infra.lab.processes import Children, Process, create_time, is_alive, run_to_end
from infra.lab.readiness import wait_until

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
# A shell starts what runs in its background deaf to interruptions, and that is inherited.
HEARS_INTERRUPTIONS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('deaf', flush=True); time.sleep(60)",
)


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    family = Children(tmp_path)
    yield family
    family.stop_all()


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return False


def test_a_process_is_listed_as_soon_as_it_runs(children: Children) -> None:
    started = children.start("one", SLEEP)
    assert children.listed() == (started,)
    assert is_alive(started)


def test_it_is_found_again_by_somebody_else(children: Children, tmp_path: Path) -> None:
    started = children.start("one", SLEEP)
    assert Children(tmp_path).stop_all() == (started,)
    assert not is_alive(started)


def test_it_runs_in_a_session_of_its_own(children: Children) -> None:
    started = children.start("one", SLEEP)
    assert os.getsid(started.pid) == started.pid != os.getsid(0)


def test_stopping_twice_does_no_harm(children: Children) -> None:
    children.start("one", SLEEP)
    assert len(children.stop_all()) == 1
    assert children.stop_all() == ()


def test_one_that_is_deaf_to_terminate_is_killed(children: Children) -> None:
    started = children.start("one", STUBBORN)
    assert eventually(lambda: "deaf" in Path(started.log).read_text())
    children.stop_all()
    assert not is_alive(started)


def test_what_it_started_itself_ends_with_it(children: Children, tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    code = (
        "import subprocess, pathlib; child = subprocess.Popen(['sleep', '60']);"
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid)); child.wait()"
    )
    children.start("one", (sys.executable, "-c", code))
    assert eventually(lambda: note.exists() and note.read_text() != "")
    children.stop_all()
    assert eventually(lambda: create_time(int(note.read_text())) == 0)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel keeps the start as it was told")
def test_a_stepped_clock_makes_no_process_another(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, before = psutil.Process(), create_time(os.getpid())
    seen, boot = ours.create_time(), psutil.boot_time()
    # The kernel tells the boot time by today's clock: a step of an hour moves it.
    for module in (psutil, sys.modules["psutil._pslinux"]):
        monkeypatch.setattr(module, "boot_time", lambda: boot + 3600)
    assert psutil.Process().create_time() == pytest.approx(seen + 3600)
    assert create_time(os.getpid()) == pytest.approx(before)
    assert is_alive(Process("own", os.getpid(), before, ""))


def test_a_reused_pid_is_not_signalled(children: Children, tmp_path: Path) -> None:
    """After a reboot or a long time the pid in the file may be anybody's."""
    with subprocess.Popen(SLEEP) as bystander:
        stale = Process("one", bystander.pid, create_time(bystander.pid) - 60, "")
        (tmp_path / "processes.json").write_text(json.dumps([{**vars_of(stale)}]))
        assert children.stop_all() == ()
        assert bystander.poll() is None
        bystander.kill()


def vars_of(process: Process) -> dict[str, object]:
    return {"name": process.name, "pid": process.pid, "started": process.started, "log": process.log}


def test_a_process_with_another_start_time_is_not_ours(children: Children) -> None:
    started = children.start("one", SLEEP)
    assert not is_alive(replace(started, started=started.started - 5))


def test_one_whose_start_could_not_be_read_is_not_ours(children: Children) -> None:
    started = children.start("one", SLEEP)
    assert not is_alive(replace(started, started=0.0))
    os.kill(started.pid, signal.SIGKILL)
    assert eventually(lambda: not is_alive(started))
    assert not is_alive(replace(started, started=0.0))


def test_a_dead_one_is_dead_although_it_was_our_child(children: Children) -> None:
    started = children.start("one", SLEEP)
    os.kill(started.pid, signal.SIGKILL)
    assert eventually(lambda: not is_alive(started))


def test_a_command_that_is_not_there_is_one_clear_error(children: Children) -> None:
    with pytest.raises(CollectError, match="one cannot be started: /nowhere/one: No such file"):
        children.start("one", ("/nowhere/one",))
    assert children.listed() == ()


def test_waiting_ends_with_what_the_process_said_last(children: Children) -> None:
    started = children.start("one", (sys.executable, "-c", "print('x'); raise SystemExit('no such port')"))
    with pytest.raises(CollectError, match="one ended at once: no such port"):
        wait_until(started, lambda: False, 20)


def test_waiting_for_a_silent_process_ends_in_time(children: Children) -> None:
    started = children.start("one", SLEEP)
    with pytest.raises(CollectError, match=r"did not answer within 0\.2 s"):
        wait_until(started, lambda: False, 0.2)


def test_an_altered_list_is_one_clear_error(children: Children, tmp_path: Path) -> None:
    (tmp_path / "processes.json").write_text("{")
    with pytest.raises(CollectError, match="not a list of processes"):
        children.listed()
    (tmp_path / "processes.json").unlink()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_those_of_the_demo_die_with_it_however_it_dies(tmp_path: Path) -> None:
    code = (
        "import sys, time, pathlib; from infra.lab.processes import Children;"
        f"Children(pathlib.Path({str(tmp_path)!r}), die_with_parent=True).start('one', {SLEEP!r});"
        "print('up', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        (started,) = Children(tmp_path).listed()
        assert is_alive(started)
        parent.kill()
    assert eventually(lambda: not is_alive(started))


def test_a_watchdog_ends_a_process_when_its_own_parent_is_killed(children: Children) -> None:
    """What systems do whose kernel does not end children with their parent."""
    started = children.start("one", SLEEP)
    code = (
        "import time; from infra.lab.processes import Process, start_watchdog;"
        f"start_watchdog({started!r}); print('up', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        assert is_alive(started)
        parent.kill()
    assert eventually(lambda: not is_alive(started))


def test_a_watchdog_leaves_a_reused_pid_alone() -> None:
    with subprocess.Popen(SLEEP) as bystander:
        stale = Process("one", bystander.pid, create_time(bystander.pid) - 60, "")
        watchdog = [sys.executable, "-m", "infra.lab.watchdog", str(stale.pid), str(stale.started)]
        subprocess.run(watchdog, stdin=subprocess.DEVNULL, check=True)
        assert bystander.poll() is None
        bystander.kill()


def test_a_command_that_is_run_to_its_end_gives_code_and_output() -> None:
    assert run_to_end([sys.executable, "-c", "print('data'); raise SystemExit(3)"]) == (3, "data\n")


def test_an_interruption_ends_a_command_and_all_that_it_started(tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    inner = (
        "import subprocess, pathlib; child = subprocess.Popen(['sleep', '600']);"
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid)); child.wait()"
    )
    outer = (
        f"import sys; from infra.lab.processes import run_to_end; {HEARS_INTERRUPTIONS};"
        f"run_to_end([sys.executable, '-c', {inner!r}])"
    )
    with subprocess.Popen([sys.executable, "-c", outer], stderr=subprocess.DEVNULL) as caller:
        assert eventually(lambda: note.exists() and note.read_text() != "")
        caller.send_signal(signal.SIGINT)
    assert eventually(lambda: create_time(int(note.read_text())) == 0)


def test_an_impatient_second_interruption_does_not_stop_the_stopping(tmp_path: Path) -> None:
    """The process that is told to end interrupts its parent, which is then stopping it for certain."""
    interrupts = (
        "import os, signal, time\n"
        "def end(*_):\n"
        "    os.kill(os.getppid(), signal.SIGINT); print('interrupted', flush=True); os._exit(0)\n"
        "signal.signal(signal.SIGTERM, end); print('ready', flush=True); time.sleep(60)"
    )
    code = (
        f"import pathlib; from infra.lab import processes; {HEARS_INTERRUPTIONS}; processes._PATIENCE = 30;"
        f"children = processes.Children(pathlib.Path({str(tmp_path)!r}));"
        f"children.start('one', {(sys.executable, '-c', interrupts)!r});"
        "input(); children.stop_all(); print('stopped', flush=True)"
    )
    command, pipe = [sys.executable, "-c", code], subprocess.PIPE
    with subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe) as caller:
        assert eventually(lambda: bool(Children(tmp_path).listed()))
        (one,) = Children(tmp_path).listed()
        assert eventually(lambda: "ready" in Path(one.log).read_text())
        assert caller.communicate("\n", timeout=60)[0] == "stopped\n"
    assert "interrupted" in Path(one.log).read_text()
    assert not is_alive(one)
