"""One weakening of a stack: one property of one resource changed, or the resource taken away."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from hardening.controls import Severity
from scanners.policy.stack import Resource, Stack

GONE: Final = object()  # the property, member or resource is taken away


@dataclass(frozen=True, slots=True)
class Weakening:
    """`path` leads through objects, lists and JSON texts; empty: the resource itself is taken away."""

    urn: str
    path: tuple[str, ...]
    value: Any
    severity: Severity
    label: str

    @property
    def name(self) -> str:
        """How survivors are listed: type, name, what was done."""
        kind, name = self.urn.split("::")[-2:]
        return f"{kind.rpartition('$')[2]} {name}: {self.label}"


def weakened(stack: Stack, one: Weakening) -> Stack:
    """The stack with one weakening, as a weakened program would declare it."""
    if not one.path:
        return replace(stack, resources=tuple(r for r in stack.resources if r.urn != one.urn))
    return replace(
        stack, resources=tuple(_changed(r, one) if r.urn == one.urn else r for r in stack.resources)
    )


def _changed(resource: Resource, one: Weakening) -> Resource:
    kept = {p: urns for p, urns in resource.property_dependencies.items() if p != one.path[0]}
    inputs = set_at(resource.inputs, one.path, one.value)
    gone = resource.inputs.keys() - inputs.keys()
    outputs = {name: inputs.get(name, value) for name, value in resource.outputs.items() if name not in gone}
    return replace(resource, inputs=inputs, outputs=outputs, property_dependencies=kept)


def set_at(value: Any, path: tuple[str, ...], new: Any) -> Any:
    """`value` with what is at `path` replaced. A text on the way is read and written as JSON."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, str):
        return json.dumps(set_at(json.loads(value), path, new))
    if isinstance(value, list | tuple):
        index = int(step)
        if not rest and new is GONE:
            return [item for i, item in enumerate(value) if i != index]
        return [set_at(item, rest, new) if i == index else item for i, item in enumerate(value)]
    members = dict(value or {})
    if not rest and new is GONE:
        members.pop(step, None)
        return members
    return {**members, step: set_at(members.get(step), rest, new)}


def places(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every place that a path means: `*` is each member. The last step need not exist."""
    if not path:
        yield ()
        return
    if isinstance(value, str) and value[:1] in "[{":
        value = json.loads(value)
    if path[0] == "*":
        members = value.keys() if isinstance(value, Mapping) else range(len(value or ()))
        for step in [str(member) for member in members]:
            for more in places(at(value, (step,)), path[1:]):
                yield (step, *more)
    elif len(path) == 1 and isinstance(value, Mapping):
        yield path
    elif (inner := at(value, path[:1])) is not None:
        for more in places(inner, path[1:]):
            yield (path[0], *more)


def at(value: Any, path: tuple[str, ...]) -> Any:
    """What is at `path`, or None."""
    for step in path:
        if isinstance(value, str):
            value = json.loads(value) if value[:1] in "[{" and value else None
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list | tuple):
            value = value[int(step)] if step.isdecimal() and int(step) < len(value) else None
        else:
            return None
    return value
