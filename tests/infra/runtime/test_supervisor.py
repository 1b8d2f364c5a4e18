"""The supervisor: what ends is started again, what stands still is killed, all of it stops in order."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from infra.runtime import supervisor
from infra.runtime.supervisor import WRONG_SETTINGS, Program, supervise

_SERVE = "import signal,sys,time; open(sys.argv[1],'a').write('up\\n'); time.sleep(600)"


def _program(name: str, code: str, file: Path, is_well: Callable[[], bool] | None = None) -> Program:
    return Program(name, (sys.executable, "-c", code, str(file)), dict(os.environ), is_well)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _lines(file: Path) -> list[str]:
    return file.read_text().split() if file.exists() else []


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []


@pytest.fixture
def stopped() -> threading.Event:
    return threading.Event()


def _running(programs: list[Program], stopped: threading.Event) -> threading.Thread:
    thread = threading.Thread(target=supervise, args=(programs, stopped))
    thread.start()
    return thread


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_program_that_ends_or_stands_still_is_started_again(
    tmp_path: Path, stopped: threading.Event, number: signal.Signals
) -> None:
    file = tmp_path / "log"

    def child() -> psutil.Process | None:
        # This process has other children when other tests ran before.
        mine = (one for one in psutil.Process().children() if str(file) in _command(one))
        return next(mine, None)

    def is_well() -> bool:
        one = child()
        return one is not None and one.status() != psutil.STATUS_STOPPED

    thread = _running([_program("one", _SERVE, file, is_well)], stopped)
    try:
        _until(lambda: _lines(file) == ["up"])
        time.sleep(0.6)
        first = child()
        assert first is not None
        first.send_signal(number)
        _until(lambda: _lines(file) == ["up", "up"])
        assert not first.is_running()
    finally:
        stopped.set()
        thread.join()
    assert child() is None


def test_programs_stop_in_the_reverse_order_of_their_start(tmp_path: Path, stopped: threading.Event) -> None:
    file = tmp_path / "log"
    code = (
        "import signal,sys,time\n"
        "def end(*_):\n    time.sleep(0.2); open(sys.argv[1],'a').write('{0}-down\\n'); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\nopen(sys.argv[1],'a').write('{0}-up\\n')\ntime.sleep(600)"
    )
    programs = [_program(name, code.replace("{0}", name), file) for name in ("policy", "envoy")]
    thread = _running(programs, stopped)
    try:
        _until(lambda: len(_lines(file)) == 2)
    finally:
        stopped.set()
        thread.join()
    assert _lines(file)[2:] == ["envoy-down", "policy-down"]


def test_wrong_settings_end_it_with_the_same_code(tmp_path: Path, stopped: threading.Event) -> None:
    wrong = _program("one", "import sys; sys.exit(2)", tmp_path / "log")
    assert supervise([wrong], stopped) == WRONG_SETTINGS


def test_what_was_well_once_is_started_again_whatever_it_ends_with(
    tmp_path: Path, stopped: threading.Event
) -> None:
    """A store that is gone looks like a wrong setting to a worker that starts meanwhile."""
    file = tmp_path / "log"
    code = (
        "import sys,time\nlog=open(sys.argv[1],'a+'); log.seek(0); starts=len(log.read().split())\n"
        "log.write('up\\n'); log.close()\ntime.sleep(0.8 if starts == 0 else 0)\n"
        "sys.exit(2) if starts < 3 else time.sleep(600)"
    )
    thread = _running([_program("one", code, file)], stopped)
    try:
        _until(lambda: len(_lines(file)) == 4)
        assert thread.is_alive()
    finally:
        stopped.set()
        thread.join()


def test_a_program_that_is_slow_to_start_is_given_more_time_after_each_try(
    tmp_path: Path, stopped: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine with too much to do it would else be killed in its warm-up for ever."""
    monkeypatch.setattr(supervisor, "_WARM_UP", 0.5)
    monkeypatch.setattr(supervisor, "_EVERY", 0.05)
    file, ready = tmp_path / "log", tmp_path / "ready"
    slow = f"import pathlib; time.sleep(1.5); pathlib.Path({str(ready)!r}).touch()"
    code = _SERVE.replace("time.sleep(600)", f"{slow}; time.sleep(600)")
    thread = _running([_program("one", code, file, ready.exists)], stopped)
    try:
        _until(ready.exists)
        tries = len(_lines(file))
        time.sleep(0.5)
        assert len(_lines(file)) == tries > 1
    finally:
        stopped.set()
        thread.join()
