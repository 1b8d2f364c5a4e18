"""Short names for the fields of the table, by what hangs on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from scanners.drift.account import View
from scanners.drift.normalize import plain, tags
from scanners.drift.records import NO_DEFAULT, Concern, Field, Live

Shape = Callable[[Any], Any]


def exposure(name: str, shape: Shape = plain, default: Any = NO_DEFAULT) -> Field:
    """A property on which it hangs who can reach the resource, and what they may do."""
    return Field(name, Concern.EXPOSURE, shape, default)


def protection(name: str, shape: Shape = plain, default: Any = NO_DEFAULT, sealed: bool = False) -> Field:
    """A property on which encryption, logging, retention, rotation or an alarm hangs."""
    return Field(name, Concern.PROTECTION, shape, default, sealed)


def setting(name: str, shape: Shape = plain, default: Any = NO_DEFAULT) -> Field:
    """Any other property."""
    return Field(name, Concern.SETTING, shape, default)


TAGS = setting("tags", tags, default=None)


def only(type_: str, read: Callable[[View], Iterable[Live]]) -> Callable[[View], Iterator[Live]]:
    """A read function for one type out of those that `read` yields from the same answers."""
    return lambda view: (live for live in read(view) if live.type == type_)
