"""The intent audit: has `infra` write the intended stack, compares it with the declared one, and judges."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

from hardening.checks import Finding, Status
from hardening.checks import judge as judged
from hardening.controls import CONTROLS
from hardening.errors import CollectError, ConfigError
from hardening.parent_death import end_with_parent
from scanners.intent.checks import intent_checks
from scanners.intent.compare import compare
from scanners.intent.records import Intent
from scanners.intent.serving import check_name
from scanners.policy.places import Places
from scanners.policy.stack import Stack, as_json
from scanners.policy.stack_file import read_stack
from scanners.target import Scan, Target

# Seconds for the program to declare its resources; nothing is created meanwhile.
DEADLINE: Final = 300.0
_INVENTORY: Final = "nothing-undeployed"
_HINT: Final = "name the program's folder as `project` in the target, or leave it out with `--without intent`"


def scan(target: Target, declared: Stack) -> Scan:
    """The declared stack held against what the target's project would declare today.

    Raises CollectError if the program is not at hand or does not run.
    """
    intended = read_intended(target)
    intent = compare(intended, declared)
    subjects = {
        "intended.json": as_json(intended),
        "intent.json": json.dumps(asdict(intent), indent=1) + "\n",
    }
    return Scan(tuple(judge(intent, declared)), subjects)


def read_intended(target: Target) -> Stack:
    """The stack that the target's project would declare today. Raises CollectError."""
    if not target.project:
        raise CollectError("the program of this stack is not at hand: the target names no project", _HINT)
    folder = Path(target.project)
    if not folder.is_dir():
        raise CollectError(f"the program of this stack is not at hand: no folder {folder}", _HINT)
    command = [sys.executable, "-P", "-W", "ignore", "-m", "infra.intended", str(folder.resolve())]
    command += [
        "--declared",
        str(Path(target.stack_file).resolve()),
        *(["--lab"] if target.aws_endpoint else []),
    ]
    with tempfile.TemporaryDirectory(prefix="rampart-intent-") as scratch:
        file = Path(scratch, "intended.json")
        try:
            done = subprocess.run(  # noqa: S603  (our own command, no shell)
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=DEADLINE,
                check=False,
                preexec_fn=end_with_parent(),
            )
        except subprocess.TimeoutExpired:
            raise CollectError(f"{folder}: the program took longer than {DEADLINE:.0f} s") from None
        if done.returncode != 0:
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            said = lines[-1].removeprefix("Error: ") if lines else f"code {done.returncode}"
            raise CollectError(f"{folder}: the program does not run: {said}", _HINT)
        file.write_bytes(done.stdout)
        try:
            return read_stack(file)
        except ConfigError as error:
            raise CollectError(f"{folder}: {error.message}") from None


def judge(intent: Intent, declared: Stack) -> Iterator[Finding]:
    """The findings of the checks, and an `error` for each property or resource that could not be compared."""
    places = Places(declared)
    for finding in judged(intent_checks(), intent):
        yield places.placed(finding)
    for each in intent.undecided:
        severity = CONTROLS[each.control].severity
        where, detail = f"{each.urn}#{each.property}", f"not compared: {each.reason}"
        gap = Finding(each.control, check_name(each.control), Status.ERROR, where, detail, severity)
        yield places.placed(gap)
    for unsettled in intent.unsettled:
        severity, detail = CONTROLS[_INVENTORY].severity, f"not as it is deployed: {unsettled.reason}"
        gap = Finding(_INVENTORY, _INVENTORY, Status.ERROR, unsettled.urn, detail, severity)
        yield places.placed(gap)
