"""What the drift audit reads, holds against each other, and finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from scanners.policy.stack import Resource

if TYPE_CHECKING:
    from scanners.drift.account import View
    from scanners.drift.declared import Declared

# The default of a field that has none: the property is compared only where it is declared.
NO_DEFAULT: Final = object()


class Concern(StrEnum):
    """What hangs on a property. An opened security group is not a tag."""

    EXPOSURE = "exposure"  # who can reach it, and what they may do
    PROTECTION = "protection"  # encryption, logging, retention, rotation, alarms
    SETTING = "setting"  # the rest: names, sizes, tags


@dataclass(frozen=True, slots=True)
class Field:
    """One property that is compared, in Pulumi's name.

    `shape` brings the declared and the live value to one form. `default` is what AWS does when the
    property is not declared. `sealed` values may hold secrets and are never shown or kept.
    """

    name: str
    concern: Concern
    shape: Callable[[Any], Any]
    default: Any = NO_DEFAULT
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Live:
    """One resource as the account has it.

    `properties` carry Pulumi's names; names that no field has are facts for the exclusions.
    """

    type: str
    key: str
    properties: Mapping[str, Any]
    region: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A type whose resources are settings of another: a rule of a security group, a policy of a bucket.

    `link` is the input that names the owner, `field` the owner's property that it sets; `compared` are
    the inputs that are compared there.
    """

    type: str
    link: str
    field: str
    compared: tuple[str, ...] = ()


def _own_inputs(_: Declared, resource: Resource) -> Mapping[str, Any]:
    return resource.inputs


def _own_id(resource: Resource) -> str:
    return resource.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How the resources of one type are read and compared: the drift audit's table has one a type.

    `read` yields every live resource of the type in a region (`everywhere`: in the account). `key` is
    what the stack knows a resource by, and equals `Live.key`. `declare` gives the declared properties,
    with those of the `parts`; a dotted name is a value inside an input. `identity` are the inputs that
    the key holds. `unlisted` says why undeclared resources of the type are not looked for.
    """

    type: str
    service: str
    read: Callable[[View], Iterable[Live]]
    fields: tuple[Field, ...]
    key: Callable[[Resource], str] = _own_id
    declare: Callable[[Declared, Resource], Mapping[str, Any]] = _own_inputs
    parts: tuple[Part, ...] = ()
    identity: tuple[str, ...] = ()
    everywhere: bool = False
    unlisted: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The account as it was read. Keys are (type, region); a type is in one of the two."""

    live: Mapping[tuple[str, str], tuple[Live, ...]]
    failures: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compared:
    """A resource that is there, and the properties with this concern that were compared."""

    urn: str
    concern: Concern
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A property that is not what was declared. The texts hold no secret."""

    urn: str
    property: str
    concern: Concern
    declared: str
    live: str


@dataclass(frozen=True, slots=True)
class Presence:
    """A declared resource, and whether the account has it."""

    urn: str
    key: str
    found: bool


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """A live resource that the stack does not declare."""

    type: str
    key: str
    region: str = ""

    @property
    def where(self) -> str:
        """Its ARN, or its type and id."""
        return self.key if self.key.startswith("arn:") else f"{self.type} {self.key}"


@dataclass(frozen=True, slots=True)
class Unread:
    """A declared resource (or, if `urn` is empty, a type) that could not be looked at."""

    type: str
    urn: str
    reason: str
    concerns: tuple[Concern, ...] = ()


@dataclass(frozen=True, slots=True)
class NotCompared:
    """What the audit did not look at, and why. It never counts as passed."""

    type: str
    urn: str
    property: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The declared stack held against the live account."""

    compared: tuple[Compared, ...] = ()
    changes: tuple[Change, ...] = ()
    presences: tuple[Presence, ...] = ()
    listed: tuple[str, ...] = ()  # types of which every live resource was listed
    unmanaged: tuple[Unmanaged, ...] = ()
    excluded: tuple[tuple[Unmanaged, str], ...] = ()
    unread: tuple[Unread, ...] = ()
    not_compared: tuple[NotCompared, ...] = ()
