"""Where findings about a stack are: the program's line, and a name that outlives a renamed component.

A URN holds the types of all parents, and programs often begin a child's name with that of its component. So
renaming a component changes `where` of everything in it. `Finding.identity` leaves both out, as long as it
stands for one resource of the stack only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hardening.checks import Finding
from scanners.policy.stack import Resource, Stack

# Stands for the name of the component in the name of its child.
_COMPONENT: Final = "~"


class Places:
    """The places of one stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._identities = dict(_identities(stack))

    def placed(self, finding: Finding) -> Finding:
        """The finding with its identity, and the `file:line` that declares its resource, where known."""
        urn, mark, path = finding.where.partition("#")
        resource = self._stack.get(urn)
        if resource is None:
            return finding
        identity = f"{self._identities[urn]}{mark}{path}"
        return replace(finding, source=self._source_of(resource), identity=identity)

    def _source_of(self, resource: Resource) -> str:
        """`file:line` of the resource, or of the nearest component around it that has one."""
        seen: Resource | None = resource
        while seen is not None:
            if seen.source:
                return seen.source
            seen = self._stack.get(seen.parent)
        return ""


def _identities(stack: Stack) -> Iterator[tuple[str, str]]:
    short = {resource.urn: _short(resource, stack) for resource in stack.resources}
    times = Counter(short.values())
    for urn, identity in short.items():
        yield urn, identity if times[identity] == 1 else urn


def _short(resource: Resource, stack: Stack) -> str:
    """The URN without parents' types, and the name without the component's name at its start."""
    head, _, _ = resource.urn.rpartition(f"::{resource.name}")
    parent = stack.get(resource.parent)
    name = resource.name
    if parent is not None and not parent.custom and name.startswith(f"{parent.name}-"):
        name = _COMPONENT + name.removeprefix(parent.name)
    owner = "::".join(head.split("::")[:2])
    return f"{owner}::{resource.type}::{name}"
