"""The drift audit: reads the account, compares the stack with it, and judges the drift."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from hardening.checks import Finding, Status, checks_in
from hardening.checks import judge as judged
from hardening.controls import CONTROLS
from hardening.errors import CollectError, ConfigError
from scanners.drift import checks as drift_checks
from scanners.drift.account import View
from scanners.drift.compare import Unsupported, compare
from scanners.drift.declared import Declared, account_of
from scanners.drift.readers import READERS
from scanners.drift.records import Drift, Live, Reading, ResourceReader
from scanners.drift.session import open_account, reason
from scanners.policy.places import Places
from scanners.policy.stack import Stack
from scanners.target import Scan, Target

# What a reader raises when an answer does not have the documented form.
_MISSHAPEN: Final = (LookupError, TypeError, ValueError, AttributeError, ResponseParserError)
_AT_ONCE: Final = 16
# Beside the stack file of an emulator: what it does not support.
UNSUPPORTED_FILE: Final = "unsupported.json"

# Hears the name of a type when it has been read, and how many there are in all.
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class ReadTask:
    """One reader and the region to read in (empty: the account), with the keys that the stack declares."""

    reader: ResourceReader
    region: str
    declared_keys: tuple[str, ...]

    @property
    def where(self) -> tuple[str, str]:
        """Its key in a `Reading`: type and region."""
        return self.reader.type, self.region


def scan(target: Target, stack: Stack, progress: Progress | None = None) -> Scan:
    """Drift of the account that `target` names from `stack`.

    Raises ConfigError if target and stack do not belong together, and CredentialsError. What cannot be
    read gives `error` findings.
    """
    return as_scan(stack, *look(target, stack, progress or (lambda _, __: None)))


def as_scan(stack: Stack, drift: Drift, reading: Reading) -> Scan:
    """The findings of `drift`, with `drift.json` and `live.json` as evidence. No sealed value is in it."""
    subjects = {
        "drift.json": json.dumps(asdict(drift), indent=1, sort_keys=True),
        "live.json": json.dumps(_shown(reading), indent=1, sort_keys=True, default=str),
    }
    return Scan(tuple(map(Places(stack).placed, judge(drift))), subjects)


def look(target: Target, stack: Stack, progress: Progress) -> tuple[Drift, Reading]:
    """Read the account and compare; `progress` hears of each type. Raises like `scan`."""
    declared = Declared(stack, target.region)
    unsupported = _read_unsupported(target)
    missing = _unsupported_types(declared, unsupported)
    plan = tuple(read_tasks(declared, tuple(reader for reader in READERS if reader.type not in missing)))
    try:
        view = open_account(target, account_of(stack))
    except CollectError as error:
        reading = Reading({}, {task.where: error.message for task in plan})
    else:
        reading = read(view, plan, progress)
    return compare(declared, reading, READERS, unsupported), reading


def read_tasks(declared: Declared, readers: tuple[ResourceReader, ...]) -> Iterator[ReadTask]:
    """Each reader with each region to read: the target's, and those of the stack's resources of its type."""
    for reader in readers:
        declared_keys = tuple(reader.key(resource) for resource in declared.stack.of_type(reader.type))
        if reader.is_global:
            yield ReadTask(reader, "", declared_keys)
            continue
        regions = {declared.region_of(r) for r in declared.stack.of_type(reader.type)}
        for region in sorted({declared.region, *regions}):
            yield ReadTask(reader, region, declared_keys)


def read(view: View, plan: tuple[ReadTask, ...], progress: Progress) -> Reading:
    """Run every reader, in threads. A reader that fails is in `failures`, and never gives an empty list."""
    live: dict[tuple[str, str], tuple[Live, ...]] = {}
    failures: dict[tuple[str, str], str] = {}

    def one(task: ReadTask) -> None:
        try:
            live[task.where] = tuple(task.reader.read(view.narrowed_to(task.declared_keys, task.region)))
        except (BotoCoreError, ClientError) as error:
            failures[task.where] = reason(error)
        except _MISSHAPEN as error:
            failures[task.where] = f"{type(error).__name__}: the answer does not have the documented form"
        progress(task.reader.type, len(plan))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for done in [pool.submit(one, task) for task in plan]:
            done.result()
    return Reading(live, failures)


def judge(drift: Drift) -> Iterator[Finding]:
    """The findings of the checks, and an `error` for each resource or type that could not be read."""
    yield from judged(checks_in(drift_checks), drift)
    for unread in drift.unread:
        controls = [drift_checks.BY_CONCERN[c] for c in unread.concerns] + ["nothing-deleted"]
        for control in controls if unread.urn else ["nothing-unmanaged"]:
            where = unread.urn or unread.type
            yield Finding(
                control,
                control,
                Status.ERROR,
                where,
                f"could not look: {unread.reason}",
                CONTROLS[control].severity,
            )


def _unsupported_types(declared: Declared, unsupported: Unsupported) -> set[str]:
    """Types of which the emulator supports no resource of the stack: it has no such API."""
    found = set()
    for reader in READERS:
        resources = declared.stack.of_type(reader.type)
        if resources and all((resource.urn, "") in unsupported for resource in resources):
            found.add(reader.type)
    return found


def _read_unsupported(target: Target) -> Unsupported:
    """What the emulator does not support; nothing for AWS itself. Raises ConfigError if it is malformed."""
    file = Path(target.stack_file).parent / UNSUPPORTED_FILE
    if not target.aws_endpoint or not file.exists():
        return {}
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        return {(e["urn"], e["property"]): str(e["reason"]) for e in entries}
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"{file}: expected a list of urn, property and reason") from None


def _shown(reading: Reading) -> Any:
    """The reading as evidence: without sealed values."""
    sealed = {(reader.type, f.name) for reader in READERS for f in reader.fields if f.sealed}
    return {
        "failures": {f"{type_} {region}".strip(): why for (type_, region), why in reading.failures.items()},
        "live": [
            {
                **asdict(live),
                "properties": {
                    name: "<sealed>" if (live.type, name) in sealed else value
                    for name, value in live.properties.items()
                },
            }
            for everything in reading.live.values()
            for live in everything
        ],
    }
