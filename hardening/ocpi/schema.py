"""JSON Schema of an object, from the same tables: 2020-12, or the draft-4 subset of API Gateway models.

A schema cannot say all that the validator checks: names given twice, and what `Structure` calls bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hardening.errors import ConfigError
from hardening.ocpi.diagnosis import RESPONSE
from hardening.ocpi.editions import edition as edition_of
from hardening.ocpi.fields import Edition, Field, least_of, most_of
from hardening.ocpi.structs import Shape, patch_requires

DRAFTS: Mapping[str, tuple[str, str]] = {
    "2020-12": ("https://json-schema.org/draft/2020-12/schema", "$defs"),
    "draft-4": ("http://json-schema.org/draft-04/schema#", "definitions"),
}

# RFC 3339 in UTC with every day that a calendar has (types chapter; 2.2.1: 16.2).
_DAY = (
    "([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    "|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])"
    "|([02468][048]|[13579][26])00)-02-29)"
)
DATE_TIME = f"^{_DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?Z?$"


def json_schema(
    version: str,
    edition: str,
    object_type: str,
    draft: str = "2020-12",
    shape: str = Shape.OBJECT,
) -> dict[str, Any]:
    """The schema of a body. Raises ConfigError for an edition, object or draft that does not exist."""
    tables = edition_of(version, edition)
    if draft not in DRAFTS:
        raise ConfigError(f"no draft {draft!r}", f"one of {', '.join(DRAFTS)}")
    if object_type not in tables.classes and object_type not in tables.enums:
        raise ConfigError(f"OCPI {version} ({tables.name}) has no object {object_type!r}")
    dialect, folder = DRAFTS[draft]
    parts = _Parts(tables, f"#/{folder}/")
    schema = parts.body(object_type, Shape(shape))
    found: dict[str, Any] = {"$schema": dialect, "title": f"OCPI {version} {object_type}", **schema}
    if parts.classes:
        found[folder] = dict(sorted(parts.classes.items()))
    return found


class _Parts:
    """The definitions that a schema needs, gathered while it is written."""

    def __init__(self, tables: Edition, prefix: str) -> None:
        self.tables = tables
        self.prefix = prefix
        self.classes: dict[str, Any] = {}

    def body(self, object_type: str, shape: Shape) -> dict[str, Any]:
        if shape is Shape.PATCH:
            asked = patch_requires(self.tables, object_type)
            return self.object(self.tables.classes[object_type], lambda one: one.name in asked)
        if shape is Shape.OBJECT:
            if object_type in self.tables.classes:
                return self.object(self.tables.classes[object_type])
            return self.one(object_type, 0)
        if shape is Shape.LIST:
            return {"type": "array", "items": self.one(object_type, 0)}
        return self.response(object_type, shape)

    def response(self, object_type: str, shape: Shape) -> dict[str, Any]:
        """`data` is only looked at where the request went well (2.2.1: 4.1.7)."""
        of = self.one(object_type, 0)
        data = of if shape is Shape.RESPONSE else {"type": "array", "items": of}
        envelope = self.object(RESPONSE)
        failed = {"properties": {"status_code": {"minimum": 2000}}, "required": ["status_code"]}
        return {**envelope, "anyOf": [failed, {"properties": {"data": _or_null(data)}}]}

    def object(self, fields: Mapping[str, Field], asked: Any = None) -> dict[str, Any]:
        required = [one.name for one in fields.values() if (asked(one) if asked else one.required)]
        found: dict[str, Any] = {
            "type": "object",
            "properties": {one.name: self.field(one) for one in fields.values()},
        }
        if required:
            found["required"] = required
        return found

    def field(self, one: Field) -> dict[str, Any]:
        of = self.one(one.kind, one.limit)
        if one.many:
            of = {"type": "array", "items": of}
            if one.required:
                of["minItems"] = 1
        return of if one.required else _or_null(of)

    def one(self, name: str, limit: int) -> dict[str, Any]:
        enum = self.tables.enums.get(name)
        if enum is not None and not enum.open:
            return {"type": "string", "enum": list(enum.values)}
        kind = self.tables.kind("CiString" if enum is not None else name)
        if kind is None:
            if name not in self.classes:
                self.classes[name] = {}
                self.classes[name] = self.object(self.tables.classes[name])
            return {"$ref": self.prefix + name}
        found: dict[str, Any] = {"type": kind.json}
        if kind.json == "string":
            if limit or kind.limit:
                found["maxLength"] = limit or kind.limit
            found["pattern"] = kind.pattern or DATE_TIME
        if kind.json == "integer" and (kind.most or limit):
            found |= {"minimum": least_of(kind, limit), "maximum": most_of(kind, limit)}
        return found


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """null is the same as nothing where a field may be absent (transport chapter, 4.1.4)."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    if "enum" in schema:
        return {**schema, "type": [schema["type"], "null"], "enum": [*schema["enum"], None]}
    return {**schema, "type": [schema["type"], "null"]}
