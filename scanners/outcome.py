"""From findings to a verdict: what is waived, what was known before, and which exit code that makes."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hardening.checks import Finding, Status
from hardening.cli import Exit
from hardening.controls import CONTROLS, Severity
from hardening.errors import ConfigError
from scanners.waivers import Waiver, Waivers

_RANK = {severity: rank for rank, severity in enumerate(reversed(Severity))}


class State(StrEnum):
    """Whether a finding counts."""

    OPEN = "open"
    WAIVED = "waived"
    KNOWN = "known"  # in the baseline


@dataclass(frozen=True, slots=True)
class Row:
    """A finding, and whether it counts. `waiver` is set when it is waived."""

    finding: Finding
    state: State
    waiver: Waiver | None = None

    @property
    def fingerprint(self) -> str:
        """What stays the same from run to run; see `fingerprint`."""
        return fingerprint(self.finding)


@dataclass(frozen=True, slots=True)
class Outcome:
    """All rows of a run, in a stable order, and what is to be said about the waivers."""

    rows: tuple[Row, ...]
    notices: tuple[str, ...] = ()

    def open(self, *statuses: Status) -> tuple[Row, ...]:
        """The rows with one of `statuses` that are neither waived nor known."""
        return tuple(r for r in self.rows if r.state is State.OPEN and r.finding.status in statuses)

    def counts(self) -> dict[str, int]:
        """How many rows passed, failed, were waived or known, could not be verified, or did not apply."""
        counts = Counter(
            row.finding.status.value if row.state is State.OPEN else row.state.value for row in self.rows
        )
        return {name: counts[name] for name in ("pass", "fail", "error", "waived", "known", "not-applicable")}

    def exit_code(self, fail_on: Severity = Severity.LOW) -> Exit:
        """1 if a control fails at `fail_on` or above, else 3 if anything could not be verified, else 0.

        No row at all, or none that was judged, is "could not verify": an empty list never means yes.
        """
        if any(_RANK[row.finding.severity] >= _RANK[fail_on] for row in self.open(Status.FAIL)):
            return Exit.FAILS
        if self.open(Status.ERROR) or all(r.finding.status is Status.NOT_APPLICABLE for r in self.rows):
            return Exit.UNVERIFIED
        return Exit.HOLDS


def fingerprint(finding: Finding) -> str:
    """What stays the same from run to run: the control, the check and the place; not the wording.

    Of the place it takes what outlives a renamed component (`Finding.identity`).
    """
    parts = "\n".join((finding.control, finding.check, finding.identity or finding.where))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def decide(findings: Iterable[Finding], waivers: Waivers, baseline: frozenset[str]) -> Outcome:
    """Classify each finding: it is open, waived, or known from the baseline. Unused waivers are noted."""
    judged = sorted(set(findings))
    used: set[Waiver] = set()
    rows = []
    for finding in judged:
        waiver = next((w for w in waivers.valid if w.covers(finding)), None)
        if waiver:
            used.add(waiver)
            rows.append(Row(finding, State.WAIVED, waiver))
        elif finding.status is Status.FAIL and fingerprint(finding) in baseline:
            rows.append(Row(finding, State.KNOWN))
        else:
            rows.append(Row(finding, State.OPEN))
    unused = (w for w in waivers.valid if w not in used and _was_looked_at(w, judged))
    return Outcome(tuple(rows), (*waivers.void, *(f"waiver matched nothing: {w}" for w in unused)))


def _was_looked_at(waiver: Waiver, findings: Iterable[Finding]) -> bool:
    """Whether this run judged what the waiver is about; a drift audit says nothing of checkov's rules."""
    if waiver.control in CONTROLS:
        return any(waiver.control == finding.control for finding in findings)
    return any(
        waiver.control == f.check or (_foreign(f.check) and _foreign(waiver.control)) for f in findings
    )


def _foreign(check: str) -> bool:
    """Whether a check is another tool's rule: ours are slugs in lower case."""
    return not check.islower()


def read_baseline(file: Path) -> frozenset[str]:
    """The fingerprints of the failures that were known when the baseline was written."""
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))["failures"]
        return frozenset(entry["fingerprint"] for entry in entries)
    except FileNotFoundError:
        raise ConfigError(f"{file}: no such baseline", "write one with --write-baseline") from None
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"{file}: not a baseline", "write one with --write-baseline") from None


def write_baseline(file: Path, outcome: Outcome) -> None:
    """Remember the failures of this run; later runs then report only what is new."""
    failures = [
        {"fingerprint": row.fingerprint, "check": row.finding.check, "where": row.finding.where}
        for row in outcome.rows
        if row.finding.status is Status.FAIL and row.state is not State.WAIVED
    ]
    file.write_text(json.dumps({"failures": failures}, indent=2) + "\n", encoding="utf-8")
