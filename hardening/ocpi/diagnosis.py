"""The diagnosis: every problem of a body, each with its JSON pointer, by a walk along the tables.

It is asked when the fast path (`structs`) does not accept, and it decides.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from math import isfinite
from typing import Any

from hardening.ocpi import bounds
from hardening.ocpi.fields import Edition, Field, Kind, least_of, most_of
from hardening.ocpi.i_json import parsed
from hardening.ocpi.leniencies import may_be_unknown, stand_in
from hardening.ocpi.problems import MOST_PROBLEMS, Problem, Structure, shown
from hardening.ocpi.structs import Shape, patch_requires, python_pattern

# Types chapter (2.2.1: 16.2): string(25), UTC, `Z` or nothing, fractions allowed.
_DATE_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z?")


class _TooMany(Exception):
    """Enough problems were found."""


def problems_of(
    body: bytes, tables: Edition, object_type: str, shape: Shape, agreed: Collection[str] = ()
) -> list[Problem]:
    """Every problem of `body` (at most `MOST_PROBLEMS`); empty: it is as the edition wants it.

    `agreed` names the leniencies by which a value may stand as it is (`leniencies`).
    """
    fault = bounds.broken(body)
    if fault is not None:
        return [fault]
    value, found = parsed(body)
    if found:
        return found
    walk = _Walk(tables, agreed)
    with contextlib.suppress(_TooMany):
        walk.body(value, object_type, shape)
    return walk.found[:MOST_PROBLEMS]


class _Walk:
    """One pass over a value along the tables."""

    def __init__(self, tables: Edition, agreed: Collection[str]) -> None:
        self.tables = tables
        self.agreed = agreed
        self.found: list[Problem] = []

    def body(self, value: Any, object_type: str, shape: Shape) -> None:
        if shape is Shape.OBJECT:
            self.one(value, object_type, 0, "", "")
        elif shape is Shape.PATCH:
            self.patch(value, object_type)
        elif shape is Shape.LIST:
            self.many(value, object_type, 0, "", "")
        else:
            self.response(value, object_type, shape)

    def add(self, pointer: str, rule: str, expected: str, value: str = "") -> None:
        self.found.append(Problem(pointer, rule, expected, value))
        if len(self.found) >= MOST_PROBLEMS:
            raise _TooMany

    def response(self, value: Any, object_type: str, shape: Shape) -> None:
        """Transport chapter, response format (2.2.1: 4.1.7)."""
        if not isinstance(value, dict):
            self.add("", Structure.TYPE, "an object", shown(value))
            return
        for one in RESPONSE.values():
            self.field(value, one, "")
        code = value.get("status_code")
        if isinstance(code, int) and code >= 2000:
            return  # of a request that failed, `data` may be anything (4.1.7)
        data = value.get("data")
        if data is not None and shape is Shape.RESPONSE:
            self.one(data, object_type, 0, "/data", "")
        elif data is not None:
            self.many(data, object_type, 0, "/data", "")

    def patch(self, value: Any, object_type: str) -> None:
        if not isinstance(value, dict):
            self.add("", Structure.TYPE, "an object", shown(value))
            return
        asked = patch_requires(self.tables, object_type)
        for one in self.tables.classes[object_type].values():
            if one.name in asked or one.name in value:
                self.field(value, one, "")

    def members(self, value: Any, fields: Mapping[str, Field], pointer: str) -> None:
        if not isinstance(value, dict):
            self.add(pointer, Structure.TYPE, "an object", shown(value))
            return
        for one in fields.values():
            self.field(value, one, pointer)

    def field(self, value: Mapping[str, Any], one: Field, pointer: str) -> None:
        """A field of an object: null, an empty list and nothing are the same where it may be absent."""
        where = f"{pointer}/{one.name}"
        member = value.get(one.name)
        if member is None:
            if one.required:
                self.add(where, Structure.REQUIRED, "a value", "null" if one.name in value else "nothing")
            return
        if not one.many:
            self.one(member, one.kind, one.limit, where, one.name)
            return
        self.many(member, one.kind, one.limit, where, one.name)
        if one.required and member == []:
            self.add(where, Structure.EMPTY_LIST, "at least one")

    def many(self, value: Any, kind: str, limit: int, pointer: str, name: str) -> None:
        if not isinstance(value, list):
            self.add(pointer, Structure.TYPE, "a list", shown(value, name))
            return
        for index, member in enumerate(value):
            self.one(member, kind, limit, f"{pointer}/{index}", name)

    def one(self, value: Any, kind: str, limit: int, pointer: str, name: str) -> None:
        enum = self.tables.enums.get(kind)
        if enum is not None and not enum.open:
            known = isinstance(value, str) and value in enum.values
            if not known and not may_be_unknown(self.agreed, kind, value):
                self.add(pointer, Structure.ENUM, f"a value of {kind}", shown(value, name))
            return
        primitive = self.tables.kind("CiString" if enum is not None else kind)
        if primitive is None:
            self.members(value, self.tables.classes[kind], pointer)
            return
        fault = fault_of(value, primitive, limit)
        if fault is not None and self.agreed and isinstance(value, str):
            fault = fault_of(stand_in(self.agreed, kind, name, value)[1], primitive, limit)
        if fault is not None:
            self.add(pointer, *fault, shown(value, name))


def fault_of(value: Any, kind: Kind, limit: int) -> tuple[str, str] | None:
    """The rule that a primitive breaks, and what it asks for."""
    if kind.json == "string":
        return _text_fault(value, kind, limit or kind.limit)
    if kind.json == "boolean":
        return None if isinstance(value, bool) else (Structure.TYPE, "a boolean")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Structure.TYPE, "a number" if kind.json == "number" else "an integer"
    if isinstance(value, float):
        if kind.json == "integer":
            return Structure.TYPE, "an integer"
        return None if isfinite(value) else (Structure.RANGE, "a number that 64 bits can hold")
    least, most = least_of(kind, limit), most_of(kind, limit)
    return None if least <= value <= most else (Structure.RANGE, f"an integer of {least} to {most}")


def _text_fault(value: Any, kind: Kind, limit: int) -> tuple[str, str] | None:
    if not isinstance(value, str):
        return Structure.TYPE, "a string"
    if limit and len(value) > limit:
        return Structure.LENGTH, f"at most {limit} characters"
    if kind.rule == "date-time":
        return None if _is_date_time(value) else (kind.rule, kind.expected)
    return None if _compiled(kind.pattern).search(value) else (kind.rule, kind.expected)


def _is_date_time(value: str) -> bool:
    if _DATE_TIME.fullmatch(value) is None:
        return False
    try:
        datetime.fromisoformat(value[:19])
    except ValueError:
        return False
    return True


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(python_pattern(pattern))


RESPONSE: Mapping[str, Field] = {
    "status_code": Field("status_code", "status_code", "int", 0, "1"),
    "status_message": Field("status_message", "status_message", "string", 0, "?"),
    "timestamp": Field("timestamp", "timestamp", "DateTime", 0, "1"),
}
