"""From the bytes of a message to its problems.

The fast way decodes to typed structs (`structs`) and accepts, or does not know. When it does not, the
precise way (`precise`) decides. Business rules are asked of the decoded value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from hardening.errors import ConfigError
from hardening.ocpi import bounds
from hardening.ocpi.editions import edition as edition_of
from hardening.ocpi.fields import Edition
from hardening.ocpi.precise import problems_of
from hardening.ocpi.problems import Problem
from hardening.ocpi.structs import Shape, body_type

_encode = msgspec.json.Encoder().encode
_anything = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Plan:
    """What validating one kind of body needs, made once."""

    tables: Edition
    object_type: str
    shape: Shape
    plain: Callable[[bytes], Any]
    strict: Callable[[bytes], Any]


@cache
def plan(version: str, edition: str, object_type: str, shape: str) -> Plan:
    """The plan for a kind of body. Raises ConfigError for an edition or object that does not exist."""
    tables = edition_of(version, edition)
    if object_type not in tables.classes and object_type not in tables.enums:
        raise ConfigError(
            f"OCPI {version} ({tables.name}) has no object {object_type!r}",
            "`rampart schema --help` lists the objects",
        )
    form = Shape(shape)
    plain, strict = (
        msgspec.json.Decoder(body_type(version, tables.name, object_type, form, checked)).decode
        for checked in (False, True)
    )
    return Plan(tables, object_type, form, plain, strict)


def accepted(body: bytes, of: Plan) -> Any:
    """The decoded value of a body that is certainly as its edition wants it; None for "do not know"."""
    if len(body) > bounds.MOST_BYTES:
        return None
    escapes = b"\\" in body
    try:
        if body.isascii() and not escapes and b"\x7f" not in body:
            value = of.plain(body)
        else:
            # An escaped digit or colon could hide a time or a name from the scans over bytes.
            if escapes and b"\\u003" in body:
                return None
            value = of.strict(body)
        digits = bounds.without_digits(body)
        if not (bounds.times_are_utc(digits) and bounds.has_no_long_number(digits)):
            return None
        if _encode(value).count(b":") != body.count(b":") and not _is_clean(body):
            return None
    except (ValueError, RecursionError):  # msgspec's errors and UnicodeDecodeError are ValueErrors
        return None
    return value


def _is_clean(body: bytes) -> bool:
    """Whether a body with unknown fields has no name twice, no deep nesting, and text throughout.

    Each name has its colon, and every colon of a string comes back: of a name that stands twice, the
    decoded value has lost one.
    """
    return bounds.is_shallow(body) and _encode(_anything(body)).count(b":") == body.count(b":")


def validate(
    body: bytes,
    *,
    version: str,
    edition: str = "",
    object_type: str,
    shape: str = Shape.OBJECT,
) -> list[Problem]:
    """Every problem of `body`; empty: it is as the edition wants it, and no business rule is broken.

    `edition` is one of `editions.names(version)` (default: the newest), `shape` a `Shape`. Raises
    ConfigError for a version, edition or object that does not exist.
    """
    of = plan(version, edition, object_type, shape)
    value = accepted(body, of)
    if value is None:
        return problems_of(body, of.tables, object_type, of.shape)
    return []
