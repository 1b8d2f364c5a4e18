"""The mapping from Pulumi's property names and shapes to the parameters of an AWS operation.

AWS's own service model (botocore) says what the operation takes. Names are compared without case, a
plural finds its singular and the other way round, and a single value becomes a list where AWS wants
one. A property without a parameter is an error: nothing that was declared is silently left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import botocore
from botocore.model import Shape


class UnmappedParameter(Exception):
    """A property that the operation has no parameter for."""


# Set when boto3 is older than the program, as beside checkov's own pins: it does not know all parameters.
OUTDATED: Final = tuple(int(part) for part in botocore.__version__.split(".")[:2]) < (1, 44)


@dataclass(frozen=True, slots=True)
class ParameterMapping:
    """How names are found: `renames` is a property, or the dotted path of one, to the parameter's name.

    With `tolerant`, what has no parameter is noted in `unknown` instead of being an error.
    """

    renames: Mapping[str, str]
    tolerant: bool = OUTDATED
    unknown: list[str] = field(default_factory=list)


def parameters(shape: Shape, values: Mapping[str, Any], mapping: ParameterMapping) -> dict[str, Any]:
    """The operation's parameters for `values` (camelCase). Raises UnmappedParameter."""
    return _structure(shape, values, mapping, "")


def _parameter(shape: Shape, value: Any, mapping: ParameterMapping, path: str) -> Any:
    kind = shape.type_name
    if kind == "structure":
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, Mapping):
            raise UnmappedParameter(f"{path}: expected an object")
        return _structure(shape, value, mapping, path)
    if kind == "list":
        items = value if isinstance(value, list) else [value]
        return [_parameter(shape.member, item, mapping, path) for item in items]
    if kind == "map":
        if not isinstance(value, Mapping):
            raise UnmappedParameter(f"{path}: expected a mapping")
        return {key: _parameter(shape.value, item, mapping, path) for key, item in value.items()}
    return _scalar(kind, value)


def _scalar(kind: str, value: Any) -> Any:
    if kind == "boolean" and isinstance(value, str):
        return value.lower() == "true"
    if kind in ("integer", "long") and isinstance(value, str):
        return int(value)
    if kind in ("float", "double") and isinstance(value, str):
        return float(value)
    if kind == "string" and isinstance(value, bool):
        return str(value).lower()
    if kind == "string" and isinstance(value, int | float):
        return str(value)
    if kind == "blob" and isinstance(value, str):
        return value.encode()
    return value


def _structure(
    shape: Shape, values: Mapping[str, Any], mapping: ParameterMapping, path: str
) -> dict[str, Any]:
    mapped = {}
    for key, value in values.items():
        if value is None:
            continue
        here = f"{path}.{key}" if path else key
        member = _member(shape, mapping.renames.get(here) or mapping.renames.get(key) or key)
        if member is None and mapping.tolerant:
            mapping.unknown.append(here)
            continue
        if member is None:
            raise UnmappedParameter(
                f"{here}: {shape.name} has no such parameter ({', '.join(shape.members)})"
            )
        mapped[member] = _tags(shape.members[member], value, mapping, here)
    return mapped


def _tags(shape: Shape, value: Any, mapping: ParameterMapping, path: str) -> Any:
    """A map of tags becomes the list of pairs that most services want."""
    if shape.type_name == "list" and isinstance(value, Mapping) and path.split(".")[-1] == "tags":
        names = list(shape.member.members)
        key = next(name for name in names if "key" in name.lower())
        content = next(name for name in names if "value" in name.lower())
        return [{key: tag, content: text} for tag, text in sorted(value.items())]
    return _parameter(shape, value, mapping, path)


def _member(shape: Shape, name: str) -> str | None:
    folded: dict[str, str] = {member.lower(): member for member in shape.members}
    for candidate in _spellings(name.lower()):
        if candidate in folded:
            return folded[candidate]
    return None


def _spellings(name: str) -> tuple[str, ...]:
    singular = name[:-3] + "y" if name.endswith("ies") else name.removesuffix("s")
    plural = name[:-1] + "ies" if name.endswith("y") else name + "s"
    return (name, singular, plural)
