"""The slow and precise way: every problem of a body, each with its JSON pointer.

It is asked when the fast way (`structs`) does not accept, and it decides.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from itertools import islice
from math import isfinite
from typing import Any, NoReturn

from hardening.ocpi import bounds
from hardening.ocpi.fields import Edition, Field, Kind, least_of, most_of
from hardening.ocpi.problems import MOST_PROBLEMS, Problem, Structure, shown, token
from hardening.ocpi.structs import Shape, patch_requires, python_pattern

# Types chapter (2.2.1: 16.2): string(25), UTC, `Z` or nothing, fractions allowed.
_DATE_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_BOM = b"\xef\xbb\xbf"


class _Object(dict[str, Any]):
    """A JSON object that remembers a name which it was given twice."""

    twice: str | None = None


class _TooMany(Exception):
    """Enough problems were found."""


def problems_of(body: bytes, tables: Edition, object_type: str, shape: Shape) -> list[Problem]:
    """Every problem of `body` (at most `MOST_PROBLEMS`); empty: it is as the edition wants it."""
    fault = bounds.broken(body)
    if fault is not None:
        return [fault]
    value, fault = _parsed(body)
    if fault is not None:
        return [fault]
    found = list(islice(_twisted(value, ""), MOST_PROBLEMS)) if _may_be_twisted(body, value) else []
    if not found:
        walk = _Walk(tables)
        with contextlib.suppress(_TooMany):
            walk.body(value, object_type, shape)
        found = walk.found
    return found[:MOST_PROBLEMS]


def _parsed(body: bytes) -> tuple[Any, Problem | None]:
    if body.startswith(_BOM):
        return None, Problem("", Structure.NOT_JSON, "JSON without a byte order mark (RFC 8259, 8.1)")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, Problem("", Structure.NOT_UTF_8, "UTF-8", f"byte {error.start}")
    try:
        return json.loads(text, object_pairs_hook=_pairs, parse_constant=_no_constant), None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        return None, Problem("", Structure.NOT_JSON, "JSON (RFC 8259)", place)
    except ValueError:
        return None, Problem("", Structure.NOT_JSON, "JSON numbers (no NaN, no Infinity)")


def _pairs(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        made.twice = next(name for name in counts if counts[name] > 1)
    return made


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _may_be_twisted(body: bytes, value: Any) -> bool:
    """Whether a closer look at every name and string is worth its time."""
    return _ESCAPED_SURROGATE.search(body) is not None or _has_twice(value)


def _has_twice(value: Any) -> bool:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, _Object):
            if one.twice is not None:
                return True
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return False


def _twisted(value: Any, pointer: str) -> Iterator[Problem]:
    """What JSON allows and no two readers agree on, anywhere in the body (RFC 8259, 4 and 8.2)."""
    if isinstance(value, _Object):
        if value.twice is not None:
            where = f"{pointer}/{token(value.twice)}"
            yield Problem(where, Structure.DUPLICATE_KEY, "every name once in an object")
        for name, member in value.items():
            if _SURROGATE.search(name):
                yield Problem(pointer, Structure.LONE_SURROGATE, "names of whole characters")
            else:
                yield from _twisted(member, f"{pointer}/{token(name)}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _twisted(member, f"{pointer}/{index}")
    elif isinstance(value, str) and _SURROGATE.search(value):
        yield Problem(pointer, Structure.LONE_SURROGATE, "strings of whole characters")


class _Walk:
    """One pass over a value along the tables."""

    def __init__(self, tables: Edition) -> None:
        self.tables = tables
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
            if not isinstance(value, str) or value not in enum.values:
                self.add(pointer, Structure.ENUM, f"a value of {kind}", shown(value, name))
            return
        primitive = self.tables.kind("CiString" if enum is not None else kind)
        if primitive is None:
            self.members(value, self.tables.classes[kind], pointer)
            return
        fault = _fault(value, primitive, limit)
        if fault is not None:
            self.add(pointer, *fault, shown(value, name))


def _fault(value: Any, kind: Kind, limit: int) -> tuple[str, str] | None:
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
