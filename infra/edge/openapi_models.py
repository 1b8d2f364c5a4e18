"""Body models as API Gateway takes them: what OCPI requires of a body, and nothing that it leaves open.

API Gateway reads `nullable` and lists of types wrongly when it imports OpenAPI, and knows no `anyOf`
(Developer Guide, "Amazon API Gateway important notes": models are JSON Schema draft 4, with exceptions).
In OCPI an optional field may be null. The edge must not refuse what OCPI allows, so it does not look at
optional fields; the guard, which has the whole schema, judges them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hardening.ocpi.schema import json_schema

_DRAFT = "draft-4"
_KEPT = ("enum", "maxLength", "maximum", "minLength", "minimum", "pattern", "type")


def body_models(version: str, object_type: str, partial: bool, name: str) -> dict[str, dict[str, Any]]:
    """The model `name` for a body, and those that it refers to, as `components/schemas` of OpenAPI 3.0.

    A `partial` body is that of a PATCH.
    """
    shape = "patch" if partial else "object"
    schema = json_schema(version, "", object_type, shape=shape, draft=_DRAFT)
    definitions: Mapping[str, Any] = schema.get("definitions", {})
    found: dict[str, dict[str, Any]] = {}
    _add(name, schema, definitions, found)
    return found


def _add(
    name: str, schema: Mapping[str, Any], definitions: Mapping[str, Any], found: dict[str, dict[str, Any]]
) -> None:
    if name in found:
        return
    found[name] = {}
    found[name] = _model(name, schema, definitions, found)


def _model(
    owner: str, schema: Mapping[str, Any], definitions: Mapping[str, Any], found: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    if "$ref" in schema:
        kind = schema["$ref"].rsplit("/", 1)[1]
        # API Gateway's model names are letters and digits.
        name = f"{owner}Of{kind}"
        _add(name, definitions[kind], definitions, found)
        return {"$ref": f"#/components/schemas/{name}"}
    model = {key: schema[key] for key in _KEPT if key in schema}
    if "items" in schema:
        model["items"] = _model(owner, schema["items"], definitions, found)
    required = schema.get("required", [])
    if required:
        model["required"] = list(required)
        properties = schema["properties"]
        model["properties"] = {one: _model(owner, properties[one], definitions, found) for one in required}
    return model
