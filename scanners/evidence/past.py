"""What an earlier run found, read from its folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from hardening.checks import Status
from hardening.errors import ConfigError
from scanners.evidence.run_chain import runs_in
from scanners.evidence.seal import read_manifest
from scanners.outcome import State
from scanners.report.document import FORMAT

FINDINGS: Final = "findings.json"


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One judgement, as `findings.json` holds it."""

    control: str
    check: str
    status: Status
    state: State
    severity: str
    where: str
    detail: str
    fingerprint: str

    @property
    def standing(self) -> str:
        """The status, or what takes it out of the count: `waived` or `known`."""
        return self.status.value if self.state is State.OPEN else self.state.value

    @property
    def is_open(self) -> bool:
        """Whether it fails or could not be verified, and nobody accepted it."""
        return self.standing in (Status.FAIL, Status.ERROR)

    @property
    def holds(self) -> bool:
        """Whether it was looked at and is not open."""
        return not self.is_open and self.status is not Status.NOT_APPLICABLE


class _Document(msgspec.Struct, frozen=True):
    format: str
    findings: tuple[Judged, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One run: its manifest, and its judgements, the worst one of each fingerprint."""

    name: str
    manifest: Mapping[str, Any]
    judged: Mapping[str, Judged]

    @property
    def started(self) -> str:
        """When it began (UTC, ISO 8601)."""
        return str(self.manifest["started"])


# From the best to the worst that one place can be.
_WORSE: Final = ("not-applicable", "pass", "known", "waived", "error", "fail")


def read_past(run: Path) -> Past:
    """An earlier run. Raises ConfigError where it is none, or its findings are not those that were sealed."""
    manifest = read_manifest(run)
    hint = "`rampart evidence verify` says what was touched"
    try:
        content = (run / FINDINGS).read_bytes()
        sealed = manifest["files"][FINDINGS]["sha256"]
    except (OSError, KeyError):
        raise ConfigError(f"{run}: no {FINDINGS} in it: not the run of an audit", hint) from None
    if not _is_of_an_audit(manifest):
        raise ConfigError(f"{run}: its manifest has no start and no counts: it was touched", hint)
    if hashlib.sha256(content).hexdigest() != sealed:
        raise ConfigError(f"{run / FINDINGS}: is not what was sealed", hint)
    return Past(name=run.resolve().name, manifest=manifest, judged=_judged(content, str(run / FINDINGS)))


def as_past(findings: bytes, name: str, manifest: Mapping[str, Any]) -> Past:
    """A run that is not sealed yet, in the same form."""
    return Past(name=name, manifest=manifest, judged=_judged(findings, name))


def earlier_runs(folder: Path, target: str) -> list[Path]:
    """The runs of a target in `folder`, the newest first. One that cannot be read is none of them."""
    found = []
    for run in reversed(runs_in(folder)):
        try:
            manifest = read_manifest(run)
        except ConfigError:  # `verify` names it
            continue
        if manifest.get("target") == target and FINDINGS in manifest["files"] and _is_of_an_audit(manifest):
            found.append(run)
    return found


def _is_of_an_audit(manifest: Mapping[str, Any]) -> bool:
    """Whether it says when the run began and what came out: somebody else may have written it."""
    counts = manifest.get("counts")
    return (
        isinstance(manifest.get("started"), str)
        and isinstance(counts, dict)
        and all(isinstance(counts.get(name), int) for name in ("pass", "fail", "error", "waived"))
    )


def open_since(open_now: Iterable[str], earlier: Iterable[Past]) -> Mapping[str, str]:
    """Fingerprint -> when the first run began in which it was open, with none after it in which it held.

    `earlier` are the runs before, the newest first; no more of them are read than are needed. A run that did
    not look there says nothing. What was never open before has no entry.
    """
    since: dict[str, str] = {}
    remaining = set(open_now)
    for run in earlier:
        found = {one: run.judged.get(one) for one in remaining}
        since |= {one: run.started for one, judged in found.items() if judged and judged.is_open}
        remaining = {one for one, judged in found.items() if not (judged and judged.holds)}
        if not remaining:
            break
    return since


def _judged(content: bytes, name: str) -> dict[str, Judged]:
    try:
        document = msgspec.json.decode(content, type=_Document)
    except msgspec.DecodeError as error:
        raise ConfigError(f"{name}: not the findings of a run: {error}") from None
    if document.format != FORMAT:
        raise ConfigError(f"{name}: format: expected {FORMAT}")
    worst: dict[str, Judged] = {}
    for one in document.findings:
        known = worst.get(one.fingerprint)
        if known is None or _WORSE.index(one.standing) > _WORSE.index(known.standing):
            worst[one.fingerprint] = one
    return worst
