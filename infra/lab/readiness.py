"""Whether a process of the lab answers yet."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from hardening.errors import CollectError
from infra.lab.processes import Process, is_alive


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
