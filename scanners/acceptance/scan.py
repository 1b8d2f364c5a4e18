"""The acceptance run: has `infra` use the environment, and judges what came of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from hardening.checks import Finding, Status
from hardening.checks import judge as judged
from hardening.controls import CONTROLS
from hardening.errors import CollectError
from hardening.parent_death import end_with_parent
from scanners.acceptance.checks import CHECKS
from scanners.acceptance.records import Absent, Acceptance, Step
from scanners.target import Scan, Target

VERSION: Final = 1


def scan(target: Target) -> Scan:
    """Use the target as a partner would, and judge. Raises CollectError where it cannot be used."""
    acceptance = use(target)
    return Scan(
        tuple(judge(acceptance)), {"acceptance.json": json.dumps(asdict(acceptance), indent=1) + "\n"}
    )


def use(target: Target) -> Acceptance:
    """What came of one run. Raises CollectError."""
    command, deadline = _run_of(target)
    try:
        done = subprocess.run(  # noqa: S603  (our own command, no shell)
            [sys.executable, "-P", "-m", *command],
            input=json.dumps(asdict(target)).encode(),
            capture_output=True,
            timeout=deadline,
            check=False,
            preexec_fn=end_with_parent(),
        )
    except subprocess.TimeoutExpired:
        raise CollectError(f"the run took longer than {deadline:.0f} s") from None
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise CollectError(f"the run did not end: {lines[-1] if lines else f'code {done.returncode}'}")
    return read(done.stdout)


def _run_of(target: Target) -> tuple[list[str], float]:
    """The module that uses the target, with its arguments, and how many seconds it may take.

    AWS delivers some logs after minutes, and a run waits for five of them.
    """
    if target.aws_endpoint:
        return ["infra.lab.acceptance", str(Path(target.stack_file).parent)], 300.0
    return ["infra.acceptance"], 5400.0


def read(text: bytes) -> Acceptance:
    """The run that `infra` printed. Raises CollectError."""
    try:
        found: dict[str, Any] = json.loads(text)
        if found["version"] != VERSION:
            raise ValueError("another version")
        steps = tuple(Step(**step) for step in found["steps"])
        return Acceptance(
            partner=str(found["partner"]), steps=steps, absent=tuple(Absent(**one) for one in found["absent"])
        )
    except (ValueError, KeyError, TypeError) as error:
        raise CollectError(f"the run cannot be read: {type(error).__name__}") from None


def judge(acceptance: Acceptance) -> Iterator[Finding]:
    """The findings. A control of which the run tried nothing is an error."""
    told = {*(step.control for step in acceptance.steps), *(one.control for one in acceptance.absent)}
    for finding in judged(CHECKS, acceptance):
        if finding.status is not Status.NOT_APPLICABLE:
            yield finding
        elif finding.control not in told:
            yield _about(finding.control, finding.check, Status.ERROR, "", "the run tried nothing of it")
    for one in acceptance.absent:
        yield _about(one.control, "acceptance", Status.NOT_APPLICABLE, one.where, one.reason)


def _about(control: str, check: str, status: Status, where: str, detail: str) -> Finding:
    return Finding(control, check, status, where, detail, CONTROLS[control].severity)
