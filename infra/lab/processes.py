"""The lab's processes: started in sessions of their own, written down, found again, and ended.

A process is identified by its pid together with its start time: a pid alone may by now belong to
somebody else, and must not be signalled.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from hardening.errors import CollectError

# Seconds that a process has to end politely.
_PATIENCE = 0.5
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the lab. `started` is the kernel's own record of its start; `log` is its output's file."""

    name: str
    pid: int
    started: str
    log: str


class Children:
    """The processes of one lab, listed in `FOLDER/processes.json` as soon as each of them runs."""

    def __init__(self, folder: Path, *, die_with_parent: bool = False) -> None:
        """`die_with_parent`: the kernel ends them (Linux) when this process is gone, however it went."""
        self._folder = folder
        self._die_with_parent = die_with_parent and sys.platform == "linux"

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> Process:
        """Start `command` with `environment` added to ours. Raises CollectError when it cannot be run."""
        if self._die_with_parent and threading.current_thread() is not threading.main_thread():
            # The kernel means the *thread* that started the child when it says "parent".
            raise RuntimeError("start the lab's processes from the main thread")
        log = self._folder / "logs" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            try:
                child = subprocess.Popen(  # noqa: S603  (the lab's own commands, no shell)
                    list(command),
                    env={**os.environ, **(environment or {})},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=_end_with_parent() if self._die_with_parent else None,
                )
            except OSError as error:
                raise CollectError(
                    f"{name} cannot be started: {command[0]}: {error.strerror}",
                    "install the project's dependencies (`uv sync`), then see `rampart doctor`",
                ) from None
        try:
            process = Process(name, child.pid, start_time(child.pid), str(log))
            self._write((*self.listed(), process))
        except BaseException:
            child.kill()  # one that is not listed would not be found again
            raise
        # Popen would otherwise warn about a child that outlives it, as the lab's do.
        child.returncode = 0
        return process

    def listed(self) -> tuple[Process, ...]:
        """The processes that were started and not stopped, whether or not they still run."""
        try:
            rows = json.loads(self._file.read_text(encoding="utf-8"))
            return tuple(Process(**row) for row in rows)
        except FileNotFoundError:
            return ()
        except (ValueError, TypeError):
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


def _end_with_parent() -> Callable[[], None]:
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def ask_the_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it went between the fork and the call
            os._exit(1)

    return ask_the_kernel


def start_time(pid: int) -> str:
    """When the process started, in the kernel's terms; empty when there is no such process (or a zombie)."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            # The name, in parentheses, may hold anything; the fields after it are counted from the last one.
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if fields[0] == "Z" else fields[19]
    shown = subprocess.run(  # noqa: S603  (no shell)
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],  # noqa: S607  (where it is differs by system)
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return "" if shown.startswith("Z") else shown.partition(" ")[2].strip()


def is_alive(process: Process) -> bool:
    """Whether this very process still runs. Reaps it when it was our child and has ended."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)
    return bool(process.started) and start_time(process.pid) == process.started


def _signal(process: Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _end(process: Process) -> None:
    deadline = time.monotonic() + _PATIENCE
    while is_alive(process) and time.monotonic() < deadline:
        time.sleep(0.02)
    if is_alive(process):
        _signal(process, signal.SIGKILL)
        while is_alive(process):
            time.sleep(0.01)


def run_to_end(command: Sequence[str]) -> tuple[int, str]:
    """Run `command` and whatever it starts; returns its exit code and stdout, and lets stderr through.

    It runs in a session of its own, so that an interruption here ends all of it, and it does not
    outlive us.
    """
    with subprocess.Popen(  # noqa: S603  (the lab's own commands, no shell)
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_end_with_parent() if sys.platform == "linux" else None,
    ) as child:
        try:
            output, _ = child.communicate()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            raise
    return child.returncode, output


def wait_until(process: Process, ready: Callable[[], bool], patience: float) -> None:
    """Wait (seconds) until the process answers. Raises CollectError when it ends or stays silent."""
    deadline = time.monotonic() + patience
    while not ready():
        if not is_alive(process):
            raise CollectError(f"{process.name} ended at once: {_last_line(process)}", f"see {process.log}")
        if time.monotonic() > deadline:
            raise CollectError(f"{process.name} did not answer within {patience:g} s", f"see {process.log}")
        time.sleep(0.05)


def _last_line(process: Process) -> str:
    try:
        lines = Path(process.log).read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return "no output"
    return next((line.strip() for line in reversed(lines) if line.strip()), "no output")


def free_port() -> int:
    """A TCP port of loopback that nobody listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
