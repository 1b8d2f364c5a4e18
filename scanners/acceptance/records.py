"""The records of an acceptance run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried for a control. `seen` None: it could not be looked at, by the `reason`."""

    control: str
    where: str
    wanted: str
    seen: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """What this environment does not have, so nothing was tried."""

    control: str
    where: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """One run: the contract that it used (`partner`), and what came of each step."""

    partner: str
    steps: tuple[Step, ...] = ()
    absent: tuple[Absent, ...] = ()
