"""The failures of an earlier run, from its `findings.json`, and what became of them since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from hardening.checks import Finding, Status
from hardening.errors import ConfigError
from scanners.drift.checks import BY_CONCERN
from scanners.outcome import fingerprint
from scanners.report.document import FORMAT

CONTROLS_OF_DRIFT: Final = frozenset(
    {*BY_CONCERN.values(), "nothing-deleted", "nothing-unmanaged", "no-undeclared-principals"}
)
_FILE: Final = "findings.json"
_HINT: Final = "write one with `rampart audit drift --format json --output FILE`, or name an evidence folder"


class Failure(msgspec.Struct, frozen=True):
    """A failure as a report has it."""

    control: str
    check: str
    where: str
    status: str
    state: str
    detail: str
    fingerprint: str


class _Report(msgspec.Struct, frozen=True):
    format: str
    findings: list[Failure]


@dataclass(frozen=True, slots=True)
class Since:
    """What became of the drift of an earlier run: places, each with what was found there."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
    still: tuple[str, ...]
    unknown: tuple[str, ...]  # was there, and cannot be looked at now


def failures_of(run: Path) -> tuple[Failure, ...]:
    """The drift that an earlier run reported, waived or not. Raises ConfigError if `run` is no report."""
    file = run / _FILE if run.is_dir() else run
    try:
        report = msgspec.json.decode(file.read_bytes(), type=_Report)
    except OSError as error:
        why = "no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise ConfigError(f"{file}: {why}", _HINT) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ConfigError(f"{file}: not a report in JSON ({FORMAT})", _HINT) from None
    if report.format != FORMAT:
        raise ConfigError(f"{file}: format: expected {FORMAT}", _HINT)
    found = tuple(f for f in report.findings if f.control in CONTROLS_OF_DRIFT)
    if not found:
        raise ConfigError(f"{file}: it says nothing of drift", _HINT)
    return tuple(f for f in found if f.status == Status.FAIL.value)


def since(before: Iterable[Failure], now: Iterable[Finding]) -> Since:
    """Hold the drift of today against that of an earlier run, by what stays the same from run to run.

    What is not found any more is gone only where nothing that could not be read today may hide it.
    """
    known = {one.fingerprint: f"{one.where}: {one.detail}" for one in before}
    controls = {one.fingerprint: (one.control, one.where) for one in before}
    today = [one for one in now if CONTROLS_OF_DRIFT & {one.control, *one.blocks}]
    found = {fingerprint(one): f"{one.where}: {one.detail}" for one in today if one.status is Status.FAIL}
    missing = [one for one in known if one not in found]
    hidden = {one for one in missing if _may_hide(*controls[one], today)}
    return Since(
        new=tuple(text for one, text in found.items() if one not in known),
        gone=tuple(known[one] for one in missing if one not in hidden),
        still=tuple(text for one, text in found.items() if one in known),
        unknown=tuple(known[one] for one in missing if one in hidden),
    )


def _may_hide(control: str, where: str, today: Iterable[Finding]) -> bool:
    """Whether the control was not judged today, or not everywhere that this failure may be."""
    of_control = [one for one in today if control in (one.control, *one.blocks)]
    if not of_control:
        return True
    urn = where.partition("#")[0]
    for one in of_control:
        if one.status is Status.ERROR and (not _is_urn(one.where) or one.where.partition("#")[0] == urn):
            return True
    return False


def _is_urn(where: str) -> bool:
    return where.startswith("urn:")


def said(found: Since) -> tuple[str, ...]:
    """Lines for a person."""
    lines = [
        *(f"new: {each}" for each in found.new),
        *(f"gone: {each}" for each in found.gone),
        *(f"still there: {each}" for each in found.still),
        *(f"not known, since it could not be looked at: {each}" for each in found.unknown),
    ]
    counts = f"{len(found.new)} new, {len(found.gone)} gone, {len(found.still)} still there"
    return (*lines, f"{counts}, {len(found.unknown)} not known")


def chosen(failures: Iterable[Failure], name: str, file: Any) -> Failure:
    """The failure whose fingerprint begins with `name`. Raises ConfigError if it is not exactly one."""
    found = [one for one in failures if one.fingerprint.startswith(name)]
    if len(name) < _SHORTEST or not found:
        raise ConfigError(
            f"{name}: no drift of {file} has this fingerprint",
            f"its first {_SHORTEST} characters or more, as the report shows them",
        )
    if len(found) > 1:
        raise ConfigError(f"{name}: {len(found)} findings of {file} begin with it", "write more of it")
    return found[0]


_SHORTEST: Final = 8
