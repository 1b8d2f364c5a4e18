"""The records of a drill."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """How the alarm came out. `after`: seconds from the beginning, None where it did not fire (`why`).

    `people` is how many subscriptions hear of it; `delay` what AWS adds to `after` at most (seconds).
    """

    alarm: str
    after: float | None
    people: int
    delay: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One step of the runbook. `ended` is an exit code, None for a decision or a command that was `skipped`.

    `rights` are the calls of AWS that it is; `seconds` is how long it took.
    """

    phase: str
    by: str
    does: str
    command: str
    ended: int | None
    wanted: int
    seconds: float
    said: str = ""
    rights: tuple[str, ...] = ()
    skipped: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """One drill. `began` is ISO 8601; `contained` and `recovered` are seconds after it, None: not seen.

    `lacking` says which role lacks which right that a followed step needs, as the stack is declared.
    """

    runbook: str
    incident: str
    partner: str
    began: str
    heard: Heard
    steps: tuple[Done, ...]
    contained: float | None
    recovered: float | None
    lacking: tuple[str, ...] = ()
