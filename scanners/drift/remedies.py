"""What now: for each drift, how Pulumi puts it right or takes it in, and the AWS command that undoes it.

Texts for a person: the audit runs none of them. The commands stand in `commands.txt`.
"""

from __future__ import annotations

import functools
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from scanners.drift.declared import Declared
from scanners.drift.records import Change, Drift, Presence, ResourceReader, Unmanaged
from scanners.policy.stack import Resource

_FILE: Final = Path(__file__).with_name("commands.txt")
_DELETE: Final = "delete"
_OTHERS: Final = "*"

Remedies = tuple[str, ...]


@functools.cache
def commands() -> Mapping[str, Mapping[str, str]]:
    """Type -> property (`delete`, or `*` for all others) -> the AWS CLI command, without `aws`."""
    found: dict[str, dict[str, str]] = {}
    type_ = ""
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            properties, _, command = line.strip().partition(": ")
            found[type_].update(dict.fromkeys(properties.split(), command))
        elif line and not line.startswith("#"):
            type_ = line
            found[type_] = {}
    return found


def remedies(drift: Drift, declared: Declared, readers: tuple[ResourceReader, ...]) -> Mapping[str, Remedies]:
    """Where a finding is (as the checks write it) -> what can be done there."""
    by_type = {reader.type: reader for reader in readers}
    keys = {presence.urn: presence.key for presence in drift.presences}
    found: dict[str, Remedies] = {}
    for change in drift.changes:
        resource = declared.stack.get(change.urn)
        if resource is not None:
            where = f"{change.urn}#{change.property}"
            found[where] = tuple(
                _of_change(change, resource, keys[change.urn], declared, by_type[resource.type])
            )
    for presence in drift.presences:
        if not presence.found:
            found[presence.urn] = tuple(_of_deletion(presence))
    for one in drift.unmanaged:
        found[one.where] = tuple(_of_unmanaged(one))
    return found


def _of_change(
    change: Change, resource: Resource, key: str, declared: Declared, reader: ResourceReader
) -> Iterator[str]:
    """As declared again by Pulumi, the program as the account is, or as declared again by AWS's command."""
    name = change.property.partition(".")[0]
    if name in resource.ignore_changes:
        yield f"Pulumi leaves {name} as it is (ignoreChanges): only the AWS command undoes this"
    else:
        yield f"as declared again: pulumi up --refresh {_targets(change, resource, declared, reader)}"
        yield f"or keep it: write it into the program as {change.property}, then pulumi up --refresh"
    command = _command(
        resource.type, change.property, key, "" if reader.is_global else declared.region_of(resource)
    )
    if command:
        yield f"by hand: {command}"
    else:
        yield "by hand: no AWS command sets it back, since AWS fixes it when it makes the resource"


def _targets(change: Change, resource: Resource, declared: Declared, reader: ResourceReader) -> str:
    """The resource, and the resources of their own that Pulumi keeps this property in."""
    parts = (
        each.urn
        for part in reader.parts
        if part.field == change.property
        for each in declared.parts(resource, part.type, part.link)
    )
    urns = dict.fromkeys((change.urn, *parts))
    return " ".join(f"--target {shlex.quote(urn)}" for urn in urns)


def _of_deletion(presence: Presence) -> Iterator[str]:
    yield f"made again: pulumi up --refresh --target {shlex.quote(presence.urn)} --target-dependents"
    yield "or keep it: take it out of the program, then pulumi up --refresh"


def _of_unmanaged(one: Unmanaged) -> Iterator[str]:
    """Taken into the program, or deleted. Of a kind without a reader nobody here knows Pulumi's type."""
    if not one.type.startswith("aws:"):
        yield f"keep it: write it into the program, then pulumi import by Pulumi's type for {one.type}"
        return
    name = "".join(c if c.isalnum() else "-" for c in one.key.rsplit("/", 1)[-1]).strip("-") or "found"
    yield f"keep it: pulumi import {one.type} {name} {shlex.quote(one.key)}, and the code that it prints"
    command = _command(one.type, _DELETE, one.key, one.region)
    if command:
        yield f"or delete it: {command}"


def _command(type_: str, prop: str, key: str, region: str) -> str:
    """The AWS CLI command with the resource's name, or an empty text."""
    of_type = commands().get(type_) or {}
    found = of_type.get(prop) or (of_type.get(_OTHERS) if prop != _DELETE else None)
    if not found:
        return ""
    there = f" --region {region}" if region else ""
    return f"aws {found.replace('{}', shlex.quote(key))}{there}"
