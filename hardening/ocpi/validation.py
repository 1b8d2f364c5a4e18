"""From the bytes of a message to its problems.

The fast path decodes to typed structs (`structs`) and accepts, or does not know. When it does not, the
diagnosis (`diagnosis`) decides. Business rules are asked of the decoded value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import msgspec

from hardening.errors import ConfigError
from hardening.ocpi.bounds import (
    MOST_BYTES,
    canonical_time_outside_utc,
    has_no_long_number,
    is_shallow,
    times_are_utc,
)
from hardening.ocpi.diagnosis import problems_of
from hardening.ocpi.editions import edition as edition_of
from hardening.ocpi.editions import objects
from hardening.ocpi.fields import Edition
from hardening.ocpi.i_json import colons_come_back
from hardening.ocpi.leniencies import NO_CONTRACT, Contract
from hardening.ocpi.lenient import as_agreed
from hardening.ocpi.non_ascii import stands_in_text, text_names
from hardening.ocpi.problems import MOST_PROBLEMS, Problem, clipped
from hardening.ocpi.rules import rules_for
from hardening.ocpi.rules.fast_path import fast_path
from hardening.ocpi.rules.rule import Faults, Find, Related, Rule, found_by
from hardening.ocpi.structs import Shape, agreed_type, body_type

# A decoded object -> what is known beside it.
RelatedOf = Callable[[Any], Related]
_encode = msgspec.json.Encoder().encode
_BACKSLASH, _DELETE = 0x5C, 0x7F
_NO_ZONE = re.compile(rb'("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?)"')


@dataclass(frozen=True, slots=True)
class Plan:
    """What validating one kind of body needs, made once. `wire` maps attributes to names on the wire."""

    tables: Edition
    object_type: str
    shape: Shape
    plain: Callable[[bytes], Any]
    strict: Callable[[bytes], Any]
    alone: tuple[tuple[str, Find], ...]
    related: tuple[Rule, ...]
    wire: Mapping[str, str]
    texts: frozenset[bytes]
    keeps_every_rule: Callable[[Any], bool]


@cache
def plan(version: str, edition: str, object_type: str, shape: str) -> Plan:
    """The plan for a kind of body. Raises ConfigError for an edition or object that does not exist."""
    tables = edition_of(version, edition)
    if object_type not in tables.classes and object_type not in tables.enums:
        raise ConfigError(
            f"OCPI {version} ({tables.name}) has no object {object_type!r}",
            f"one of {', '.join(objects(version, tables.name))}",
        )
    form = Shape(shape)
    plain, strict = (
        msgspec.json.Decoder(body_type(version, tables.name, object_type, form, checked)).decode
        for checked in (False, True)
    )
    rules = rules_for(version, object_type, form is Shape.PATCH)
    return Plan(
        tables,
        object_type,
        form,
        plain,
        strict,
        tuple((rule.control, rule.find) for rule in rules if not rule.needs),
        tuple(rule for rule in rules if rule.needs),
        _wire_names(tables, object_type),
        text_names(tables, object_type),
        _ask_the_rules if form is Shape.PATCH else fast_path(version, object_type),
    )


def _ask_the_rules(_: Any) -> bool:
    return False


def _wire_names(tables: Edition, object_type: str) -> dict[str, str]:
    own = tables.classes.get(object_type, {})
    every = [one for fields in tables.classes.values() for one in fields.values()]
    return {one.attribute: one.name for one in [*every, *own.values()] if one.attribute != one.name}


def accepted(body: bytes, of: Plan) -> Any:
    """The decoded value of a body that is certainly as its edition wants it; None for "do not know"."""
    if len(body) > MOST_BYTES:
        return None
    try:
        if _BACKSLASH in body:
            # An escaped digit or colon could hide a time or a name from the scans over bytes.
            if b"\\u003" in body:
                return None
            value = of.strict(body)
        elif _DELETE not in body and (body.isascii() or stands_in_text(body, of.texts)):
            value = of.plain(body)
        else:
            value = of.strict(body)
        encoded = _encode(value)
        if encoded == body:  # so nothing stands in it twice, unknown, or longer than need be
            if canonical_time_outside_utc(body) is None or times_are_utc(body):
                return value
            return None
        if not (times_are_utc(body) and has_no_long_number(body)):
            return None
        if encoded.count(b":") != body.count(b":") and not _is_clean(body):
            return None
    except (ValueError, RecursionError):  # msgspec's errors and UnicodeDecodeError are ValueErrors
        return None
    return value


def _is_clean(body: bytes) -> bool:
    """Whether a body with unknown fields has no name twice, no deep nesting, and text throughout."""
    return is_shallow(body) and colons_come_back(body)


def structure(body: bytes, of: Plan) -> list[Problem]:
    """The problems of a body without any business rule."""
    if accepted(body, of) is not None:
        return []
    return problems_of(body, of.tables, of.object_type, of.shape)


def validate(
    body: bytes,
    *,
    version: str,
    edition: str = "",
    object_type: str,
    shape: str = Shape.OBJECT,
    related: Related | RelatedOf | None = None,
    contract: Contract = NO_CONTRACT,
) -> list[Problem]:
    """Every problem of `body`; empty: it is as the edition wants it, and no business rule is broken.

    `edition` is one of `editions.names(version)` (default: the newest), `shape` a `Shape`. `related` brings
    the objects that some rules need, or finds them for each object of the body; a rule whose object is not
    known does not apply. By `contract`, a rule
    that is broken may be a warning, and of what may be written otherwise the result is judged (`as_agreed`).
    Raises ConfigError for a version, edition or object that does not exist.
    """
    of = plan(version, edition, object_type, shape)
    value = accepted(body, of)
    if value is None:
        found = problems_of(body, of.tables, object_type, of.shape)
        agreed = as_agreed(body, of.tables, object_type, of.shape, contract.accept) if found else None
        if agreed is not None:
            found = list(agreed.problems)
        if found:
            return found
        value = decoded(body, of) if agreed is None else _decoded_as_agreed(agreed.body, of)
    elif related is None and of.shape is Shape.OBJECT and of.keeps_every_rule(value):
        return []
    problems = broken_rules(value, of, related)
    if contract.warn_only and problems:
        return [replace(one, warning=one.rule in contract.warn_only) for one in problems]
    return problems


def decoded(body: bytes, of: Plan) -> Any:
    """The value of a body that the diagnosis accepted, its times all with their `Z`."""
    try:
        return of.strict(_NO_ZONE.sub(rb'\1Z"', body))
    except msgspec.ValidationError:
        if of.shape in (Shape.RESPONSE, Shape.RESPONSE_LIST):
            return None  # of a request that failed: `data` is nothing that rules could read
        raise


def _decoded_as_agreed(body: bytes, of: Plan) -> Any:
    kind = agreed_type(of.tables.version, of.tables.name, of.object_type, of.shape)
    return msgspec.json.decode(_NO_ZONE.sub(rb'\1Z"', body), type=kind)


def broken_rules(value: Any, of: Plan, related: Related | RelatedOf | None = None) -> list[Problem]:
    """The business rules that a decoded body breaks."""
    if of.shape is Shape.OBJECT or of.shape is Shape.PATCH:
        return _broken(value, of, related, "")
    if of.shape is not Shape.LIST:
        value = value.data if value else None
    if not value:
        return []
    if of.shape is Shape.RESPONSE:
        return _broken(value, of, related, "/data")
    prefix = "" if of.shape is Shape.LIST else "/data"
    return [
        problem
        for index, one in enumerate(value)
        for problem in _broken(one, of, related, f"{prefix}/{index}")
    ][:MOST_PROBLEMS]


def _broken(value: Any, of: Plan, related: Related | RelatedOf | None, prefix: str) -> list[Problem]:
    problems: list[Problem] = []
    if not of.keeps_every_rule(value):
        for control, find in of.alone:
            faults = find(value)
            if faults:
                problems += _problems(control, faults, of, prefix)
    if related is not None:
        beside = related if isinstance(related, Related) else related(value)
        for rule in of.related:
            known = found_by(rule, value, beside)
            if known:
                problems += _problems(rule.control, known, of, prefix)
    return problems


def _problems(control: str, faults: Faults, of: Plan, prefix: str) -> list[Problem]:
    return [
        Problem(
            prefix + "/".join(of.wire.get(step, step) for step in pointer.split("/")),
            control,
            clipped(expected),
            clipped(str(value)),
        )
        for pointer, expected, value in faults
    ]
