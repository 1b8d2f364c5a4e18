"""A message of a partner that was let write some things otherwise, in the one form that everybody reads.

What the contract names is written anew before anything is judged, where that loses nothing; the rest of
the message keeps its digits and its unknown fields. What comes out is judged, signed, counted and delivered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from hardening.ocpi import bounds
from hardening.ocpi.diagnosis import RESPONSE, fault_of, problems_of
from hardening.ocpi.fields import MOST_INT, Edition, Field
from hardening.ocpi.i_json import parsed
from hardening.ocpi.leniencies import may_be_unknown, stand_in
from hardening.ocpi.problems import Problem
from hardening.ocpi.structs import Shape

_encode = msgspec.json.Encoder(decimal_format="number").encode
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?(Z|\+00:00)?", re.ASCII
)
_COORDINATE = re.compile(r"(-?[0-9]{1,3})(?:\.([0-9]{0,4}))?")
_LEAST_DECIMALS, _MOST_DECIMALS = 5, 7
_MOST_DEGREES = 180
# Beyond this no number is a coordinate: writing it out would cost as much as its exponent says.
_MOST_PLACES = 30
# The longest time with its `Z`: string(25).
_TIME_LENGTH = 25
# Where we ask: a URL that we call is the partner's own affair, word for word.
_CALLED = frozenset({("Credentials", "url"), ("Version", "url"), ("Endpoint", "url")})
_RESPONSE_URL = "response_url"


@dataclass(frozen=True, slots=True)
class Agreed:
    """A message as it is passed on, how often each leniency was needed, and what is wrong still."""

    body: bytes
    used: Mapping[str, int]
    problems: tuple[Problem, ...] = ()


def as_agreed(
    body: bytes, tables: Edition, object_type: str, shape: Shape, accept: Collection[str]
) -> Agreed | None:
    """The message as `accept` lets it be read; None where none of these leniencies is needed.

    Every number that is not written anew keeps its digits.
    """
    if not accept or bounds.broken(body) is not None:
        return None
    value, found = parsed(body, exact=True)
    if found:
        return None
    used: Counter[str] = Counter()
    for place in _places(value, tables, object_type, shape):
        place.mend(accept, tables, used)
    if not used:
        return None
    try:
        made = _encode(value)
    except (ValueError, OverflowError, msgspec.MsgspecError):
        return None
    return Agreed(made, dict(used), tuple(problems_of(made, tables, object_type, shape, used)))


@dataclass(slots=True)
class _Place:
    """One value that a table describes: `holder[key]`, a member of an object or an item of a list."""

    holder: Any
    key: Any
    of: str
    field: Field

    def mend(self, accept: Collection[str], tables: Edition, used: Counter[str]) -> None:
        """Write the value anew where `accept` says how, and count what was needed."""
        value = self.holder[self.key]
        enum = tables.enums.get(self.field.kind)
        if enum is not None:
            if not enum.open and value not in enum.values and may_be_unknown(accept, self.field.kind, value):
                used["unknown-values"] += 1
            return
        kind = tables.kind(self.field.kind)
        if kind is None or value is None or fault_of(_plain(value), kind, self.field.limit) is None:
            return
        rules, made = self._written_anew(value)
        judged = made
        if isinstance(made, str):
            kept, judged = stand_in(accept, self.field.kind, self.field.name, made)
            rules |= {kept} - {""}
        if rules and rules <= set(accept) and fault_of(judged, kind, self.field.limit) is None:
            self.holder[self.key] = made
            used.update(rules)

    def _written_anew(self, value: Any) -> tuple[set[str], Any]:
        """The leniencies that a faulty value needs to become another, and that other."""
        if self.field.kind in ("Latitude", "Longitude"):
            return _coordinate(value)
        if isinstance(value, Decimal):
            return _whole(value)
        if not isinstance(value, str):
            return set(), value
        if self.field.kind == "DateTime":
            return _time(value)
        called = (self.of, self.field.name) in _CALLED or self.field.name == _RESPONSE_URL
        if self.field.kind == "URL" and value[:4].lower() == "www." and not called:
            return {"www-urls"}, f"https://{value}"
        return set(), value


def _plain(value: Any) -> Any:
    """A number as the diagnosis reads it."""
    return float(value) if isinstance(value, Decimal) else value


def _places(value: Any, tables: Edition, object_type: str, shape: Shape) -> Iterator[_Place]:
    """Every single value that the tables describe."""
    if shape in (Shape.RESPONSE, Shape.RESPONSE_LIST):
        if not isinstance(value, dict):
            return
        yield from (_Place(value, name, "", one) for name, one in RESPONSE.items() if name in value)
        value = value.get("data")
    waiting = [(value, object_type)]
    while waiting:
        one, of = waiting.pop()
        if isinstance(one, list):
            waiting += ((item, of) for item in one)
        elif isinstance(one, dict) and of in tables.classes:
            for field in tables.classes[of].values():
                if field.name not in one:
                    continue
                member = one[field.name]
                if field.kind in tables.classes:
                    waiting.append((member, field.kind))
                elif field.many and isinstance(member, list):
                    yield from (_Place(member, index, of, field) for index in range(len(member)))
                else:
                    yield _Place(one, field.name, of, field)


def _time(value: str) -> tuple[set[str], str]:
    found = _TIME.fullmatch(value)
    if found is None:
        return set(), value
    rules: set[str] = set()
    seconds, fraction, zone = found[1], found[2] or "", found[3] or ""
    if zone not in ("", "Z"):
        rules.add("zero-offset")
        zone = "Z"
    if len(seconds + fraction + zone) > _TIME_LENGTH:
        rules.add("long-fractions")
        fraction = fraction.rstrip("0").rstrip(".")
    return rules, seconds + fraction + zone


def _coordinate(value: Any) -> tuple[set[str], Any]:
    rules: set[str] = set()
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        if not -_MOST_DEGREES <= value <= _MOST_DEGREES:
            return set(), value
        number = Decimal(value)
        if int(number.as_tuple().exponent) < -_MOST_PLACES:
            return set(), value
        rules.add("number-coordinates")
        value = f"{number:f}"
    elif not isinstance(value, str):
        return set(), value
    whole, _, decimals = value.partition(".")
    if rules:
        decimals = decimals.rstrip("0")
        if len(decimals) > _MOST_DECIMALS:
            return set(), value
    elif _COORDINATE.fullmatch(value) is not None:
        rules.add("short-coordinates")
    return rules, f"{whole}.{decimals.ljust(_LEAST_DECIMALS, '0')}"


def _whole(value: Decimal) -> tuple[set[str], Any]:
    """An integer that has a fraction of nothing but zeros."""
    if "E" in str(value) or not -MOST_INT <= value <= MOST_INT or value != int(value):
        return set(), value
    return {"whole-floats"}, int(value)
