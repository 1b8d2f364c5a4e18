"""`rampart lab up|down|status`."""

from __future__ import annotations

import json
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import click

from hardening.cli import Exit, say
from hardening.errors import ConfigError
from infra.lab.lab_folder import DEFAULT_FOLDER, LabFolder
from infra.lab.lifecycle import bring_up, missing_processes, take_down
from infra.lab.plan import PROJECT, plan
from infra.lab.processes import Children, is_alive
from infra.lab.progress import steps
from infra.lab.pulumi_project import PulumiProject
from infra.project import current_project

folder_option = click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_FOLDER,
    show_default=True,
    help="The lab's folder: state, logs, target.",
)
stack_option = click.option("--stack", default="lab", show_default=True, help="Reads Pulumi.<STACK>.yaml.")


@click.group()
def lab() -> None:
    """The embedded environment: up, down, status."""


@lab.command()
@folder_option
@stack_option
@click.option("--engine", is_flag=True, help="Let Pulumi's CLI create the stack, not this process.")
def up(folder: Path, stack: str, engine: bool) -> int:
    """Create the stack in an AWS emulator on this machine, and start the gateway before it.

    Ports are chosen free. A lab that is already up and healthy is left alone; one of which a process
    has died is taken down and brought up again.
    """
    intended = plan(folder, stack, current_project(), by_pulumi=engine)
    end_on_termination()
    with intended.folder.locked():
        if intended.folder.read_target():
            dead = missing_processes(intended.folder)
            if not dead:
                say(f"the lab is already up ({folder / 'target.json'})")
                return Exit.HOLDS
            say(f"the lab lost {', '.join(process.name for process in dead)}: bringing it up again")
        take_down(intended.folder)
        with steps() as report:
            bring_up(intended, Children(intended.folder.path), report)
        say_what_is_up(intended.folder)
    return Exit.HOLDS


@lab.command()
@folder_option
def down(folder: Path) -> int:
    """End the lab's processes. It does no harm to do it twice, or after a crash."""
    lab_folder = LabFolder(folder.resolve())
    with lab_folder.locked():
        ended = take_down(lab_folder)
    say(f"ended {', '.join(process.name for process in ended)}" if ended else "the lab is not up")
    return Exit.HOLDS


@lab.command()
@folder_option
def status(folder: Path) -> int:
    """Print the lab's processes, its resources by type, and what the emulator does not support, as JSON.

    Exit code 3 when a process of a lab that should be up has died.
    """
    lab_folder = LabFolder(folder.resolve())
    target = lab_folder.read_target()
    processes = Children(lab_folder.path).listed()
    dead = [process for process in processes if not is_alive(process)]
    shown: dict[str, Any] = {
        "state": _state(up=bool(target), processes=len(processes), dead=len(dead)),
        "processes": {
            process.name: {"pid": process.pid, "running": process not in dead, "log": process.log}
            for process in processes
        },
        "target": target,
        "resources": resource_counts(lab_folder),
        "unsupported": [
            {"type": kind, "property": name, "reason": reason, "resources": count}
            for (kind, name, reason), count in _unsupported(lab_folder).items()
        ],
    }
    click.echo(json.dumps(shown, indent=2))
    return Exit.UNVERIFIED if shown["state"] == "broken" else Exit.HOLDS


@lab.command("pulumi", context_settings={"ignore_unknown_options": True})
@folder_option
@click.argument("arguments", nargs=-1, required=True, type=click.UNPROCESSED)
def run_pulumi(folder: Path, arguments: tuple[str, ...]) -> int:
    """Run Pulumi's CLI on the stack of a lab that `up --engine` made, for example `preview --diff`.

    The exit code is the CLI's. What it made of the stack is read by the audits afterwards.
    """
    lab_folder = LabFolder(folder.resolve())
    target = lab_folder.read_target()
    if not target or not lab_folder.pulumi.is_dir():
        raise ConfigError(f"{folder}: no lab that Pulumi made is up", "`rampart lab up --engine`")
    project = PulumiProject(lab_folder.pulumi, PROJECT, target["name"], Path(target["project"]))
    with lab_folder.locked():
        code = project.talk(arguments)
        lab_folder.write_stack(project.exported())
    return code


def _state(*, up: bool, processes: int, dead: int) -> str:
    if up:
        return "broken" if dead or not processes else "up"
    # An `up` that was killed leaves processes and no target.
    return "broken" if processes > dead else "down"


def resource_counts(folder: LabFolder) -> dict[str, int]:
    """How many resources of each AWS type really exist in the emulator."""
    absent = {thing.urn for thing in folder.read_unsupported() if not thing.property}
    found = Counter(
        resource["type"]
        for resource in folder.resources()
        if resource["type"].startswith("aws:") and resource["urn"] not in absent
    )
    return dict(sorted(found.items()))


def _unsupported(folder: LabFolder) -> dict[tuple[str, str, str], int]:
    found = Counter((thing.type, thing.property, thing.reason) for thing in folder.read_unsupported())
    return dict(sorted(found.items()))


def end_on_termination() -> None:
    """A polite `kill`, or a closed terminal, is treated like Ctrl-C: nothing is left half alive."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def say_what_is_up(folder: LabFolder) -> None:
    """Say on stderr how many resources there are, where the gateway answers, and what is unsupported."""
    target = folder.read_target()
    counts = resource_counts(folder)
    say(f"{sum(counts.values())} resources of {len(counts)} types at {target['aws_endpoint']}")
    if target.get("gateway"):
        say(f"the gateway answers at https://{target['gateway']} as {target['server_name']}")
    kinds = {thing.type for thing in folder.read_unsupported()}
    say(f"{len(kinds)} types that the emulator does not fully support: `rampart lab status`")
