"""The record of a drill."""

from __future__ import annotations

from dataclasses import dataclass

from hardening.runbooks.followed import Done, Heard


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
