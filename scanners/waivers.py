"""Waivers: failures that somebody accepted, with a reason, an owner and a last day.

    - control: CKV_AWS_18            # a control's or a check's id
      where: "*::access-log-bucket"  # a glob over the finding's place
      reason: the bucket that receives the access logs cannot log into itself
      owner: platform-security
      expires: 2027-03-31            # the last day on which it holds

A malformed or expired waiver is void, and is reported; so is one that matched nothing. A waiver covers
failures only: what could not be verified stays an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from hardening.checks import Finding, Status
from hardening.errors import ConfigError
from hardening.yaml_file import read_yaml

_KEYS = ("control", "where", "reason", "owner", "expires")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One accepted failure. `expires` is inclusive."""

    control: str
    where: str
    reason: str
    owner: str
    expires: date

    def covers(self, finding: Finding) -> bool:
        """Whether this waiver is about that failure."""
        return (
            finding.status is Status.FAIL
            and self.control in (finding.control, finding.check)
            and (fnmatchcase(finding.where, self.where) or self._is_of(finding.identity))
        )

    def _is_of(self, identity: str) -> bool:
        """Whether the waiver names the resource by its identity, or by a URN with other parents' types."""
        head, mark, name = self.where.rpartition("::")
        owner, _, types = head.rpartition("::")
        return bool(identity) and fnmatchcase(identity, f"{owner}::{types.split('$')[-1]}{mark}{name}")

    def __str__(self) -> str:
        return f"{self.control} at {self.where}"


@dataclass(frozen=True, slots=True)
class Waivers:
    """The waivers that hold today, and a line for each that does not."""

    valid: tuple[Waiver, ...] = ()
    void: tuple[str, ...] = ()


def read_waivers(file: Path, today: date) -> Waivers:
    """The waivers in `file`, judged on the day `today`. Raises ConfigError if it is not a list."""
    if not file.is_file():
        raise ConfigError(f"{file}: no such waivers file")
    document = read_yaml(file)
    entries = [] if document.data is None else document.data
    if not isinstance(entries, list):
        raise ConfigError(f"{file}: expected a list of waivers", "see docs/waivers.md for the keys")
    valid: list[Waiver] = []
    void: list[str] = []
    for number, entry in enumerate(entries):
        problem = _problem(entry, today)
        if problem:
            void.append(f"{document.at(f'[{number}]')}: waiver {number + 1} is void: {problem}")
        else:
            valid.append(Waiver(**entry))
    return Waivers(tuple(valid), tuple(void))


def _problem(entry: Any, today: date) -> str:
    if not isinstance(entry, dict):
        return "expected a mapping"
    missing = [key for key in _KEYS if not entry.get(key)]
    if missing:
        return f"{', '.join(missing)} missing"
    unknown = sorted(set(map(str, entry)) - set(_KEYS))
    if unknown:
        return f"unknown key {', '.join(unknown)}"
    if not isinstance(entry["expires"], date) or isinstance(entry["expires"], datetime):
        return f"expires: expected a date as YYYY-MM-DD, got {entry['expires']!r}"
    for key in _KEYS[:-1]:
        if not isinstance(entry[key], str):
            return f"{key}: expected text"
    if entry["expires"] < today:
        return f"it expired on {entry['expires']} ({entry['control']} at {entry['where']})"
    return ""
