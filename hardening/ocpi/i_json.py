"""I-JSON (RFC 7493): JSON that no two readers take differently, with unique names and whole characters."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any, Final, NoReturn

import msgspec

from hardening.ocpi.problems import MOST_PROBLEMS, Problem, Structure, token

_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_BOM = b"\xef\xbb\xbf"
_encode: Final = msgspec.json.Encoder().encode
_anything: Final = msgspec.json.Decoder().decode


class _Object(dict[str, Any]):
    """A JSON object that remembers a name which it was given twice."""

    twice: str | None = None


def parsed(body: bytes, *, exact: bool = False) -> tuple[Any, list[Problem]]:
    """The value of `body`, or None and why it is not I-JSON (at most `MOST_PROBLEMS`).

    `exact`: a number with a fraction or an exponent is a Decimal, which keeps its digits.
    """
    value, fault = _parsed(body, Decimal if exact else float)
    if fault is not None:
        return None, [fault]
    if _ESCAPED_SURROGATE.search(body) is not None or _has_twice(value):
        found = list(islice(_ambiguous(value, ""), MOST_PROBLEMS))
        if found:
            return None, found
    return value, []


def names_stand_once(body: bytes) -> bool:
    """Whether `body` is JSON in which no object has a name twice.

    Each name has its colon, and every colon of a string comes back: of a name that appears twice, the
    decoded value has lost one. An escaped colon could make up for it.
    """
    try:
        if b"\\u003" not in body and colons_come_back(body):
            return True
    except msgspec.DecodeError:
        pass  # a number may be more than msgspec takes
    value, fault = _parsed(body, float)
    return fault is None and not _has_twice(value)


def colons_come_back(body: bytes) -> bool:
    """Whether the value of `body` is written with as many colons. Raises msgspec.DecodeError."""
    return _encode(_anything(body)).count(b":") == body.count(b":")


def _parsed(body: bytes, number: Callable[[str], Any]) -> tuple[Any, Problem | None]:
    if body.startswith(_BOM):
        return None, Problem("", Structure.NOT_JSON, "JSON without a byte order mark (RFC 8259, 8.1)")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, Problem("", Structure.NOT_UTF_8, "UTF-8", f"byte {error.start}")
    try:
        return json.loads(
            text, object_pairs_hook=_pairs, parse_constant=_no_constant, parse_float=number
        ), None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        return None, Problem("", Structure.NOT_JSON, "JSON (RFC 8259)", place)
    except (ValueError, InvalidOperation):
        return None, Problem("", Structure.NOT_JSON, "JSON numbers (no NaN, no Infinity)")


def _pairs(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        made.twice = next(name for name in counts if counts[name] > 1)
    return made


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


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


def _ambiguous(value: Any, pointer: str) -> Iterator[Problem]:
    """What JSON allows and no two readers agree on, anywhere in the body (RFC 8259, 4 and 8.2)."""
    if isinstance(value, _Object):
        if value.twice is not None:
            where = f"{pointer}/{token(value.twice)}"
            yield Problem(where, Structure.DUPLICATE_KEY, "every name once in an object")
        for name, member in value.items():
            if _SURROGATE.search(name):
                yield Problem(pointer, Structure.LONE_SURROGATE, "names of whole characters")
            else:
                yield from _ambiguous(member, f"{pointer}/{token(name)}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _ambiguous(member, f"{pointer}/{index}")
    elif isinstance(value, str) and _SURROGATE.search(value):
        yield Problem(pointer, Structure.LONE_SURROGATE, "strings of whole characters")
