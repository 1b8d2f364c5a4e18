"""Follow the commands of a runbook, as they are printed for the lab."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from hardening.errors import CollectError, RampartError
from hardening.parent_death import end_with_parent
from hardening.runbooks.followed import Done
from hardening.runbooks.render import command
from hardening.runbooks.runbook import Names, Step
from infra.lab.drills.aws_words import parse
from infra.lab.drills.lab_account import LabAccount

# A word that the runbook leaves to people.
_BLANK = re.compile(r"\b[A-Z][A-Z_]{2,}\b")
_SECONDS = 120.0


def followed(
    lab: LabAccount, steps: Iterable[Step], names: Names, words: Mapping[str, str]
) -> Iterator[Done]:
    """Follow each step, with `words` for what the runbook leaves blank; yields each as it ends."""
    for step in steps:
        blank = [word for word in _BLANK.findall(step.command) if word not in words]
        yield _step(lab, step, _filled(command(step, names), words), blank)


def _step(lab: LabAccount, step: Step, line: str, blank: list[str]) -> Done:
    began = time.monotonic()
    ended: int | None = None
    said, rights = "", tuple[str, ...]()
    if line and not step.by_hand:
        ended, said, rights = _run(lab, line) if not blank else (2, f"nobody knows {blank[0]}", ())
    return Done(
        phase=step.phase.value,
        by=step.by,
        does=step.does,
        command=line,
        ended=ended,
        wanted=1 if step.finds else 0,
        seconds=time.monotonic() - began,
        said=said,
        rights=rights,
        skipped=step.by_hand,
    )


def _run(lab: LabAccount, line: str) -> tuple[int, str, tuple[str, ...]]:
    """Exit code, the last line that it said, and the rights of a call of AWS."""
    if line.startswith("aws "):
        return _call(lab, line)
    return *_rampart(lab, shlex.split(line)[1:]), ()


def _call(lab: LabAccount, line: str) -> tuple[int, str, tuple[str, ...]]:
    try:
        call = parse(line)
        lab.ask(call.service, call.operation, call.region, **call.parameters())
    except RampartError as error:
        return 1, error.message, ()
    return 0, "", (call.action,)


def _rampart(lab: LabAccount, words: list[str]) -> tuple[int, str]:
    try:
        done = subprocess.run(  # noqa: S603  (our own command, no shell)
            [sys.executable, "-m", "hardening.cli", *words],
            cwd=Path(lab.target["project"]),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
            preexec_fn=end_with_parent(),
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise CollectError(f"rampart {' '.join(words[:2])}: {type(error).__name__}") from None
    said = done.stderr.strip().splitlines()  # stdout may be a token's
    return done.returncode, said[-1] if said else ""


def _filled(line: str, words: Mapping[str, str]) -> str:
    """The command with what people would fill in."""
    return re.sub(r"(?<![\w.])[A-Z_]+(?!\w)", lambda found: words.get(found[0], found[0]), line)
