"""Stacks of which little is known: before deployment, of unknowns only, or with nothing written.

`test_unverifiable` proves of every check that none of them is a pass that the full stack would not be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hardening.checks import Check
from scanners.policy.stack import UNKNOWN, Resource, Stack


def of_unknowns(stack: Stack) -> Stack:
    """The stack with no input known."""
    return _with_inputs(stack, lambda r: dict.fromkeys(r.inputs, UNKNOWN))


def with_nothing_written(stack: Stack) -> Stack:
    """The stack with no input at all."""
    return _with_inputs(stack, lambda r: {})


def hollow(check: Check[Stack]) -> tuple[Stack, ...]:
    """All of them, of a check's own cases."""
    bad = [made for case in check.bad.values() for made in (of_unknowns(case), with_nothing_written(case))]
    return (as_previewed(check.good), *bad, Stack("empty", "empty", ()))


def _with_inputs(stack: Stack, inputs: Any) -> Stack:
    return replace(stack, resources=tuple(replace(r, inputs=inputs(r)) for r in stack.resources))


def as_previewed(stack: Stack) -> Stack:
    """The stack before it is deployed: ids are unknown, and only dependencies tell what refers to what."""
    named = {name: r.urn for r in stack.resources for name in (r.id, r.outputs["arn"])}

    def hidden(value: Any) -> Any:
        if isinstance(value, str) and (value in named or any(f'"{name}"' in value for name in named)):
            return UNKNOWN
        if isinstance(value, Mapping):
            return {key: hidden(item) for key, item in value.items()}
        return [hidden(item) for item in value] if isinstance(value, list | tuple) else value

    def urns(value: Any) -> tuple[str, ...]:
        if isinstance(value, str):
            return (named[value],) if value in named else ()
        items = (
            value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
        )
        return tuple(urn for item in items for urn in urns(item))

    def previewed(r: Resource) -> Resource:
        dependencies = {name: found for name, value in r.inputs.items() if (found := urns(value))}
        inputs = {name: value if name == "tags" else hidden(value) for name, value in r.inputs.items()}
        return replace(r, id="", outputs={}, inputs=inputs, property_dependencies=dependencies)

    return replace(stack, resources=tuple(previewed(r) for r in stack.resources))
