"""The identifiers and the URLs of an object, found by the fields of its class.

Where they stand is worked out once a class, so a message is only walked where its class has such a field.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast, get_args

import msgspec
from msgspec.structs import FieldInfo, fields

# The field of a class -> whether its text is of the kind that is looked for.
_Wanted = Callable[[FieldInfo], bool]
_IDENTIFIERS = ("id", "uid", "token")
_ENDS = ("_id", "_uid")
# Every field of type URL, and that of signed data, which is a string.
_URLS = frozenset(
    """
    url response_url thumbnail website terms_and_conditions tariff_alt_url invoice_base_url booking_terms
    """.split()  # noqa: SIM905  (a list of words reads better as words)
)


def identifiers(value: Any) -> Iterator[tuple[str, str]]:
    """(pointer in attribute names, text) of each identifier that has to be there.

    An optional one that is empty reads as none.
    """
    return _texts(value, _places(cast(Hashable, type(value)), _identifies), "")


def urls(value: Any) -> Iterator[tuple[str, str]]:
    """(pointer in attribute names, text) of each URL of an object."""
    return _texts(value, _places(cast(Hashable, type(value)), _is_url), "")


def _identifies(one: FieldInfo) -> bool:
    required = type(None) not in get_args(one.type)
    return required and (one.name in _IDENTIFIERS or one.name.endswith(_ENDS))


def _is_url(one: FieldInfo) -> bool:
    return one.name in _URLS


@dataclass(frozen=True, slots=True)
class _Places:
    """The wanted fields of a class, and its members that have such fields, with theirs."""

    own: tuple[str, ...]
    within: tuple[tuple[str, _Places], ...]


@cache
def _places(kind: Hashable, wanted: _Wanted) -> _Places:
    own: list[str] = []
    within: list[tuple[str, _Places]] = []
    for one in fields(cast(type, kind)):
        nested = _class_in(one.type)
        if nested is not None:
            found = _places(nested, wanted)
            if found.own or found.within:
                within.append((one.name, found))
        elif wanted(one) and _is_text(one.type):
            own.append(one.name)
    return _Places(tuple(own), tuple(within))


def _texts(value: Any, of: _Places, pointer: str) -> Iterator[tuple[str, str]]:
    for name in of.own:
        text = getattr(value, name)
        if isinstance(text, str):
            yield f"{pointer}/{name}", text
    for name, inner in of.within:
        member = getattr(value, name)
        if isinstance(member, list):
            for index, one in enumerate(member):
                yield from _texts(one, inner, f"{pointer}/{name}/{index}")
        elif member:
            yield from _texts(member, inner, f"{pointer}/{name}")


def _class_in(of: Any) -> type | None:
    """The struct that a field holds, alone or as a list."""
    if isinstance(of, type) and issubclass(of, msgspec.Struct):
        return of
    return next((found for one in get_args(of) if (found := _class_in(one)) is not None), None)


def _is_text(of: Any) -> bool:
    return of is str or any(_is_text(one) for one in get_args(of))
