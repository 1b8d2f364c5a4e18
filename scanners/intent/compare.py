"""Holds the intended stack against the declared one. Pure: it reads nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from scanners.drift.compare import change
from scanners.drift.normalize import dump, exact, holds
from scanners.drift.records import Field
from scanners.intent.providers import PROVIDER, known_by, settings
from scanners.intent.records import Compared, Difference, Intent, Replaced, Undecided, Unsettled
from scanners.intent.serving import concern_of, control_of, field_of
from scanners.policy.stack import SECRET, UNKNOWN, Resource, Stack

_ROOT: Final = "pulumi:pulumi:Stack"
# What a resource's state holds beside its inputs, shown as properties of it.
_PROTECT, _PROVIDED_BY, _OUTPUTS, _IGNORED = "(protect)", "(provider)", "(outputs)", "(ignoreChanges)"
_TYPE, _PARENT, _RETAINED, _READ = "(type)", "(parent)", "(retainOnDelete)", "(external)"
_COMPONENT = "(component)"


@dataclass(slots=True)
class _Results:
    """The results so far, resource by resource."""

    compared: list[Compared] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)


def compare(intended: Stack, declared: Stack) -> Intent:
    """What is deployed otherwise than today's program says: changed, missing, extra or replaced."""
    results = _Results()
    ours = {known_by(r.urn): r for r in intended.resources}
    present = [r for r in declared.resources if known_by(r.urn) in ours]
    for resource in present:
        _compare_resource(ours[known_by(resource.urn)], resource, results)
    there = {known_by(r.urn) for r in present}
    missing = [r for name, r in ours.items() if name not in there]
    extra = [r for r in declared.resources if known_by(r.urn) not in ours]
    replaced = tuple(_replaced(missing, extra))
    moved = {urn for each in replaced for urn in (each.intended, each.declared)}
    return Intent(
        compared=tuple(results.compared),
        differences=tuple(results.differences),
        undecided=tuple(results.undecided),
        present=tuple(r.urn for r in present),
        missing=tuple(r.urn for r in missing if r.urn not in moved),
        extra=tuple(r.urn for r in extra if r.urn not in moved),
        replaced=replaced,
        secrets=tuple(results.secrets),
        unsettled=tuple(Unsettled(urn, reason) for urn, reason in declared.unsettled().items()),
    )


def _replaced(missing: list[Resource], extra: list[Resource]) -> Iterator[Replaced]:
    """Pairs of the same name, and the same type or the same parent: one resource that was made anew."""
    free = {r.urn: r for r in extra}
    for resource in missing:
        for other in free.values():
            if resource.name == other.name and (
                resource.type == other.type or resource.parent == other.parent
            ):
                yield Replaced(resource.urn, other.urn)
                del free[other.urn]
                break


def _compare_resource(intended: Resource, declared: Resource, results: _Results) -> None:
    ours, theirs = _properties(intended), _properties(declared)
    # What the program tells the engine to leave is not the program's: the state keeps what it had at first.
    for name in intended.ignore_changes:
        ours.pop(name, None)
        theirs.pop(name, None)
    compared: dict[str, list[str]] = defaultdict(list)
    for name in sorted({*ours, *theirs}):
        control = control_of(intended.type, name)
        mine, other = exact(ours.get(name)), exact(theirs.get(name))
        where = f"{declared.urn}#{name}"
        if mine is SECRET and other is SECRET:
            results.secrets.append(where)
        elif _holds_unknown(mine):
            reason = "it depends on what is not deployed, or on what AWS was not asked"
            results.undecided.append(Undecided(declared.urn, name, control, reason))
        elif _same(mine, other):
            compared[control].append(name)
        else:
            compared[control].append(name)
            path, mine, other = _narrowed(name, mine, other)
            results.differences.append(_difference(declared, path, control, (mine, other)))
    results.compared.extend(
        Compared(declared.urn, control, tuple(names)) for control, names in compared.items()
    )


def _properties(resource: Resource) -> dict[str, Any]:
    """What the program decides of a resource: inputs, place, protection, provider, exports."""
    own = settings(resource) if resource.type.startswith(PROVIDER) else resource.inputs
    found = {**own, _TYPE: resource.type, _PARENT: resource.parent or None}
    # Each of these takes a resource out of the eyes of the checks, or of the engine.
    marks = {_RETAINED: resource.retain_on_delete, _READ: resource.external, _COMPONENT: not resource.custom}
    found |= {name: True for name, marked in marks.items() if marked}
    if resource.ignore_changes:
        found[_IGNORED] = sorted(resource.ignore_changes)
    if resource.protect:
        found[_PROTECT] = True
    if resource.provider:
        found[_PROVIDED_BY] = known_by(resource.provider.rpartition("::")[0])
    if resource.type == _ROOT:
        found[_OUTPUTS] = resource.outputs
    return {name: value for name, value in found.items() if value is not None}


def _same(ours: Any, theirs: Any) -> bool:
    """Whether both are equal: by type too (`true` is not 1), and no text is the marker that it spells."""
    return dump(ours) == dump(theirs) and bool(ours == theirs)


def _holds_unknown(value: Any) -> bool:
    return holds(value, UNKNOWN)


def _narrowed(path: str, ours: Any, theirs: Any) -> tuple[str, Any, Any]:
    """The innermost path that holds all that differs, and both values there."""
    while True:
        steps = list(_steps(path, ours, theirs))
        if len(steps) != 1:
            return path, ours, theirs
        path, ours, theirs = steps[0]


def _steps(path: str, ours: Any, theirs: Any) -> Iterator[tuple[str, Any, Any]]:
    """Each part of two values that differs: its path, and both values."""
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for name in sorted({*ours, *theirs}):
            if not _same(ours.get(name), theirs.get(name)):
                yield f"{path}.{name}", ours.get(name), theirs.get(name)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
            if not _same(mine, other):
                yield f"{path}[{number}]", mine, other


def _difference(resource: Resource, path: str, control: str, values: tuple[Any, Any]) -> Difference:
    ours, theirs = values
    top = path.split(".")[0].split("[")[0]
    known = field_of(resource.type, top) or Field(path, concern_of(resource.type, top), exact)
    # Drift's texts, on the values as they were written. Beside a secret nothing is shown: it may be one too.
    sealed = known.sealed or holds(ours, SECRET) or holds(theirs, SECRET)
    found = change(replace(known, normalize=exact, sealed=sealed), resource.urn, theirs, ours)
    if found is None:  # a text that spells the marker of a secret
        return Difference(resource.urn, path, control, "a secret", "a text in clear")
    return Difference(resource.urn, path, control, found.live, found.declared)
