"""`rampart demo`: the lab, an audit of it, and the evidence, from nothing to nothing."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from hardening.cli import Exit, say
from hardening.errors import ConfigError
from infra.lab.commands import end_on_termination, folder_option, say_what_is_up, stack_option
from infra.lab.lab_folder import LabFolder
from infra.lab.lifecycle import bring_up, missing_processes, take_down
from infra.lab.plan import Plan, plan
from infra.lab.processes import Children, run_to_end
from infra.lab.progress import steps
from infra.project import current_project


@click.command()
@folder_option
@stack_option
@click.option("--keep", is_flag=True, help="Leave the lab up.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("evidence"),
    show_default=True,
    help="Where the evidence goes; one folder for each run.",
)
def demo(folder: Path, stack: str, keep: bool, output: Path) -> int:
    """Provision, attack, audit and prove, on this machine.

    Brings the lab up, runs every audit against it, seals the evidence, verifies the seal, and takes
    the lab down. Prints the folder of the evidence. Exit code 0 only if all of it held.
    """
    started = time.monotonic()
    intended = plan(folder, stack, current_project())
    end_on_termination()
    with intended.folder.locked():
        _refuse_if_up(intended.folder)
        take_down(intended.folder)
        # Unless they are kept, they end with this process, also when it is killed.
        children = Children(intended.folder.path, die_with_parent=not keep)
        with steps() as report:
            bring_up(intended, children, report)
        say_what_is_up(intended.folder)
        left_up = False
        try:
            code = _audit_and_prove(intended, output)
            left_up = keep
        finally:
            if not left_up:
                take_down(intended.folder)
    say("the lab stays up: `rampart lab down` ends it" if left_up else "the lab is down")
    say(f"{time.monotonic() - started:.0f} s in all")
    return code


def _refuse_if_up(folder: LabFolder) -> None:
    if folder.read_target() and not missing_processes(folder):
        raise ConfigError(f"{folder.path}: a lab is already up here", "`rampart lab down`, or --dir FOLDER")


def _audit_and_prove(intended: Plan, output: Path) -> Exit:
    """As a user would: `rampart evidence build`, then `verify`. Their worst exit code, 1 before 3."""
    target, waivers = intended.folder.target, intended.project / "waivers.yaml"
    accepted = ["--waivers", str(waivers)] if waivers.is_file() else []
    rampart = [sys.executable, "-m", "hardening.cli"]
    built, shown = run_to_end(
        [*rampart, "evidence", "build", "--target", str(target), "--output", str(output), *accepted]
    )
    click.echo(shown, nl=False)
    codes = [built]
    lines = shown.splitlines()
    run = Path(lines[-1]) if lines else output
    if (run / "manifest.json").is_file():
        verified, result = run_to_end([*rampart, "evidence", "verify", str(run)])
        click.echo(result, nl=False)
        codes.append(verified)
        say(f"the report: {run / 'report.html'}")
    else:
        say("error: no evidence was written")
        codes.append(Exit.UNVERIFIED)
    return _worst(codes)


def _worst(codes: list[int]) -> Exit:
    """The exit code for several commands: 1 wins over 3, which wins over all others."""
    for code in (Exit.FAILS, Exit.UNVERIFIED):
        if code in codes:
            return code
    return Exit.HOLDS if not any(codes) else Exit.UNVERIFIED
