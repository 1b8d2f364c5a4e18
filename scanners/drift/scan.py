"""The drift audit: reads the account, compares the stack with it, and judges the drift."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from hardening.checks import Finding, Status, checks_in
from hardening.checks import judge as judged
from hardening.controls import CONTROLS
from hardening.errors import CollectError, ConfigError
from scanners.drift import checks as drift_checks
from scanners.drift.account import View
from scanners.drift.authors import traced
from scanners.drift.compare import Unsupported, compare
from scanners.drift.declared import Declared, account_of
from scanners.drift.inventory import inventories
from scanners.drift.readers import READERS
from scanners.drift.reading import enabled_regions, read, read_tasks
from scanners.drift.records import Drift, Live, Progress, Reading, ResourceReader, Trace, Unread, Unseen
from scanners.drift.remedies import remedies
from scanners.drift.session import open_account
from scanners.drift.undeclared import judged as judged_live
from scanners.drift.undeclared import unjudged
from scanners.outcome import fingerprint
from scanners.policy.places import Places
from scanners.policy.stack import Stack
from scanners.target import Scan, Target

# Beside the stack file of an emulator: what it does not support.
UNSUPPORTED_FILE: Final = "unsupported.json"


ALL: Final = "all"


def scan(
    target: Target, stack: Stack, progress: Progress | None = None, regions: tuple[str, ...] = ()
) -> Scan:
    """Drift of the account that `target` names from `stack`.

    Raises ConfigError if target and stack do not belong together, and CredentialsError. What cannot be
    read gives `error` findings.
    """
    found = look(target, stack, progress or (lambda _, __: None), regions)
    return as_scan(Declared(stack, target.region), *found)


def as_scan(declared: Declared, drift: Drift, reading: Reading) -> Scan:
    """The findings of `drift`, with `drift.json` and `live.json` as evidence. No sealed value is in it."""
    ways = remedies(drift, declared, READERS)
    subjects = {
        "drift.json": json.dumps(asdict(drift), indent=1, sort_keys=True),
        "live.json": json.dumps(_shown(reading), indent=1, sort_keys=True, default=str),
    }
    judged_drift = (
        replace(finding, remedies=ways.get(finding.where, ())) if finding.status is Status.FAIL else finding
        for finding in judge(drift)
    )
    places = Places(declared.stack)
    findings = [_acceptable(places.placed(finding)) for finding in judged_drift]
    return Scan((*findings, *judged_live(declared.stack, drift, reading)), subjects)


def _acceptable(finding: Finding) -> Finding:
    """With how a failure is accepted, by what stays the same from run to run."""
    if finding.status is not Status.FAIL:
        return finding
    way = f"or accept it for a time: rampart drift accept {fingerprint(finding)[:12]} --from REPORT.json"
    return replace(finding, remedies=(*finding.remedies, way))


def look(
    target: Target, stack: Stack, progress: Progress, regions: tuple[str, ...] = ()
) -> tuple[Drift, Reading]:
    """Read the account and compare; `progress` hears of each type. Raises like `scan`.

    `regions` are looked at beside the stack's own: names, or `all`. Where none is said that is all of AWS's,
    and of an emulator, which has dozens of empty ones, none.
    """
    declared = Declared(stack, target.region)
    unsupported = read_unsupported(target)
    try:
        view = open_account(target, account_of(stack))
    except CollectError as error:
        asked = read_tasks(declared, _read_of(declared, unsupported))
        reading = Reading({}, {task.where: error.message for task in asked})
        return compare(declared, reading, READERS, unsupported), reading
    others, unlisted = _other_regions(view, regions or (() if target.aws_endpoint else (ALL,)))
    drift, reading = look_through(view, declared, unsupported, progress, others)
    return replace(drift, unread=(*drift.unread, *unlisted)), reading


def look_through(
    view: View,
    declared: Declared,
    unsupported: Unsupported,
    progress: Progress,
    others: frozenset[str] = frozenset(),
) -> tuple[Drift, Reading]:
    """Read the account that `view` shows, also in the `others` among its regions, and compare."""
    plan = tuple(read_tasks(declared, _read_of(declared, unsupported), others))
    reading = read(view, plan, progress)
    reading = replace(reading, inventories=inventories(view, declared.regions() | others))
    drift = compare(declared, reading, READERS, unsupported)
    drift = replace(drift, not_compared=(*drift.not_compared, *unjudged(drift)))
    return traced(view, declared, drift, READERS), reading


def _other_regions(view: View, named: tuple[str, ...]) -> tuple[frozenset[str], tuple[Unread, ...]]:
    """The regions that are named, or all that are enabled; which these are may not be known."""
    if ALL not in named:
        return frozenset(named), ()
    try:
        return enabled_regions(view), ()
    except CollectError as error:
        return frozenset(), (Unread("other regions", "", error.message),)


def judge(drift: Drift) -> Iterator[Finding]:
    """The findings of the checks, and an `error` for each resource or type that could not be read."""
    traces = {trace.where: trace for trace in drift.traces}
    for finding in judged(checks_in(drift_checks), drift):
        trace = traces.get(finding.where.partition("#")[0]) if finding.status is Status.FAIL else None
        yield replace(finding, detail=f"{finding.detail}; {_said(trace)}") if trace else finding
    for unread in drift.unread:
        yield from (_could_not_look(unread, control) for control in _unverified(unread))


def _said(trace: Trace) -> str:
    return f"last changed by {trace.who} at {trace.when} ({trace.event}, event {trace.event_id})"


def _unverified(unread: Unread) -> tuple[str, ...]:
    """The controls for which something that could not be read counts."""
    if not unread.urn:
        return (
            "no-undeclared-principals" if unread.type in drift_checks.PRINCIPALS else "nothing-unmanaged",
        )
    by_concern = tuple(drift_checks.BY_CONCERN[concern] for concern in unread.concerns)
    return by_concern if unread.property else (*by_concern, "nothing-deleted")


def _could_not_look(unread: Unread, control: str) -> Finding:
    where = f"{unread.urn}#{unread.property}" if unread.property else unread.urn or unread.type
    detail = f"could not look: {unread.reason}"
    return Finding(control, control, Status.ERROR, where, detail, CONTROLS[control].severity)


def _read_of(declared: Declared, unsupported: Unsupported) -> tuple[ResourceReader, ...]:
    missing = _unsupported_types(declared, unsupported)
    return tuple(reader for reader in READERS if reader.type not in missing)


def _unsupported_types(declared: Declared, unsupported: Unsupported) -> set[str]:
    """Types of which the emulator supports no resource of the stack: it has no such API."""
    found = set()
    for reader in READERS:
        resources = declared.stack.of_type(reader.type)
        absent = resources and all((resource.urn, "") in unsupported for resource in resources)
        if absent or (reader.type, "") in unsupported:
            found.add(reader.type)
    return found


def read_unsupported(target: Target) -> Unsupported:
    """What the emulator does not support; nothing for AWS itself. Raises ConfigError if it is malformed."""
    file = Path(target.stack_file).parent / UNSUPPORTED_FILE
    if not target.aws_endpoint or not file.exists():
        return {}
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        return {(e["urn"] or e["type"], e["property"]): str(e["reason"]) for e in entries}
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"{file}: expected a list of urn, property and reason") from None


def _properties(live: Live) -> Mapping[str, Any]:
    return {} if isinstance(live.properties, partial) else live.properties


def _shown(reading: Reading) -> Any:
    """The reading as evidence: without sealed values."""
    sealed = {(reader.type, f.name) for reader in READERS for f in reader.fields if f.sealed}
    return {
        "failures": {f"{type_} {region}".strip(): why for (type_, region), why in reading.failures.items()},
        "inventories": {
            f"{name} {region}": arns.reason if isinstance(arns, Unseen) else sorted(arns)
            for (name, region), arns in reading.inventories.items()
        },
        "live": [
            {
                **asdict(live),
                "properties": {
                    name: "<sealed>" if (live.type, name) in sealed else value
                    for name, value in _properties(live).items()
                },
            }
            for everything in reading.live.values()
            for live in everything
        ],
    }
