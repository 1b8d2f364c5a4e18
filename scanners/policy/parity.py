"""Attests parity: our verdicts on a Pulumi stack beside checkov's own on equivalent Terraform.

    uv run python -m scanners.policy.parity STACK TERRAFORM [--all]

STACK is what `rampart audit policy --export` takes; TERRAFORM is a folder of HCL, or a plan as JSON, whose
resources have the same types and names. Exit code 1 when a verdict differs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from hardening.cli import Exit
from hardening.errors import CollectError
from scanners.policy.checkov.job import Verdicts
from scanners.policy.checkov.process import CHECKOV, ask_checkov
from scanners.policy.plan import plan_of
from scanners.policy.stack_file import read_stack

# rule and address -> passed or failed
Decided = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Same verdict of the same rule on the same resource, or not. "none" stands for no verdict."""

    same: int
    different: tuple[tuple[str, str, str, str], ...]

    @property
    def share(self) -> float:
        """How many of all verdicts are the same, from 0 to 1."""
        return self.same / max(1, self.same + len(self.different))


def compare(ours: Decided, theirs: Decided) -> Comparison:
    """Each difference is (rule, address, ours, theirs)."""
    places = sorted(ours.keys() | theirs.keys())
    different = [
        (rule, address, ours.get((rule, address), "none"), theirs.get((rule, address), "none"))
        for rule, address in places
        if ours.get((rule, address)) != theirs.get((rule, address))
    ]
    return Comparison(len(places) - len(different), tuple(different))


def decided(verdicts: Verdicts) -> Decided:
    """Our verdicts, without those that decide nothing."""
    return {(v.rule, v.address): v.status for v in verdicts.verdicts if v.status in ("passed", "failed")}


def terraform_verdicts(terraform: Path, deadline: float = 600.0) -> dict[str, Decided]:
    """checkov's own verdicts by the folder (or file) that they are about, from its command line.

    Raises CollectError when it gives none.
    """
    plan = terraform.is_file()
    place = ["-f", str(terraform)] if plan else ["-d", str(terraform)]
    command = [
        str(Path(sysconfig.get_path("scripts"), "checkov")),
        *place,
        *("--framework", "terraform_plan" if plan else "terraform"),
        *("--skip-download", "--output", "json", "--compact", "--soft-fail"),
    ]
    known = {name: os.environ.get(name, "") for name in ("PATH", "HOME")}
    try:
        done = subprocess.run(  # noqa: S603  (our own command, no shell)
            command, env={**known, "LOG_LEVEL": "CRITICAL"}, capture_output=True, timeout=deadline, check=True
        )
        report = json.loads(done.stdout)["results"]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        raise CollectError(f"checkov gave no verdicts on {terraform}: {type(error).__name__}") from None
    found: dict[str, dict[tuple[str, str], str]] = {}
    for kind, status in (("passed_checks", "passed"), ("failed_checks", "failed")):
        for record in report[kind]:
            if record["resource"].startswith("aws_"):
                folder = str(Path(record["file_path"]).parent).strip("/")
                found.setdefault(folder, {})[record["check_id"], record["resource"]] = status
    return dict(found)


@click.command()
@click.argument("stack", type=click.Path(path_type=Path))
@click.argument("terraform", type=click.Path(path_type=Path, exists=True))
@click.option("--all", "everything", is_flag=True, help="Show also the verdicts that are the same.")
def main(stack: Path, terraform: Path, everything: bool) -> None:
    """Show our verdicts on STACK beside checkov's on TERRAFORM."""
    ours = decided(ask_checkov(plan_of(read_stack(stack)), CHECKOV))
    theirs = {
        key: status for found in terraform_verdicts(terraform).values() for key, status in found.items()
    }
    result = compare(ours, theirs)
    different = {(rule, address) for rule, address, _, _ in result.different}
    for rule, address in sorted(ours.keys() | theirs.keys()):
        if everything or (rule, address) in different:
            mark = "!" if (rule, address) in different else " "
            here, there = ours.get((rule, address), "none"), theirs.get((rule, address), "none")
            click.echo(f"{mark} {rule:<14}{here:<8}{there:<8}{address}")
    click.echo(f"{result.same} the same, {len(result.different)} different ({result.share:.2%} the same)")
    sys.exit(Exit.FAILS if result.different else Exit.HOLDS)


if __name__ == "__main__":
    main()
