"""The drift audit: reads the account, holds the stack against it, and has the drift judged."""

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
from scanners.drift.account import View, open_account, reason
from scanners.drift.compare import Unheld, compare
from scanners.drift.declared import Declared, account_of
from scanners.drift.readers import KINDS
from scanners.drift.records import Drift, Kind, Live, Reading
from scanners.policy.stack import Stack
from scanners.target import Scan, Target

# What a reader can meet in an answer that does not have the documented shape.
_MISSHAPEN: Final = (LookupError, TypeError, ValueError, AttributeError, ResponseParserError)
_AT_ONCE: Final = 16
# Beside the stack file of an emulator: what it cannot hold.
UNHELD_FILE: Final = "unheld.json"

# Hears the name of a type when it has been read, and how many there are in all.
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Place:
    """One kind, to be read in one region (empty: in the account); `wanted` are the keys that are declared."""

    kind: Kind
    region: str
    wanted: tuple[str, ...]

    @property
    def name(self) -> tuple[str, str]:
        """How a reading names it."""
        return self.kind.type, self.region


def scan(target: Target, stack: Stack, progress: Progress | None = None) -> Scan:
    """Drift of the account that `target` names from `stack`.

    Raises ConfigError if target and stack do not belong together, and CredentialsError. What cannot be
    read gives `error` findings.
    """
    return as_scan(*look(target, stack, progress or (lambda _, __: None)))


def as_scan(drift: Drift, reading: Reading) -> Scan:
    """Drift judged, with what was read as evidence."""
    subjects = {
        "drift.json": json.dumps(asdict(drift), indent=1, sort_keys=True),
        "live.json": json.dumps(_shown(reading), indent=1, sort_keys=True, default=str),
    }
    return Scan(tuple(judge(drift)), subjects)


def look(target: Target, stack: Stack, progress: Progress) -> tuple[Drift, Reading]:
    """Read the account and compare."""
    declared = Declared(stack, target.region)
    unheld = _unheld(target)
    missing = _types_without_place(declared, unheld)
    plan = tuple(places(declared, tuple(kind for kind in KINDS if kind.type not in missing)))
    try:
        view = open_account(target, account_of(stack))
    except CollectError as error:
        reading = Reading({}, {place.name: error.message for place in plan})
    else:
        reading = read(view, plan, progress)
    return compare(declared, reading, KINDS, unheld), reading


def places(declared: Declared, kinds: tuple[Kind, ...]) -> Iterator[Place]:
    """Each kind with each region to read it in: the target's, and wherever the stack has one."""
    for kind in kinds:
        wanted = tuple(kind.key(resource) for resource in declared.stack.of_type(kind.type))
        if kind.everywhere:
            yield Place(kind, "", wanted)
            continue
        regions = {declared.region_of(r) for r in declared.stack.of_type(kind.type)}
        for region in sorted({declared.region, *regions}):
            yield Place(kind, region, wanted)


def read(view: View, plan: tuple[Place, ...], progress: Progress) -> Reading:
    """Read every kind, side by side. A kind that cannot be read is a failure, never an empty list."""
    live: dict[tuple[str, str], tuple[Live, ...]] = {}
    failures: dict[tuple[str, str], str] = {}

    def one(place: Place) -> None:
        try:
            live[place.name] = tuple(place.kind.read(view.looking_for(place.wanted, place.region)))
        except (BotoCoreError, ClientError) as error:
            failures[place.name] = reason(error)
        except _MISSHAPEN as error:
            failures[place.name] = f"{type(error).__name__}: the answer does not have the known shape"
        progress(place.kind.type, len(plan))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for done in [pool.submit(one, place) for place in plan]:
            done.result()
    return Reading(live, failures)


def judge(drift: Drift) -> Iterator[Finding]:
    """The findings: those of the checks, and an error for whatever could not be looked at."""
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


def _types_without_place(declared: Declared, unheld: Unheld) -> set[str]:
    """Types of which an emulator holds not one resource of the stack: it has no such API to ask."""
    found = set()
    for kind in KINDS:
        resources = declared.stack.of_type(kind.type)
        if resources and all((resource.urn, "") in unheld for resource in resources):
            found.add(kind.type)
    return found


def _unheld(target: Target) -> Unheld:
    """What the emulator says that it cannot hold; nothing for the real AWS. Raises ConfigError."""
    file = Path(target.stack_file).parent / UNHELD_FILE
    if not target.aws_endpoint or not file.exists():
        return {}
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        return {(e["urn"], e["property"]): str(e["reason"]) for e in entries}
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"{file}: expected a list of urn, property and reason") from None


def _shown(reading: Reading) -> Any:
    """The reading as evidence: without sealed values."""
    sealed = {(kind.type, f.name) for kind in KINDS for f in kind.fields if f.sealed}
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
