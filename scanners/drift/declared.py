"""The declared side: the stack, with the parts of each resource found by their owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from scanners.policy.stack import Resource, Stack

# Outputs by which other resources name a resource.
_NAMES: Final = ("arn", "name", "bucket", "url", "defaultRouteTableId")


@dataclass(frozen=True, slots=True)
class Declared:
    """A stack and the target's region, with an index of parts by the owner that they name."""

    stack: Stack
    region: str
    _by_link: dict[tuple[str, str], dict[str, list[Resource]]] = field(default_factory=dict)
    _regions: set[str] = field(default_factory=set)

    def region_of(self, resource: Resource) -> str:
        """The region that the stack says, else that of the target."""
        return self.stack.region_of(resource) or self.region

    def regions(self) -> frozenset[str]:
        """The regions in which the stack declares anything."""
        if not self._regions:
            self._regions.update({self.region, *map(self.region_of, self.stack.resources)})
        return frozenset(self._regions)

    def parts(self, owner: Resource, type_: str, link: str) -> tuple[Resource, ...]:
        """The resources of `type_` whose input `link` names `owner`, by dependency, id, ARN or name."""
        index = self._by_link.get((type_, link))
        if index is None:
            index = self._by_link[type_, link] = self._index(type_, link)
        found: dict[str, Resource] = {}
        for name in {owner.urn, owner.id, *_texts(owner.outputs.get(n) for n in _NAMES)}:
            for resource in index.get(name, ()) if name else ():
                found[resource.urn] = resource
        return tuple(found.values())

    def _index(self, type_: str, link: str) -> dict[str, list[Resource]]:
        index: dict[str, list[Resource]] = defaultdict(list)
        for resource in self.stack.of_type(type_):
            # By the id that the input holds; if it is unknown, by the dependency that the program declared.
            value = resource.inputs.get(link)
            names = [value] if isinstance(value, str) else resource.property_dependencies.get(link, ())
            for name in names:
                index[name].append(resource)
        return index


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value


def by(*names: str) -> Any:
    """A key function: the first known output or input of `names`, else the id."""

    def key(resource: Resource) -> str:
        for name in names:
            for source in (resource.outputs, resource.inputs):
                if isinstance(source.get(name), str) and source[name]:
                    return str(source[name])
        return resource.id

    return key


def account_of(stack: Stack) -> str:
    """The account id of 12 digits in the stack's ARNs, or an empty string."""
    for resource in stack.resources:
        arn = resource.outputs.get("arn")
        parts = arn.split(":") if isinstance(arn, str) else []
        if resource.custom and not resource.external and len(parts) > 4 and parts[4].isdigit():
            return parts[4]
    return ""


def with_policy(type_: str, link: str) -> Callable[[Declared, Resource], Mapping[str, Any]]:
    """A declare function: the inputs, and the policy of the `type_` whose input `link` names the owner."""

    def declare(declared: Declared, resource: Resource) -> Mapping[str, Any]:
        found = {**resource.inputs}
        for one in declared.parts(resource, type_, link):
            found["policy"] = one.inputs.get("policy")
        return found

    return declare


def block(value: Any, *path: str) -> Mapping[str, Any]:
    """The single nested block of `value`, or of the input at `path` in it; an empty one if it is absent."""
    found: Mapping[str, Any] = next(iter(blocks(value)), {})
    for name in path:
        found = next(iter(blocks(found.get(name))), {})
    return found


def blocks(value: Any) -> list[Mapping[str, Any]]:
    """Nested blocks as a list, whether Pulumi flattened a single one or not."""
    items = value if isinstance(value, list | tuple) else [value]
    return [item for item in items if isinstance(item, Mapping)]
