"""The checks of what a body is before it is a message: bounded, and as its edition has it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hardening.checks import Verdicts, check
from hardening.ocpi.problems import Problem, Structure
from hardening.ocpi.rules.samples import OBJECTS
from hardening.ocpi.structs import Shape
from hardening.ocpi.validation import plan, structure

_BOUNDS = frozenset(
    {
        Structure.TOO_LARGE,
        Structure.NOT_UTF_8,
        Structure.NOT_JSON,
        Structure.TOO_DEEP,
        Structure.LONG_NUMBER,
        Structure.DUPLICATE_KEY,
        Structure.LONE_SURROGATE,
    }
)


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of a message, and what they are said to be."""

    raw: bytes
    version: str
    object_type: str
    edition: str = ""
    shape: str = Shape.OBJECT


_TOKEN = json.dumps(OBJECTS["Token"], separators=(",", ":")).encode()
_GOOD = Body(_TOKEN, "2.2.1", "Token")


def _problems(body: Body) -> list[Problem]:
    return structure(body.raw, plan(body.version, body.edition, body.object_type, body.shape))


@check("message-is-bounded", good=_GOOD, bad=Body(b'{"uid": "1", "uid": "2"}', "2.2.1", "Token"))
def message_is_bounded(body: Body) -> Verdicts:
    """One JSON value of UTF-8 text within the bounds, every name once."""
    faults = [one for one in _problems(body) if one.rule in _BOUNDS]
    yield from ((one.pointer or "/", str(one)) for one in faults)
    if not faults:
        yield "/", None


@check(
    "message-matches-its-edition",
    good=_GOOD,
    bad=Body(_TOKEN.replace(b'"RFID"', b'"BADGE"'), "2.2.1", "Token"),
)
def message_matches_its_edition(body: Body) -> Verdicts:
    """Fields, types, lengths, characters, enums and times are as the edition has them."""
    faults = _problems(body)
    if any(one.rule in _BOUNDS for one in faults):
        yield "/", "it cannot be read"
        return
    yield from ((one.pointer or "/", str(one)) for one in faults)
    if not faults:
        yield "/", None
