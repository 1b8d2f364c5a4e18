"""Keep programs running: start them again when they end or no longer answer, and stop them in order."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hardening.parent_death import end_with_parent
from infra.runtime.http_service import log

# The exit code of a program that was given wrong settings: to start it again would not help.
WRONG_SETTINGS = 2
# Seconds between two looks; a program that gave no answer this often in a row is killed.
_EVERY = 0.5
_MOST_SILENT = 3
# Seconds that a program has to become healthy after its start; twice as long after each start that failed,
# for on a machine with too much to do it would never get there.
_WARM_UP, _LONGEST_WARM_UP = 15.0, 240.0
# A program that ends at once is started again after 0.1, 0.2, 0.4, ... seconds.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
# Seconds that a program has to end after SIGTERM: longer than a call may last.
_STOP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Program:
    """A command with its environment, and how to see that it is well (None: it runs).

    Its standard input is a pipe that closes when the supervisor is gone, however it went; on Linux the
    kernel then ends it too. `before_stop` is called before its stop signal: it lets calls end.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    is_well: Callable[[], bool] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    before_stop: Callable[[], None] | None = None


@dataclass(slots=True)
class _Running:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    silent: int = 0
    was_well: bool = False
    # Since the supervisor's start. A store that is gone for a while is no wrong setting.
    ever_well: bool = False
    exit_code: int | None = None
    pause: float = _FIRST_PAUSE
    warm_up: float = field(default_factory=lambda: _WARM_UP)
    start_at: float = field(default=0.0)


def supervise(programs: Sequence[Program], stopped: threading.Event) -> int:
    """Run `programs` until `stopped` is set; then stop them, the last of them first.

    Returns 0, or 2 where a program was given wrong settings: it ended with 2 before it was ever well.
    """
    running = [_Running(program) for program in programs]
    try:
        while not stopped.wait(_EVERY if all(one.process for one in running) else 0.02):
            for one in running:
                _look_after(one)
                if one.exit_code == WRONG_SETTINGS and not one.ever_well:
                    return WRONG_SETTINGS
        return 0
    finally:
        for one in reversed(running):
            _stop(one)


def supervise_until_signal(programs: Sequence[Program]) -> int:
    """Run `programs` until SIGTERM or SIGINT; see `supervise`."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    return supervise(programs, stopped)


def answers(port: int, path: str) -> bool:
    """Whether a GET on loopback is answered within a second, whatever the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _look_after(one: _Running) -> None:
    now = time.monotonic()
    if one.process is None:
        if now >= one.start_at:
            _start(one, now)
        return
    one.exit_code = one.process.poll()
    if one.exit_code == WRONG_SETTINGS and not one.ever_well:
        return
    if one.exit_code is not None:
        _ended(one, now, f"exit code {one.exit_code}")
        return
    if one.program.is_well is None or one.program.is_well():
        one.silent, one.pause, one.warm_up = 0, _FIRST_PAUSE, _WARM_UP
        one.was_well = one.ever_well = True
        return
    one.silent += 1
    if one.silent >= _MOST_SILENT and (one.was_well or now - one.started > one.warm_up):
        # SIGKILL ends a stopped process too.
        one.process.kill()
        one.process.wait()
        one.warm_up = min(one.warm_up * 2, _LONGEST_WARM_UP)
        _ended(one, now, "no answer")


def _start(one: _Running, now: float) -> None:
    one.process = subprocess.Popen(  # noqa: S603  (our own commands, no shell)
        list(one.program.command),
        env=dict(one.program.environment),
        stdin=subprocess.PIPE,
        preexec_fn=end_with_parent(),
    )
    one.started, one.silent, one.was_well = now, 0, False


def _ended(one: _Running, now: float, why: str) -> None:
    log(level="error", event="restart", program=one.program.name, detail=why)
    _close_input(one)
    one.process, one.start_at = None, now + one.pause
    one.pause = min(one.pause * 2, _LONGEST_PAUSE)


def _stop(one: _Running) -> None:
    if one.process is None:
        return
    if one.program.before_stop is not None:
        one.program.before_stop()
    one.process.send_signal(one.program.stop_signal)
    try:
        one.process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        one.process.kill()
        one.process.wait()
    _close_input(one)


def _close_input(one: _Running) -> None:
    if one.process is not None and one.process.stdin is not None:
        one.process.stdin.close()


def python_module(name: str) -> tuple[str, ...]:
    """The command that runs one of our modules with this Python."""
    return (sys.executable, "-m", name)
