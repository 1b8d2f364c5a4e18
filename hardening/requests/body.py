"""The body of a call: as JSON that nobody can read in two ways, and as the OCPI message that it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

import msgspec

from hardening.ocpi import Problem, Shape, validate
from hardening.ocpi.known_names import KnownClass, objects_in
from hardening.ocpi.leniencies import Contract
from hardening.requests.request import Request
from hardening.requests.routes import match

_anything = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class MessageKind(NamedTuple):
    """Which object a call carries, in which version; `partial` for a PATCH."""

    version: str
    object_type: str
    partial: bool


@lru_cache(maxsize=8)
def parsed(body: bytes) -> Any:
    """The one JSON text of `body`. Raises ValueError (the reason, never a value of the body).

    Refused beside broken JSON: names that appear twice (RFC 7493, 2.3), NaN and Infinity, a byte order mark.
    """
    try:
        value = _anything(body)
        # Each name has its colon: one that appears twice loses it. `\\u003a` would be a colon too many.
        if b"\\u003" not in body and _encode(value).count(b":") == body.count(b":"):
            return value
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        pass
    return _parsed_exactly(body)


def _parsed_exactly(body: bytes) -> Any:
    if body.startswith(b"\xef\xbb\xbf"):
        raise ValueError("a byte order mark")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON at line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def value_of(body: bytes) -> Any:
    """The JSON of `body`; None where it is none, which its own check refuses."""
    try:
        return parsed(body)
    except ValueError:
        return None


def as_object(body: bytes) -> Mapping[str, Any]:
    """The JSON object of `body`; an empty one where it is anything else."""
    value = value_of(body)
    return value if isinstance(value, dict) else {}


def message_of(request: Request) -> MessageKind | None:
    """What the body of a call is to be; None where the call has no body, or is none of OCPI's."""
    return kind_of(request.method, request.path) if request.body else None


@lru_cache(maxsize=512)
def kind_of(method: str, path: str) -> MessageKind | None:
    """What the body of such a call is to be; None where the call has none."""
    found = match(method, path)
    if found is None or found.operation is None or not found.body:
        return None
    return MessageKind(found.route.version, found.body, found.operation.partial)


def known_objects(request: Request) -> tuple[tuple[KnownClass, Mapping[str, Any]], ...]:
    """The objects of a call's message whose class is known; none where its body is no JSON."""
    kind = message_of(request)
    return () if kind is None else _known_objects(request.body, kind)


# Several checks go through one message.
@lru_cache(maxsize=8)
def _known_objects(body: bytes, kind: MessageKind) -> tuple[tuple[KnownClass, Mapping[str, Any]], ...]:
    return tuple(objects_in(value_of(body), kind.version, kind.object_type))


def standing_problems(request: Request) -> tuple[Problem, ...]:
    """The problems of a call's message, less those that its partner is only warned of."""
    kind = message_of(request)
    if kind is None:
        return ()
    partner = request.credentials.partner if request.credentials else None
    warn_only = partner.warn_only_rules if partner else ()
    contract = Contract(warn_only, tuple(request.leniencies))
    found = _problems(request.body, kind, contract)
    return tuple(problem for problem in found if not problem.warning)


@lru_cache(maxsize=8)
def _problems(body: bytes, kind: MessageKind, contract: Contract) -> tuple[Problem, ...]:
    return tuple(
        validate(
            body,
            version=kind.version,
            object_type=kind.object_type,
            shape=Shape.PATCH if kind.partial else Shape.OBJECT,
            contract=contract,
        )
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name appears twice in one object")
    return made


def _constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
