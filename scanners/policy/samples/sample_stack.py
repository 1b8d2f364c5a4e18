"""Small literal stacks for the checks: one hardened stack, and ways to weaken one property of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from scanners.policy.stack import Resource, Stack

# Given to `weaken` in place of a value: the property is not written at all.
ABSENT: Final = object()


def aws(kind: str, name: str, /, **inputs: Any) -> Resource:
    """A resource of type `aws:<kind>` whose id is its name and whose ARN is `arn:<name>`."""
    return Resource(
        urn=f"urn:pulumi:production::rampart::aws:{kind}::{name}",
        type=f"aws:{kind}",
        name=name,
        id=name,
        inputs=inputs,
        outputs={"arn": f"arn:{name}"},
    )


def after(resource: Resource, *names: str) -> Resource:
    """`resource`, made after the resources `names` (`type::name`, without `aws:`)."""
    return replace(resource, dependencies=tuple(f"urn:pulumi:production::rampart::aws:{n}" for n in names))


def retained(resource: Resource) -> Resource:
    """`resource`, which outlives its stack (Pulumi's option `retainOnDelete`)."""
    return replace(resource, retain_on_delete=True)


def protected(resource: Resource) -> Resource:
    """`resource`, which its stack must be told first to delete (Pulumi's option `protect`)."""
    return replace(resource, protect=True)


# Its ARN says in which account the stack is, as the ARNs of a deployed stack do.
_OF_ACCOUNT: Final = replace(
    aws(
        "resourcegroups/group:Group",
        "everything",
        name="everything",
        resourceQuery={"query": '{"ResourceTypeFilters": ["AWS::AllSupported"], "TagFilters": []}'},
    ),
    outputs={"arn": "arn:aws:resource-groups:eu-central-1:111122223333:group/everything"},
)


def waiting(resource: Resource, *others: Resource) -> Resource:
    """`resource`, created after `others`."""
    return replace(resource, dependencies=tuple(other.urn for other in others))


def at_once(stack: Stack, name: str) -> Stack:
    """`stack` in which the resource called `name` waits for no other."""
    return replace(stack, resources=tuple(waiting(r) if r.name == name else r for r in stack.resources))


def stack(*resources: Resource) -> Stack:
    """A stack of `resources`, in account 111122223333."""
    others = tuple(resource for resource in resources if resource is not _OF_ACCOUNT)
    return Stack("production", "rampart", (*others, _OF_ACCOUNT))


def weaken(stack: Stack, name: str, path: str, value: Any) -> Stack:
    """`stack` with one property (`a.b.0.c`) of the resource called `name` changed to `value`."""
    if all(resource.name != name for resource in stack.resources):
        raise LookupError(f"no resource {name!r}")
    return replace(
        stack,
        resources=tuple(
            replace(r, inputs=_changed(r.inputs, path.split("."), value)) if r.name == name else r
            for r in stack.resources
        ),
    )


def without(stack: Stack, *names: str) -> Stack:
    """`stack` without the resources called `names`."""
    missing = set(names) - {resource.name for resource in stack.resources}
    if missing:
        raise LookupError(f"no resource {sorted(missing)}")
    return replace(stack, resources=tuple(r for r in stack.resources if r.name not in names))


def plus(stack: Stack, *resources: Resource) -> Stack:
    """`stack` with `resources` added."""
    return replace(stack, resources=stack.resources + resources)


def _changed(value: Any, steps: list[str], new: Any) -> Any:
    if not steps:
        return new
    step, rest = steps[0], steps[1:]
    if isinstance(value, list | tuple):
        index = int(step)
        return [_changed(item, rest, new) if i == index else item for i, item in enumerate(value)]
    if not isinstance(value, Mapping):
        raise LookupError(f"nothing at {step!r}")
    if not rest and new is ABSENT:
        return {key: item for key, item in value.items() if key != step}
    return {**value, step: _changed(value.get(step, {}), rest, new)}
