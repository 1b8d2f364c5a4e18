"""A real lab for tests: `rampart lab up` in a folder of its own, once for the entire session."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import pytest

from infra.lab.clients import Clients
from infra.lab.processes import Children, Process, is_alive

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 280

# Runs the command line with every connection and name look-up of the process watched.
GUARDED = """
import ipaddress, os, sys
def watch(event, arguments):
    if event not in ("socket.connect", "socket.getaddrinfo"):
        return
    address = arguments[1] if event == "socket.connect" else arguments[0]
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(host, bytes):
        host = host.decode()
    if event == "socket.connect" and not isinstance(address, tuple):
        return
    try:
        fine = host in (None, "", "localhost") or ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        fine = False
    if not fine:
        os.write(2, f"LEFT THIS MACHINE: {event} {host}\\n".encode())
        os._exit(99)
sys.addaudithook(watch)
from hardening.cli import main
sys.argv = ["rampart", *sys.argv[1:]]
main()
"""


def rampart(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run `rampart` in a process of its own that may only talk to this machine."""
    return subprocess.run(
        [sys.executable, "-c", GUARDED, *arguments],
        cwd=options.pop("cwd", ROOT),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        **options,
    )


def start_rampart(*arguments: str) -> subprocess.Popen[str]:
    """Like `rampart`, without waiting for its end."""
    return subprocess.Popen(
        [sys.executable, "-c", GUARDED, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "CI": "1"},
    )


@dataclass(frozen=True)
class DeployedLab:
    """A lab that is up. Whoever changes something in it puts it back.

    `told` is what `rampart lab up` said, and `left_over` the process of a crash that it found before.
    """

    folder: Path
    told: str
    left_over: Process

    @property
    def target(self) -> Path:
        """The file that `--target` takes."""
        return self.folder / "target.json"

    @cached_property
    def details(self) -> dict[str, str]:
        """What the target file says."""
        found: dict[str, str] = json.loads(self.target.read_text())
        return found

    @cached_property
    def resources(self) -> list[dict[str, Any]]:
        """The resources of the deployment."""
        document = json.loads((self.folder / "stack.json").read_text())
        found: list[dict[str, Any]] = document["deployment"]["resources"]
        return found

    @cached_property
    def clients(self) -> Clients:
        """boto3 clients of the emulator."""
        return Clients(self.details["aws_endpoint"], self.details["region"], self.details["ca_file"])


def survivors(folder: Path, *extra: int) -> list[str]:
    """The processes on this machine whose command line names `folder`, or whose pid is in `extra`."""
    found = [process.name for process in Children(folder).listed() if is_alive(process)]
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        command = " ".join(process.info["cmdline"] or ())
        mine = process.pid in extra or str(folder) in command
        if mine and process.info["status"] != psutil.STATUS_ZOMBIE and process.pid != os.getpid():
            found.append(command)
    return found


def leave_as_after_a_crash(folder: Path) -> Process:
    """A folder in which one process of a lab still runs, one is gone, and the target says "up"."""
    children = Children(folder)
    left_over = children.start("emulator", (sys.executable, "-c", "import time; time.sleep(600)"))
    gone = children.start("envoy", (sys.executable, "-c", ""))
    while is_alive(gone):
        time.sleep(0.02)
    (folder / "target.json").write_text('{"name": "lab"}')
    return left_over


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedLab]:
    """The stack in the emulator, and the gateway before it; brought up where another lab had crashed."""
    folder = tmp_path_factory.mktemp("lab")
    left_over = leave_as_after_a_crash(folder)
    done = rampart("lab", "up", "--dir", str(folder))
    try:
        assert done.returncode == 0, done.stderr
        yield DeployedLab(folder, done.stderr, left_over)
    finally:
        rampart("lab", "down", "--dir", str(folder))
