"""One command for the bed: `python -m tests.beds.tls up|down|list [--folder FOLDER]`.

`up` starts the servers in the background and writes `endpoints.yaml`, which `rampart audit tls
--endpoints` reads; `down` ends them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import yaml

from tests.beds.tls.bed import Bed
from tests.beds.tls.cases import all_cases, started

FOLDER = click.option(
    "--folder", type=click.Path(path_type=Path), default=Path(".rampart/tls-bed"), show_default=True
)


@click.group()
def bed() -> None:
    """TLS servers on loopback, good and misconfigured."""


@bed.command()
@FOLDER
def up(folder: Path) -> None:
    """Start all servers in the background."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "endpoints.yaml").unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.beds.tls", "serve", "--folder", str(folder)]
    with (folder / "bed.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    (folder / "pid").write_text(str(process.pid))
    while not (folder / "endpoints.yaml").exists():
        if process.poll() is not None:
            raise click.ClickException(f"the bed did not start: see {folder / 'bed.log'}")
        time.sleep(0.1)
    click.echo(f"{folder / 'endpoints.yaml'}")


@bed.command()
@FOLDER
def down(folder: Path) -> None:
    """End all servers."""
    try:
        os.kill(int((folder / "pid").read_text()), signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        click.echo("no bed is up")
    (folder / "pid").unlink(missing_ok=True)


@bed.command()
@FOLDER
def serve(folder: Path) -> None:
    """Run the servers until SIGTERM (`up` does this in the background)."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Bed(folder) as running:
        cases = all_cases(running)
        ports, left_out = started(running, cases)
        entries = []
        for case in cases:
            if case.name not in left_out:
                endpoint = case.audited(ports[case.name], ports.get(f"{case.name}/plain", 0), running.pki)
                entry = {
                    "endpoint": str(endpoint),
                    "sni": endpoint.server_name,
                    "profile": endpoint.profile.name,
                    "plain_port": endpoint.plain_port,
                    "comment": case.name,
                }
                entries.append(entry | ({"ca": endpoint.ca_file} if endpoint.ca_file else {}))
        partial = folder / "endpoints.partial"
        partial.write_text(yaml.safe_dump(entries, sort_keys=False))
        partial.rename(folder / "endpoints.yaml")
        signal.pause()


@bed.command("list")
def listed() -> None:
    """The cases, and what must be said of each."""
    with Bed() as running:
        missing = running.missing()
        for case in all_cases(running):
            lacking = missing.get(type(case.server))
            note = f"  (left out: no {lacking})" if lacking else ""
            click.echo(f"{case.name:36} {case.state.value:17} {', '.join(sorted(case.fails))}{note}")


if __name__ == "__main__":
    bed()
