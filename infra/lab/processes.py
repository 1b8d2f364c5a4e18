"""The lab's processes: started in sessions of their own, written down, found again, and ended.

A process is identified by its pid together with its start time: a pid alone may by now belong to
somebody else, and must not be signalled.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import psutil

from hardening.errors import CollectError
from hardening.parent_death import end_with_parent

# Seconds that a process has to end politely.
_PATIENCE = 0.5
# Seconds by which two readings of one start may differ: the boot time that they are counted from is rounded.
_SAME_START = 1.0
# Linux has a signal for "your parent died"; elsewhere a watchdog of ours sends it.
_KERNEL_ENDS_CHILDREN = sys.platform == "linux"

# Held until this process ends: a watchdog ends when the pipe to it closes.
_WATCHDOGS: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the lab: when it `started` (`create_time`), and the file of its output (`log`)."""

    name: str
    pid: int
    started: float
    log: str


class Children:
    """The processes of one lab, listed in `FOLDER/processes.json` as soon as each of them runs."""

    def __init__(self, folder: Path, *, die_with_parent: bool = False) -> None:
        """`die_with_parent`: they end when this process is gone, however it went."""
        self._folder = folder
        self._die_with_parent = die_with_parent

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        *,
        alone: bool = False,
    ) -> Process:
        """Start `command`, with `environment` added to ours or `alone`. Raises CollectError."""
        log = self._folder / "logs" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            child = self._child(
                name, command, {**({} if alone else os.environ), **(environment or {})}, output
            )
        try:
            process = Process(name, child.pid, create_time(child.pid), str(log))
            self._write((*self.listed(), process))
            if self._die_with_parent and not _KERNEL_ENDS_CHILDREN:
                start_watchdog(process)
        except BaseException:
            child.kill()  # one that is not listed would not be found again
            raise
        # Popen would otherwise warn about a child that outlives it, as the lab's do.
        child.returncode = 0
        return process

    def _child(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], output: BinaryIO
    ) -> subprocess.Popen[bytes]:
        ended_by_kernel = self._die_with_parent and _KERNEL_ENDS_CHILDREN
        if ended_by_kernel and threading.current_thread() is not threading.main_thread():
            # The kernel means the *thread* that started the child when it says "parent".
            raise RuntimeError("start the lab's processes from the main thread")
        try:
            return subprocess.Popen(  # noqa: S603  (the lab's own commands, no shell)
                list(command),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent() if ended_by_kernel else None,
            )
        except OSError as error:
            raise CollectError(
                f"{name} cannot be started: {command[0]}: {error.strerror}",
                "install the project's dependencies (`uv sync`), then see `rampart doctor`",
            ) from None

    def listed(self) -> tuple[Process, ...]:
        """The processes that were started and not stopped, whether or not they still run."""
        try:
            rows = json.loads(self._file.read_text(encoding="utf-8"))
            return tuple(Process(**{**row, "started": float(row["started"])}) for row in rows)
        except FileNotFoundError:
            return ()
        except (ValueError, TypeError, KeyError):
            raise CollectError(
                f"{self._file}: not a list of processes", "end the lab's processes yourself, remove the file"
            ) from None

    def stop_all(self) -> tuple[Process, ...]:
        """End all of them, the last first; returns those that were still running.

        An impatient second Ctrl-C does not stop it half-way.
        """
        with _undisturbed():
            running = tuple(process for process in reversed(self.listed()) if is_alive(process))
            for process in running:
                _signal(process, signal.SIGTERM)
            for process in running:
                _end(process)
            self._file.unlink(missing_ok=True)
        return running

    @property
    def _file(self) -> Path:
        return self._folder / "processes.json"

    def _write(self, processes: Sequence[Process]) -> None:
        staged = self._file.with_suffix(".tmp")
        staged.write_text(json.dumps([asdict(process) for process in processes], indent=1), encoding="utf-8")
        staged.replace(self._file)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def create_time(pid: int) -> float:
    """When the process started; 0 when it is not there, a zombie, or not ours to look at.

    On Linux seconds after boot, which a stepped clock does not move; elsewhere Unix seconds of that time.
    """
    try:
        found = psutil.Process(pid)
        if found.status() == psutil.STATUS_ZOMBIE:
            return 0.0
        # Linux counts starts from boot, and psutil adds the boot time as today's clock has it.
        return found.create_time() - (psutil.boot_time() if sys.platform == "linux" else 0.0)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0


def is_alive(process: Process) -> bool:
    """Whether this very process still runs. Reaps it when it was our child and has ended."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)
    return process.started > 0 and abs(create_time(process.pid) - process.started) < _SAME_START


def start_watchdog(process: Process) -> None:
    """Start `infra.lab.watchdog`, which ends `process` when this process is gone, however it went."""
    watchdog = subprocess.Popen(  # noqa: S603  (our own module, no shell)
        [sys.executable, "-m", "infra.lab.watchdog", str(process.pid), str(process.started)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _WATCHDOGS.append(watchdog)


def kill(process: Process) -> None:
    """Kill the process and its group at once, if it still is this very process."""
    if is_alive(process):
        _signal(process, signal.SIGKILL)


def _signal(process: Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _end(process: Process) -> None:
    deadline = time.monotonic() + _PATIENCE
    while is_alive(process) and time.monotonic() < deadline:
        time.sleep(0.02)
    kill(process)
    while is_alive(process):
        time.sleep(0.01)


def run_to_end(command: Sequence[str]) -> tuple[int, str]:
    """Run `command` and whatever it starts; returns its exit code and stdout, and lets stderr through.

    It runs in a session of its own: an interruption here ends all of it, and it does not outlive us.
    """
    with subprocess.Popen(  # noqa: S603  (the lab's own commands, no shell)
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=end_with_parent(),
    ) as child:
        try:
            if not _KERNEL_ENDS_CHILDREN:
                start_watchdog(Process("command", child.pid, create_time(child.pid), ""))
            output, _ = child.communicate()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            raise
    return child.returncode, output
