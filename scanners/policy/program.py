"""The stack that a Pulumi Python program declares, without an engine, an account or a deployment.

The program is the user's code: it runs in a process of its own (`python -m infra.lab.record`, which
prints a deployment). Scanners and infra meet only in that data.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from hardening.errors import ConfigError
from scanners.policy.stack import Stack
from scanners.policy.stack_file import read_stack

# Seconds for a program to declare its resources; nothing is created meanwhile.
DEADLINE: Final = 300.0


def read_program(folder: Path, stack: str = "dev") -> Stack:
    """What the program in `folder` declares for the stack's settings. Raises ConfigError."""
    record = [sys.executable, "-P", "-W", "ignore", "-m", "infra.lab.record"]
    command = [*record, str(folder.resolve()), "--stack", stack]
    with tempfile.TemporaryDirectory(prefix="rampart-program-") as scratch:
        file = Path(scratch, "stack.json")
        try:
            done = subprocess.run(  # noqa: S603  (our own command, no shell)
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE, check=False
            )
        except subprocess.TimeoutExpired:
            raise ConfigError(f"{folder}: the program took longer than {DEADLINE:.0f} s") from None
        if done.returncode != 0:
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            said = lines[-1].removeprefix("Error: ") if lines else f"code {done.returncode}"
            raise ConfigError(f"{folder}: {said}", "expected a folder with Pulumi.yaml and __main__.py")
        file.write_bytes(done.stdout)
        return read_stack(file)
