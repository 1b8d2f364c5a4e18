"""The field tables as msgspec types: the fast path from bytes to a checked value.

Two families are made of each table. `plain` leaves out the checks of characters: it is for bodies that
are seen, as bytes, to hold nothing but printable ASCII. `strict` has them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import GenericAlias
from typing import Annotated, Any, Literal

import msgspec

from hardening.ocpi.editions import attributes, edition
from hardening.ocpi.fields import LEAST_INT, MOST_INT, Edition, Field, least_of, most_of

_ABSENT = msgspec.UNSET


class Shape(StrEnum):
    """In what the object comes: alone, as a list, as a partial update, or as the `data` of a response."""

    OBJECT = "object"
    LIST = "list"
    PATCH = "patch"
    RESPONSE = "response"
    RESPONSE_LIST = "response-list"

    __hash__ = str.__hash__  # an enum's own is slow, and every message is looked up by its shape


@cache
def body_type(version: str, name: str, object_type: str, shape: Shape, strict: bool) -> Any:
    """The type to decode a body to."""
    return _body_type(edition(version, name), object_type, shape, strict)


@cache
def agreed_type(version: str, name: str, object_type: str, shape: Shape) -> Any:
    """The type of a body in which values stand by agreement (`leniencies`): what the diagnosis accepted.

    Enums are open, and texts of any length.
    """
    tables = edition(version, name)
    classes = {
        kind: {key: replace(one, limit=0) for key, one in fields.items()}
        for kind, fields in tables.classes.items()
    }
    enums = {kind: replace(one, open=True) for kind, one in tables.enums.items()}
    opened = replace(tables, name=f"{tables.name}, as agreed", classes=classes, enums=enums)
    return _body_type(opened, object_type, shape, False)


def _body_type(tables: Edition, object_type: str, shape: Shape, strict: bool) -> Any:
    if shape is Shape.PATCH:
        return _patch(tables, object_type, strict)
    one = _whole(tables, object_type, strict)
    if shape is Shape.OBJECT:
        return one
    if shape is Shape.LIST:
        return _list(one)
    data = one if shape is Shape.RESPONSE else _list(one)
    return msgspec.defstruct(
        "Response",
        [
            ("status_code", int),
            ("timestamp", datetime),
            ("status_message", _optional(_text("string", 0, tables, strict)), _ABSENT),
            ("data", _optional(data), _ABSENT),
        ],
        gc=False,
    )


@cache
def _classes(version: str, name: str, strict: bool) -> dict[str, Any]:  # noqa: ARG001  (the cache's key)
    return {}


def _whole(tables: Edition, kind: str, strict: bool) -> Any:
    """The type of a primitive, an enum or a class."""
    if tables.kind(kind) is not None:
        return _primitive(kind, 0, tables, strict)
    enum = tables.enums.get(kind)
    if enum is not None:
        if enum.open:
            return _text("CiString", 0, tables, strict)
        return Literal[enum.values]
    made = _classes(tables.version, tables.name, strict)
    if kind not in made:
        fields = tables.classes[kind]
        members = [_member(one, _field(one, tables, strict), one.required) for one in fields.values()]
        made[kind] = _struct(kind, kind, members, fields)
    return made[kind]


def _patch(tables: Edition, kind: str, strict: bool) -> Any:
    """The object with every field left to choice, but `last_updated` where the version asks for it."""
    fields = tables.classes[kind]
    asked = patch_requires(tables, kind)
    members = []
    for one in fields.values():
        of = _field(one, tables, strict)
        if one.required and one.name not in asked:
            members.append((one.attribute, of | _ABSENT_TYPE, _ABSENT))
        else:
            members.append(_member(one, of, one.name in asked))
    return _struct(f"{kind}Patch", kind, members, fields)


def patch_requires(tables: Edition, kind: str) -> frozenset[str]:
    """2.2 and later: any PATCH shall contain `last_updated` (2.2.1, 8.2.2.3 and others)."""
    if tables.version != "2.1.1" and "last_updated" in tables.classes[kind]:
        return frozenset({"last_updated"})
    return frozenset()


_ABSENT_TYPE = msgspec.UnsetType


def _member(one: Field, of: Any, required: bool) -> tuple[Any, ...]:
    return (one.attribute, of) if required else (one.attribute, _optional(of), _ABSENT)


def _optional(of: Any) -> Any:
    return of | None | _ABSENT_TYPE


def _struct(name: str, kind: str, members: list[Any], fields: Mapping[str, Field]) -> Any:
    """A struct that reads what only other editions have as absent, so one rule reads every version."""
    # In the order of the tables, which is that of most senders: msgspec is quickest so.
    renamed = {one.attribute: one.name for one in fields.values() if one.attribute != one.name}
    missing = attributes(kind) - {one.attribute for one in fields.values()}
    absent = dict.fromkeys(missing, _ABSENT)
    return msgspec.defstruct(name, members, gc=False, kw_only=True, rename=renamed or None, namespace=absent)


def _field(one: Field, tables: Edition, strict: bool) -> Any:
    if tables.kind(one.kind) is None:
        of = _whole(tables, one.kind, strict)
    else:
        of = _primitive(one.kind, one.limit, tables, strict)
    if not one.many:
        return of
    return _list(of, least=1) if one.required else _list(of)


def _list(of: Any, least: int = 0) -> Any:
    listed = GenericAlias(list, (of,))
    return _with(listed, msgspec.Meta(min_length=least)) if least else listed


def _with(of: Any, meta: msgspec.Meta) -> Any:
    made: Any = Annotated  # a variable, as the type is made at run time
    return made[of, meta]


def _primitive(name: str, limit: int, tables: Edition, strict: bool) -> Any:
    if name == "DateTime":
        return datetime
    if name == "boolean":
        return bool
    if name == "number":
        return _with(int, msgspec.Meta(ge=LEAST_INT, le=MOST_INT)) | float
    kind = tables.kind(name)
    if kind is not None and kind.json == "integer":
        return _with(int, msgspec.Meta(ge=least_of(kind, limit), le=most_of(kind, limit)))
    return _text(name, limit, tables, strict)


def _text(name: str, limit: int, tables: Edition, strict: bool) -> Any:
    kind = tables.kind(name)
    if kind is None:
        raise LookupError(name)
    limits: dict[str, Any] = {}
    if limit or kind.limit:
        limits["max_length"] = limit or kind.limit
    if strict or kind.rule != "characters":
        limits["pattern"] = python_pattern(kind.pattern)
    return _with(str, msgspec.Meta(**limits)) if limits else str


def python_pattern(pattern: str) -> str:
    r"""A pattern of the tables for `re.search`, where `$` would also match before a last newline."""
    return pattern.removesuffix("$") + r"\Z"
