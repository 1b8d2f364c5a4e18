"""Reads the account type by type and row by row: what fails is lost alone, and says why."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from hardening.errors import CollectError
from scanners.drift.account import View
from scanners.drift.declared import Declared
from scanners.drift.exclusions import FACTS, exclusion
from scanners.drift.records import Live, Progress, Reading, ResourceReader, Unseen
from scanners.drift.unanswered import BROKEN, reason

# Types and rows have a pool each: a type waits for its rows, and a row for nothing. An emulator is one
# process, which the lab's guard asks for tokens meanwhile: it has to have an answer within a second.
_TYPES_AT_ONCE: Final = 32
_ROWS_AT_ONCE: Final = 8
_AT_ONCE_OF_AN_EMULATOR: Final = 2


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


def read_tasks(
    declared: Declared, readers: tuple[ResourceReader, ...], others: frozenset[str] = frozenset()
) -> Iterator[ReadTask]:
    """Each reader with each region to read: the target's, and those of the stack's resources of its type.

    In `others` only what can be listed is read: nothing is expected there.
    """
    for reader in readers:
        declared_keys = tuple(reader.key(resource) for resource in declared.stack.of_type(reader.type))
        if reader.is_global:
            yield ReadTask(reader, "", declared_keys)
            continue
        regions = {declared.region_of(r) for r in declared.stack.of_type(reader.type)}
        for region in sorted({declared.region, *regions, *(() if reader.unlisted else others)}):
            yield ReadTask(reader, region, declared_keys)


def enabled_regions(view: View) -> frozenset[str]:
    """The regions that the account can use (DescribeRegions). Raises CollectError if AWS does not say."""
    try:
        return view.regions()
    except BROKEN as error:
        raise CollectError(f"which regions are enabled: {reason(error)}") from None


def read(view: View, plan: tuple[ReadTask, ...], progress: Progress) -> Reading:
    """Run every reader, in threads. A reader that fails is in `failures`, and never gives an empty list."""
    live: dict[tuple[str, str], tuple[Live, ...]] = {}
    failures: dict[tuple[str, str], str] = {}

    def one(task: ReadTask, rows: Executor) -> None:
        try:
            listed = tuple(task.reader.read(view.narrowed_to(task.declared_keys, task.region)))
            settled = rows.map(partial(_settled, declared=frozenset(task.declared_keys)), listed)
            live[task.where] = tuple(row for row in settled if row is not None)
        except BROKEN as error:
            failures[task.where] = reason(error)
        progress(task.reader.type, len(plan))

    with ExitStack() as pools:
        types, rows = _pools(pools, {task.reader.service for task in plan}, bool(view.endpoint))
        for done in [types.submit(one, task, rows[task.reader.service]) for task in plan]:
            done.result()
    return Reading(live, failures)


def _pools(pools: ExitStack, services: set[str], emulated: bool) -> tuple[Executor, Mapping[str, Executor]]:
    """Threads for the types, and for the rows of each service: one that is slow holds up no other."""
    if emulated:
        shared = pools.enter_context(ThreadPoolExecutor(_AT_ONCE_OF_AN_EMULATOR))
        rows: dict[str, Executor] = dict.fromkeys(services, shared)
        return pools.enter_context(ThreadPoolExecutor(_AT_ONCE_OF_AN_EMULATOR)), rows
    rows = {service: pools.enter_context(ThreadPoolExecutor(_ROWS_AT_ONCE)) for service in services}
    return pools.enter_context(ThreadPoolExecutor(_TYPES_AT_ONCE)), rows


def _settled(row: Live, declared: frozenset[str]) -> Live | None:
    """The row with what it left to be asked for: each property that cannot be read says so by itself.

    None where there turns out to be nothing any more. Of what AWS itself made only the facts are asked for.
    """
    properties: Any = row.properties
    if isinstance(properties, partial):
        properties = _asked(properties)
        if isinstance(properties, Unseen):
            return replace(row, properties={}, unseen=properties.reason)
        if properties is None:
            return None
    if row.key not in declared:
        known = replace(row, properties=_each(properties, FACTS))
        if exclusion(known):
            return replace(known, properties=_without_questions(known.properties))
    return replace(row, properties=_each(properties, properties))


def _each(properties: Mapping[str, Any], names: Container[str]) -> Mapping[str, Any]:
    """The properties, with those of `names` asked for."""
    return {n: _asked(v) if isinstance(v, partial) and n in names else v for n, v in properties.items()}


def _without_questions(properties: Any) -> Mapping[str, Any]:
    return {name: value for name, value in properties.items() if not isinstance(value, partial)}


def _asked(question: partial[Any]) -> Any:
    try:
        return question()
    except BROKEN as error:
        return Unseen(reason(error))
