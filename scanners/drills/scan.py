"""A drill: has `infra` play the incident in the lab, and judges what came of it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import msgspec

from hardening.checks import judge
from hardening.errors import CollectError
from hardening.parent_death import end_with_parent
from scanners.drills.checks import CHECKS
from scanners.drills.notices import notices
from scanners.drills.records import Drill
from scanners.drills.rights import lacking
from scanners.policy.stack import Stack
from scanners.target import Scan, Target

VERSION: Final = 1
_DEADLINE: Final = 280.0  # seconds


def scan(target: Target, stack: Stack, name: str, evidence: Path) -> Scan:
    """Play the incident of the runbook `name`, and judge. `evidence`: sealed runs of the drill's own.

    Raises CollectError where it cannot be played.
    """
    drill = with_rights(played(target, name, evidence), stack)
    subjects = {"drill.json": json.dumps(asdict(drill), indent=1, ensure_ascii=False) + "\n"}
    return Scan(tuple(judge(CHECKS, drill)), {**subjects, **notices(drill, target)})


def with_rights(drill: Drill, stack: Stack) -> Drill:
    """The drill with what the declared roles lack for it."""
    return replace(drill, lacking=tuple(dict.fromkeys(lacking(stack, drill.steps))))


def played(target: Target, name: str, evidence: Path) -> Drill:
    """What came of the drill. Raises CollectError."""
    folder = Path(target.stack_file).parent
    try:
        done = subprocess.run(  # noqa: S603  (our own command, no shell)
            [sys.executable, "-P", "-m", "infra.lab.drills", str(folder), name, str(evidence)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_DEADLINE,
            check=False,
            preexec_fn=end_with_parent(),
        )
    except subprocess.TimeoutExpired:
        raise CollectError(f"the drill took longer than {_DEADLINE:.0f} s", "`rampart lab up` anew") from None
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise CollectError(f"the drill did not end: {lines[-1] if lines else f'code {done.returncode}'}")
    return read(done.stdout)


def read(text: bytes) -> Drill:
    """The drill that `infra` printed. Raises CollectError."""
    try:
        found = msgspec.json.decode(text, type=dict[str, Any])
        if found["version"] != VERSION:
            raise ValueError("another version")
        return msgspec.convert(found, Drill)
    except (ValueError, KeyError) as error:
        raise CollectError(f"the drill cannot be read: {type(error).__name__}") from None
