"""Short names for the entries of a reader: fields by concern, and one type out of several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from scanners.drift.account import View
from scanners.drift.normalize import plain, tags
from scanners.drift.records import NO_DEFAULT, Concern, Field, Live

Normalize = Callable[[Any], Any]


def exposure(
    name: str, normalize: Normalize = plain, default: Any = NO_DEFAULT, sealed: bool = False
) -> Field:
    """A property that decides who can reach the resource, and what they may do."""
    return Field(name, Concern.EXPOSURE, normalize, default, sealed)


def protection(
    name: str, normalize: Normalize = plain, default: Any = NO_DEFAULT, sealed: bool = False
) -> Field:
    """A property that decides encryption, logging, retention, rotation or an alarm."""
    return Field(name, Concern.PROTECTION, normalize, default, sealed)


def setting(name: str, normalize: Normalize = plain, default: Any = NO_DEFAULT) -> Field:
    """Any other property."""
    return Field(name, Concern.SETTING, normalize, default)


TAGS = setting("tags", tags, default=None)


def only(type_: str, read: Callable[[View], Iterable[Live]]) -> Callable[[View], Iterator[Live]]:
    """A read function for one type out of those that `read` yields from the same answers."""
    return lambda view: (live for live in read(view) if live.type == type_)
