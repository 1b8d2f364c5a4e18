"""The records of the drift audit: readers, what they read, and what comparing finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from scanners.policy.stack import Resource

if TYPE_CHECKING:
    from scanners.drift.account import View
    from scanners.drift.declared import Declared

# Hears the name of a type when it has been read, and how many there are in all.
Progress = Callable[[str, int], None]

# The default of a field that has none: the property is compared only where it is declared.
NO_DEFAULT: Final = object()


class Concern(StrEnum):
    """What a change of a property affects; it decides the control, and so the severity."""

    EXPOSURE = "exposure"  # who can reach it, and what they may do
    PROTECTION = "protection"  # encryption, logging, retention, rotation, alarms
    SETTING = "setting"  # the rest: names, sizes, tags


@dataclass(frozen=True, slots=True)
class Field:
    """One property that is compared, in Pulumi's name.

    `normalize` brings the declared and the live value to one form. `default` is what AWS does if the
    property is not declared. `sealed` values may hold secrets and are never shown or kept.
    """

    name: str
    concern: Concern
    normalize: Callable[[Any], Any]
    default: Any = NO_DEFAULT
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Unseen:
    """Stands for a live value that could not be read, and says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Live:
    """One resource as the account has it.

    `properties` have Pulumi's names. Those without a field are facts for the exclusions. A reader may give
    a property, or all of them, as a call (`functools.partial`) that is made after all rows are listed; what
    then fails is `Unseen`, or with all of them the reason is in `unseen`. Where all are None, it is gone.
    """

    type: str
    key: str
    properties: Mapping[str, Any] | partial[Mapping[str, Any]] | partial[Mapping[str, Any] | None]
    region: str = ""  # empty for a global type
    unseen: str = ""

    def has(self, name: str) -> Any:
        """The value of a property that was read; None where there is none."""
        return None if isinstance(self.properties, partial) else self.properties.get(name)


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
class ResourceReader:
    """How the resources of one Pulumi type are read and compared; `READERS` has one for each type.

    `service` is boto3's name of the service. `read` yields every live resource of the type in a region
    (`is_global`: in the account) and raises botocore's errors. `key` is what the stack knows a resource
    by, and equals `Live.key`. `declare` gives the declared properties, with those of the `parts`; a
    dotted name is a value inside an input. `identity` are the inputs that the key holds. `unlisted` says
    why undeclared resources of the type are not looked for.
    """

    type: str
    service: str
    read: Callable[[View], Iterable[Live]]
    fields: tuple[Field, ...]
    key: Callable[[Resource], str] = _own_id
    declare: Callable[[Declared, Resource], Mapping[str, Any]] = _own_inputs
    parts: tuple[Part, ...] = ()
    identity: tuple[str, ...] = ()
    is_global: bool = False
    unlisted: str = ""


# The one inventory that is on in every account: where it says that there is nothing, there is nothing of its.
TAGGING: Final = "Resource Groups Tagging"
# By name of an inventory of AWS and region: the ARNs that it has there, or why it does not say.
Inventories = Mapping[tuple[str, str], frozenset[str] | Unseen]


@dataclass(frozen=True, slots=True)
class Reading:
    """The account as it was read, by (type, region): each is in `live` or, with the reason, in `failures`."""

    live: Mapping[tuple[str, str], tuple[Live, ...]]
    failures: Mapping[tuple[str, str], str] = field(default_factory=dict)
    inventories: Inventories = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compared:
    """A resource that exists, and its properties of one concern that were compared."""

    urn: str
    concern: Concern
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A property that differs from its declaration. The texts hold no secret."""

    urn: str
    property: str
    concern: Concern
    declared: str
    live: str


@dataclass(frozen=True, slots=True)
class Presence:
    """A declared resource, and whether it exists in the account."""

    urn: str
    key: str
    found: bool


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """A live resource that the stack does not declare."""

    type: str
    key: str
    region: str = ""
    about: str = ""  # what a person should hear of it first
    away: bool = False  # in a region of which the stack declares nothing

    @property
    def where(self) -> str:
        """Its ARN, or its type and id, and the region where that is not one of the stack's."""
        if self.key.startswith("arn:"):
            return self.key
        return f"{self.type} {self.key}{f' in {self.region}' if self.away else ''}"


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be read, and why: a declared resource, a `property` of it, or, without `urn`, a type."""

    type: str
    urn: str
    reason: str
    concerns: tuple[Concern, ...] = ()
    property: str = ""


@dataclass(frozen=True, slots=True)
class NotCompared:
    """A resource or property that was not compared, and why. It never counts as passed."""

    type: str
    urn: str
    property: str
    reason: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The last change of a resource that the account's history knows: whose, which, and when (UTC)."""

    where: str  # the URN, or that of an `Unmanaged`
    who: str
    event: str
    when: str
    event_id: str


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
    traces: tuple[Trace, ...] = ()
    untraced: str = ""  # why the last change of some is not known
