"""Runs checkov as a program: pinned, offline, with a deadline, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from hardening.errors import CollectError
from hardening.parent_death import end_with_parent
from scanners.policy.checkov.job import Job, Rule, Verdicts
from scanners.policy.plan import Plan


@dataclass(frozen=True, slots=True)
class Tool:
    """How checkov is called: `command` takes the job's and the result's file; `deadline` in seconds."""

    command: tuple[str, ...] = (sys.executable, "-P", "-m", "scanners.policy.checkov.run")
    deadline: float = 300.0


CHECKOV: Final = Tool()
_RULES: Final = Tool((sys.executable, "-P", "-m", "scanners.policy.checkov.rules"), 60.0)


def ask_checkov(plan: Plan, tool: Tool) -> Verdicts:
    """checkov's verdicts on the plan. Raises CollectError when there are none, or not for all of it."""
    if not plan.resources:
        raise CollectError("the stack has no AWS resource to judge", "is it the right stack?")
    job = Job(plan.document(), {r.address: list(r.unknown) for r in plan.resources if r.unknown})
    with tempfile.TemporaryDirectory(prefix="rampart-policy-") as folder:
        job_file, result_file = Path(folder, "job.json"), Path(folder, "result.json")
        job_file.write_bytes(msgspec.json.encode(job))
        _run(tool, folder, job_file, result_file)
        try:
            verdicts = msgspec.json.decode(result_file.read_bytes(), type=Verdicts)
        except (OSError, msgspec.DecodeError) as error:
            raise CollectError(f"checkov gave no readable result: {type(error).__name__}") from None
    if verdicts.resources != len(plan.resources):
        raise CollectError(f"checkov judged {verdicts.resources} of {len(plan.resources)} resources")
    if not verdicts.verdicts:
        raise CollectError("checkov judged nothing")
    return verdicts


@cache
def checkov_rules() -> tuple[Rule, ...]:
    """Every AWS rule of checkov that judges a plan. Raises CollectError when it does not say."""
    with tempfile.TemporaryDirectory(prefix="rampart-rules-") as folder:
        file = Path(folder, "rules.json")
        _run(_RULES, folder, file)
        try:
            return tuple(msgspec.json.decode(file.read_bytes(), type=list[Rule]))
        except (OSError, msgspec.DecodeError) as error:
            raise CollectError(f"checkov gave no list of its rules: {type(error).__name__}") from None


def _run(tool: Tool, folder: str, *files: Path) -> None:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": folder,
        "LOG_LEVEL": "CRITICAL",
        "PYTHONHASHSEED": "0",
    }
    try:
        done = subprocess.run(  # noqa: S603  (our own command, no shell)
            [*tool.command, *map(str, files)],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=tool.deadline,
            check=False,
            preexec_fn=end_with_parent(),
        )
    except subprocess.TimeoutExpired:
        raise CollectError(f"checkov took longer than {tool.deadline:.0f} s") from None
    except OSError as error:
        raise CollectError(f"checkov could not be started: {error.strerror}", "run `uv sync`") from None
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        # The exception's type says enough; its message may quote the plan.
        last = lines[-1].split(":")[0] if lines else "no message"
        raise CollectError(f"checkov ended with code {done.returncode} ({last})", "run `rampart doctor`")
