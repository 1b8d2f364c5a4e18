"""Ends a process when the one that started this watchdog is gone: for systems whose kernel does not.

    python -m infra.lab.watchdog PID STARTED < PIPE

The pipe has one writer, the parent. It closes when the parent ends, also by SIGKILL.
"""

from __future__ import annotations

import sys

from infra.lab.processes import Process, kill


def main() -> None:
    """Wait for the end of the input, then kill the process PID that started at STARTED (Unix seconds)."""
    pid, started = sys.argv[1:]
    sys.stdin.buffer.read()
    kill(Process("watched", int(pid), float(started), ""))


if __name__ == "__main__":
    main()
