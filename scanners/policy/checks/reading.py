"""Strict reading of a resource's declared properties, for checks.

Only inputs count: a property that is not written is None, whatever the provider's default may be. A
value that is needed and is unknown or secret raises `Unverifiable`, and the check gives `error`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network
from typing import Any, Final

from hardening.checks import Unverifiable, Verdicts
from hardening.unambiguous_json import read_json
from scanners.policy.stack import SECRET, UNKNOWN, Resource, Stack


def read(resource: Resource, path: str) -> Any:
    """The input at `path` (`a.b.0.c`), or None where it is not written. Raises Unverifiable."""
    value: Any = resource.inputs
    for step in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list | tuple) and step.isdecimal():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
        if value is UNKNOWN or value is SECRET:
            raise Unverifiable(f"{resource.urn}#{path}", f"{path} is {value!r}")
    return value


def items(resource: Resource, path: str) -> list[Any]:
    """The list at `path`, empty where it is not written. Raises Unverifiable."""
    value = read(resource, path)
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise Unverifiable(f"{resource.urn}#{path}", f"{path} is not a list")
    for item in value:
        if item is UNKNOWN or item is SECRET:
            raise Unverifiable(f"{resource.urn}#{path}", f"{path} has an entry that is {item!r}")
    return list(value)


def number(resource: Resource, path: str) -> float | None:
    """The number at `path` (the state may hold it as text), or None. Raises Unverifiable."""
    value = read(resource, path)
    if value is None or isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise Unverifiable(f"{resource.urn}#{path}", f"{path} is not a number") from None


def document(resource: Resource, path: str) -> Mapping[str, Any] | None:
    """The JSON object at `path`, given as text or as an object, or None. Raises Unverifiable."""
    value = _parsed(resource, path)
    if value is None or isinstance(value, Mapping):
        return value
    raise Unverifiable(f"{resource.urn}#{path}", f"{path} is not a JSON object")


def containers(task: Resource) -> list[Mapping[str, Any]]:
    """The containers of an ECS task definition. Raises Unverifiable."""
    value = _parsed(task, "containerDefinitions")
    if not isinstance(value, list) or not value:
        raise Unverifiable(f"{task.urn}#containerDefinitions", "no container is written")
    return value


def tag(resource: Resource, name: str) -> str:
    """The value of a tag, or an empty string. Raises Unverifiable."""
    tags = read(resource, "tags") or {}
    value = tags.get(name) or ""
    if value is UNKNOWN or value is SECRET:
        raise Unverifiable(f"{resource.urn}#tags", f"tag {name} is {value!r}")
    return str(value)


def points_at(resource: Resource, name: str, target: Resource) -> bool:
    """Whether the property `name` refers to `target`: by dependency, or by its id, ARN or name."""
    if target.urn in (resource.property_dependencies.get(name.split(".", 1)[0]) or ()):
        return True
    known = {target.id, target.outputs.get("arn"), target.outputs.get("name")} - {"", None}
    return any(text in known for text in strings(resource.inputs.get(name)))


def strings(value: Any) -> Iterator[str]:
    """Every string in a nested value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)


def attached(stack: Stack, target: Resource, kind: str, name: str) -> list[Resource]:
    """The resources of type `kind` whose property `name` refers to `target`."""
    return [resource for resource in stack.of_type(kind) if points_at(resource, name, target)]


def verdict(where: str, holds: bool, problem: str) -> tuple[str, str | None]:
    """A pass where it holds, else the problem."""
    return where, None if holds else problem


def must_be(resources: Iterable[Resource], path: str, *accepted: Any) -> Verdicts:
    """One verdict for each resource: the value at `path` is written, and is one of `accepted`."""
    for resource in resources:
        value = read(resource, path)
        wanted = " or ".join(json.dumps(value) for value in accepted)
        yield verdict(f"{resource.urn}#{path}", value in accepted, f"{path} is not written as {wanted}")


def is_open(cidr: str) -> bool:
    """Whether a CIDR admits a large part of the world: everything wider than a /8 (IPv6: than a /32)."""
    network = ip_network(cidr, strict=False)
    return network.prefixlen < (8 if network.version == 4 else 32)


# What networks admit together: one sixteenth of the addresses of IPv4, and as many /32 of IPv6 as 16.
_MOST_TOGETHER: Final = {4: 1 << 28, 6: 1 << 100}


def are_open(cidrs: Iterable[str]) -> bool:
    """Whether networks admit a large part of the world: one of them, or many small ones together."""
    named = list(cidrs)
    networks = {ip_network(cidr, strict=False) for cidr in named}
    together = {v: sum(n.num_addresses for n in networks if n.version == v) for v in _MOST_TOGETHER}
    return any(map(is_open, named)) or any(together[v] >= most for v, most in _MOST_TOGETHER.items())


def _parsed(resource: Resource, path: str) -> Any:
    value = read(resource, path)
    if not isinstance(value, str):
        return value
    try:
        return read_json(value)
    except ValueError:
        raise Unverifiable(f"{resource.urn}#{path}", f"{path} is not JSON, or says a name twice") from None
