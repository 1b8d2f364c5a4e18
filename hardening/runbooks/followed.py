"""What came of a runbook that was followed: `infra` writes these records, and `scanners` judges them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """How an alarm came out. `after` is seconds from the beginning, None where it did not fire (`why`).

    `people` is how many confirmed subscriptions its topic has; `delay` what AWS adds to `after` at most: the
    period (seconds).
    """

    alarm: str
    after: float | None
    people: int
    delay: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One step that was followed. `ended` is the exit code (AWS: 0 or 1), None where a person decides.

    `wanted` is 1 for a look that has to find the incident, else 0. `rights` are the calls of AWS that the
    command itself is; those of rampart are known to the judge.
    `skipped` is why a command was not followed.
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
