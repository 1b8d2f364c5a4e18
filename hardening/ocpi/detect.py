"""Which object a body holds, and in what shape, by the names in it."""

from __future__ import annotations

from typing import Any

import msgspec

from hardening.errors import ConfigError
from hardening.ocpi.editions import edition as edition_of
from hardening.ocpi.editions import objects
from hardening.ocpi.structs import Shape, patch_requires

# Objects that are updated in part, and what then stands in the URL instead.
_PATCHED = ("Location", "EVSE", "Connector", "Session", "Token")
_NAMED_BY_URL = frozenset({"country_code", "party_id", "id", "uid"})
_TIME = "last_updated"
# Below this share of shared names, no object is close enough.
_LEAST_LIKENESS = 0.5


def object_in(value: Any, version: str, edition: str) -> str:
    """The object of `edition` whose fields are most like the names of `value`; empty: none is like it."""
    if not isinstance(value, dict) or not value:
        return ""
    tables = edition_of(version, edition)
    best, most = "", 0.0
    for name in objects(version, tables.name):
        fields = tables.classes.get(name, {})
        required = {one.name for one in fields.values() if one.required}
        shared = len(value.keys() & fields.keys())
        likeness = shared / len(value.keys() | required)
        if likeness > most:
            best, most = name, likeness
    return best if most >= _LEAST_LIKENESS else ""


def shape_of(value: Any) -> Shape:
    """Object, list or response: an object with a status code and a timestamp is a response."""
    if isinstance(value, list):
        return Shape.LIST
    if isinstance(value, dict) and "status_code" in value and "timestamp" in value:
        return Shape.RESPONSE_LIST if isinstance(value.get("data"), list) else Shape.RESPONSE
    return Shape.OBJECT


def patches_in(value: Any, version: str, edition: str) -> tuple[str, ...]:
    """The objects that `value` may be a PATCH of: it lacks what a URL names, and most of what an object has.

    All of its names are known, and from 2.2 on one is `last_updated` (2.2.1, 8.2.2.3 and others).
    """
    if not isinstance(value, dict) or value.keys() & _NAMED_BY_URL:
        return ()
    tables = edition_of(version, edition)
    found = []
    for name in _PATCHED:
        fields = tables.classes[name]
        needed = {one.name for one in fields.values() if one.required} - _NAMED_BY_URL - {_TIME}
        few = 2 * len(needed & value.keys()) <= len(needed)
        if few and value.keys() <= fields.keys() and patch_requires(tables, name) <= value.keys():
            found.append(name)
    return tuple(found)


def kind_of(body: bytes, version: str, edition: str, object_type: str, shape: str) -> tuple[str, Shape]:
    """Object and shape of `body`; `auto` for either asks to find out.

    Raises ConfigError where the object is not recognised. A body that is no JSON is called a `CDR`: it is
    about to be refused whatever it was meant to be.
    """
    if object_type != "auto" and shape != "auto":
        return object_type, Shape(shape)
    try:
        value = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return ("CDR" if object_type == "auto" else object_type), Shape.OBJECT
    form = shape_of(value) if shape == "auto" else Shape(shape)
    patches = patches_in(value, version, edition) if form is Shape.OBJECT and shape == "auto" else ()
    if object_type in patches or (object_type == "auto" and len(patches) == 1):
        return patches[0] if object_type == "auto" else object_type, Shape.PATCH
    if object_type != "auto":
        return object_type, form
    if len(patches) > 1:
        raise ConfigError(f"a PATCH of {' or '.join(patches)}", "name it with --object")
    inner = value.get("data") if form in (Shape.RESPONSE, Shape.RESPONSE_LIST) else value
    if isinstance(inner, list):
        inner = inner[0] if inner else None
    found = object_in(inner, version, edition)
    if not found:
        raise ConfigError(
            "cannot tell which OCPI object this is",
            f"name it with --object: {', '.join(objects(version, edition))}",
        )
    return found, form
