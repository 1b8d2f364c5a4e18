"""Messages made from the field tables, and changes that break exactly one rule of structure."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from hardening.ocpi.editions import edition as edition_of
from hardening.ocpi.editions import objects
from hardening.ocpi.fields import Edition, Field
from hardening.ocpi.tables import EDITIONS

EVERYTHING = [(version, name, one) for version, name in EDITIONS for one in objects(version, name)]
CLASSES = [key for key in EVERYTHING if key[2] in edition_of(key[0], key[1]).classes]
# Deep objects would get very large: optional members are rare there.
_SPARSE_BELOW = 3
_ASCII = string.ascii_letters + string.digits + "*-_. "
_WIDE = _ASCII + "äßéłΩ你😀"


@dataclass(frozen=True)
class Place:
    """A member of a message: the object that holds it, its field, and its pointer."""

    holder: dict[str, Any]
    field: Field
    pointer: str


def message(random: Random, version: str, name: str, kind: str, depth: int = 0) -> Any:
    """A value of a class, an enum or a primitive that the edition accepts."""
    tables = edition_of(version, name)
    if kind not in tables.classes:
        return _plain(random, tables, kind, 0)
    made = {}
    for one in tables.classes[kind].values():
        if one.required or random.random() < (0.4 if depth < _SPARSE_BELOW else 0.05):
            made[one.name] = _member(random, tables, one, depth)
    if random.random() < 0.1:
        made["x_unknown"] = random.choice([None, 1, "x", [], {"a": [1.5]}])
    return made


def _member(random: Random, tables: Edition, one: Field, depth: int) -> Any:
    if not one.required and random.random() < 0.1:
        return None
    if one.many:
        least = 1 if one.required else 0
        count = random.randint(least, 2)
        return [_value(random, tables, one, depth) for _ in range(count)]
    return _value(random, tables, one, depth)


def _value(random: Random, tables: Edition, one: Field, depth: int) -> Any:
    if one.kind in tables.classes:
        return message(random, tables.version, tables.name, one.kind, depth + 1)
    return _plain(random, tables, one.kind, one.limit)


def _plain(random: Random, tables: Edition, kind: str, limit: int) -> Any:
    enum = tables.enums.get(kind)
    if enum is not None:
        return "OTHER_VALUE" if enum.open and random.random() < 0.2 else random.choice(enum.values)
    match kind:
        case "boolean":
            return random.random() < 0.5
        case "number":
            return random.choice([0, 1, 12.5, 1e-7, 123456.789, round(random.uniform(-1e6, 1e6), 4)])
        case "int":
            return random.randint(0, 10 ** min(limit or 9, 9) - 1)
        case "Weekday":
            return random.randint(1, 7)
        case "DateTime":
            return _time(random)
        case "URL":
            return f"https://host{random.randint(0, 99)}.example/{_text(random, string.ascii_lowercase, 20)}"
        case "Latitude":
            return f"{random.uniform(-9, 90):.6f}"
        case "Longitude":
            return f"{random.uniform(-99, 180):.6f}"
        case "ClockTime":
            return f"{random.randint(0, 23):02}:{random.randint(0, 59):02}"
        case "CalendarDate":
            return f"{random.randint(1999, 2030)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    wide = kind == "string" and tables.version != "2.1.1" and random.random() < 0.3
    return _text(random, _WIDE if wide else _ASCII, limit or 30)


def _text(random: Random, letters: str, most: int) -> str:
    length = most if random.random() < 0.2 else random.randint(0, min(most, 30))
    return "".join(random.choice(letters) for _ in range(length))


def _time(random: Random) -> str:
    day = f"{random.randint(1970, 2060)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    clock = ":".join(f"{random.randint(0, most):02}" for most in (23, 59, 59))
    return f"{day}T{clock}{random.choice(['Z', 'Z', 'Z', '', '.5Z', '.123Z', '.12345'])}"


def places(value: Any, tables: Edition, kind: str, pointer: str = "") -> Iterator[Place]:
    """Every member of a message that its tables know."""
    if not isinstance(value, dict):
        return
    for one in tables.classes[kind].values():
        if one.name not in value:
            continue
        where = f"{pointer}/{one.name}"
        yield Place(value, one, where)
        member = value[one.name]
        if one.kind in tables.classes:
            if isinstance(member, list):
                for index, each in enumerate(member):
                    yield from places(each, tables, one.kind, f"{where}/{index}")
            else:
                yield from places(member, tables, one.kind, where)


def broken(random: Random, value: Any, tables: Edition, kind: str) -> tuple[str, str] | None:
    """Break one rule of `value` in place; the pointer and the rule, None where the choice breaks none."""
    all_places = list(places(value, tables, kind))
    if not all_places:
        return None
    place = random.choice(all_places)
    one, pointer = place.field, place.pointer
    if one.required and random.random() < 0.2:
        if random.random() < 0.5:
            del place.holder[one.name]
        else:
            place.holder[one.name] = None
        return pointer, "required"
    if one.many and random.random() < 0.3:
        if one.required and random.random() < 0.5:
            place.holder[one.name] = []
            return pointer, "empty-list"
        place.holder[one.name] = random.choice(["x", 1, {}, True])
        return pointer, "type"
    wrong = _wrong(random, tables, one)
    if wrong is None:
        return None
    bad, rule = wrong
    place.holder[one.name] = [bad] if one.many else bad
    return (f"{pointer}/0" if one.many else pointer), rule


_WRONG: dict[str, list[tuple[Any, str]]] = {
    "boolean": [("true", "type"), (1, "type"), ([], "type")],
    "number": [("1", "type"), (True, "type"), ({}, "type")],
    "int": [("1", "type"), (True, "type"), (1.5, "type"), ([], "type")],
    "Weekday": [(0, "range"), (8, "range"), ("1", "type"), (1.5, "type")],
    "DateTime": [
        ("2026-01-01T00:00:00+00:00", "date-time"),
        ("2026-01-01T00:00:00-0500", "date-time"),
        ("2026-01-01", "date-time"),
        ("2026-02-30T00:00:00Z", "date-time"),
        ("2026-01-01t00:00:00Z", "date-time"),
        ("2026-01-01T00:00:00.1234567Z", "length"),
        (0, "type"),
    ],
    "URL": [
        ("example.com/x", "url"),
        ("https://a b", "url"),
        ("https://x/" + "y" * 250, "length"),
        (5, "type"),
    ],
    "Latitude": [("1.5", "pattern"), ("a.123456", "pattern"), (1.234567, "type")],
    "Longitude": [("1.5", "pattern"), ("1234.12345", "pattern"), (1.234567, "type")],
    "ClockTime": [("24:00", "pattern"), ("7:00", "pattern"), ("12:60", "pattern"), (7, "type")],
    "CalendarDate": [("2026-13-01", "pattern"), ("01-01-2026", "pattern"), (7, "type")],
}


def _wrong(random: Random, tables: Edition, one: Field) -> tuple[Any, str] | None:
    if one.kind in tables.classes:
        return random.choice(["x", 1, [1], False]), "type"
    enum = tables.enums.get(one.kind)
    if enum is not None and not enum.open:
        return random.choice(["NO_SUCH_VALUE", 1, "", enum.values[0].lower(), [], True]), "enum"
    if one.kind in _WRONG:
        return random.choice(_WRONG[one.kind])
    if one.limit and random.random() < 0.4:
        return "x" * (one.limit + 1), "length"
    narrow = one.kind != "string" or tables.version == "2.1.1"
    control = random.choice(["\n", "\t", "\x00", "\x7f", *(["é", "你"] if narrow else ["\x85", "\u2028"])])
    return random.choice([(control, "characters"), (1, "type"), ([], "type"), (True, "type"), ({}, "type")])


def written(random: Random, value: Any) -> bytes:
    """`value` as senders write it: compact or not, escaped or not, in any order."""
    if isinstance(value, dict) and random.random() < 0.3:
        names = list(value)
        random.shuffle(names)
        value = {name: value[name] for name in names}
    separators = random.choice([(",", ":"), (", ", ": "), (" ,\n", " :\t")])
    return json.dumps(value, ensure_ascii=random.random() < 0.5, separators=separators).encode()
