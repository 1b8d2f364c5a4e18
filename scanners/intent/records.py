"""The records of the intent audit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """A property that is deployed otherwise than intended. The texts hold no secret.

    `property` is the path of what differs (`policy.Statement[0].Effect`); `control` is the one that the
    property serves.
    """

    urn: str
    property: str
    control: str
    intended: str
    declared: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A resource, and its properties that serve one control and were compared."""

    urn: str
    control: str
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Undecided:
    """A property that could not be compared, and why: an error."""

    urn: str
    property: str
    control: str
    reason: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """A resource that today's program declares in another place or as another type."""

    intended: str
    declared: str


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A resource that the state does not have as it is, and why: an error."""

    urn: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """The intended stack held against the declared one; URNs in the order of their stack.

    `secrets` are the properties (`URN#property`) of which both sides hold a secret: only that they are
    secret was compared.
    """

    compared: tuple[Compared, ...] = ()
    differences: tuple[Difference, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    present: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    replaced: tuple[Replaced, ...] = ()
    secrets: tuple[str, ...] = ()
    unsettled: tuple[Unsettled, ...] = ()
