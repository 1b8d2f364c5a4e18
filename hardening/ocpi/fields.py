"""What the field tables are made of, and how a stack of fragments becomes an edition.

A class is written as `name kind(limit) cardinality; ...`. The kind is a primitive of `KINDS`, an enum or
another class; the limit is the longest string, or the most digits of an int; the cardinality is OCPI's
own (`1` required, `?` optional, `*` list, `+` list of at least one). `wire=attribute kind ...` gives a
field the name that it has in other versions, so one rule reads all of them; `-name` drops a field
of an earlier fragment. An enum is a list of words: `open` lets other values pass (OpenEnum of 2.3.0),
`+WORD` and `-WORD` change what an earlier fragment said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

_FIELD = re.compile(
    r"(?P<name>\w+)(?:=(?P<attribute>\w+))? (?P<kind>\w+)(?:\((?P<limit>\d+)\))? (?P<card>[1?*+])"
)

PRINTABLE_ASCII = "^[ -~]*$"
# Printable UTF-8: no control character (C0, DEL, C1) and no line or paragraph separator.
PRINTABLE = "^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$"


@dataclass(frozen=True, slots=True)
class Kind:
    """A primitive: its JSON type, and the form, the length or the range of its values."""

    json: str
    pattern: str = ""
    rule: str = "pattern"
    expected: str = ""
    limit: int = 0
    least: int | None = None
    most: int | None = None


# Types chapter (2.2.1: 16; 2.1.1: types.md). In 2.1.1 a `string` is ASCII too: see `Edition.kind`.
KINDS: Mapping[str, Kind] = {
    "string": Kind("string", PRINTABLE, "characters", "printable characters only"),
    "CiString": Kind("string", PRINTABLE_ASCII, "characters", "printable ASCII only"),
    "URL": Kind("string", '^[A-Za-z][A-Za-z0-9+.-]*:[^\\s<>"]+$', "url", "an absolute URL", 255),
    "DateTime": Kind("string", "", "date-time", "an RFC 3339 time in UTC: `Z` or nothing", 25),
    "Latitude": Kind("string", "^-?[0-9]{1,2}\\.[0-9]{5,7}$", "pattern", "-?dd.ddddd[dd] as a string"),
    "Longitude": Kind("string", "^-?[0-9]{1,3}\\.[0-9]{5,7}$", "pattern", "-?ddd.ddddd[dd] as a string"),
    "ClockTime": Kind("string", "^([0-1][0-9]|2[0-3]):[0-5][0-9]$", "pattern", "hh:mm"),
    "CalendarDate": Kind(
        "string", "^([12][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", "pattern", "yyyy-mm-dd"
    ),
    "Weekday": Kind("integer", least=1, most=7),
    "number": Kind("number"),
    "int": Kind("integer"),
    "boolean": Kind("boolean"),
    # Lists that parties extend by agreement (6.2.1, 6.1.3): any identifier is accepted.
    "ModuleID": Kind("string", PRINTABLE_ASCII, "characters", "printable ASCII only"),
    "VersionNumber": Kind("string", PRINTABLE_ASCII, "characters", "printable ASCII only"),
}


# Integers are what 64 bits hold: no reader of JSON is bound to keep more (RFC 8259, 6).
LEAST_INT, MOST_INT = -(2**63), 2**63 - 1


def most_of(kind: Kind, digits: int) -> int:
    """The highest integer of a kind, or of so many digits."""
    return kind.most or (10**digits - 1 if digits else MOST_INT)


def least_of(kind: Kind, digits: int) -> int:
    """The lowest integer of a kind, or of so many digits."""
    if kind.least is not None:
        return kind.least
    return 1 - 10**digits if digits else LEAST_INT


@dataclass(frozen=True, slots=True)
class Fragment:
    """Part of an edition: classes and enums, new ones or changes to those of an earlier fragment."""

    classes: Mapping[str, str] = field(default_factory=dict)
    enums: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Field:
    """One property of a class. `name` is on the wire; `attribute` is what rules read."""

    name: str
    attribute: str
    kind: str
    limit: int
    card: str

    @property
    def required(self) -> bool:
        """Whether it has to be there (cardinality `1` or `+`)."""
        return self.card in "1+"

    @property
    def many(self) -> bool:
        """Whether it is a list (cardinality `*` or `+`)."""
        return self.card in "*+"


@dataclass(frozen=True, slots=True)
class Enum:
    """The values of an enum. An open one accepts others as well."""

    values: tuple[str, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class Edition:
    """All classes and enums of one edition of one version."""

    version: str
    name: str
    classes: Mapping[str, Mapping[str, Field]]
    enums: Mapping[str, Enum]

    def kind(self, name: str) -> Kind | None:
        """The primitive of this name, None for a class or an enum."""
        kind = KINDS.get(name)
        if kind is not None and name == "string" and self.version == "2.1.1":
            return KINDS["CiString"]
        return kind


def assemble(version: str, name: str, fragments: Iterable[Fragment]) -> Edition:
    """Stack `fragments`. Raises ValueError where a table is not well formed."""
    classes: dict[str, dict[str, Field]] = {}
    enums: dict[str, Enum] = {}
    for fragment in fragments:
        for class_name, text in fragment.classes.items():
            classes[class_name] = _merged(classes.get(class_name, {}), text)
        for enum_name, text in fragment.enums.items():
            enums[enum_name] = _changed(enums.get(enum_name), text)
    return Edition(version, name, classes, enums)


def _merged(earlier: Mapping[str, Field], text: str) -> dict[str, Field]:
    fields = dict(earlier)
    for part in text.split(";"):
        words = " ".join(part.split())
        if words.startswith("-"):
            del fields[words[1:]]
            continue
        match = _FIELD.fullmatch(words)
        if match is None:
            raise ValueError(f"not a field: {words!r}")
        name = match["name"]
        fields[name] = Field(
            name, match["attribute"] or name, match["kind"], int(match["limit"] or 0), match["card"]
        )
    return fields


def _changed(earlier: Enum | None, text: str) -> Enum:
    words = text.split()
    change = Enum(tuple(word for word in words if word != "open"), "open" in words)
    if earlier is None or not all(word[0] in "+-" for word in change.values):
        return change
    gone = {word[1:] for word in change.values if word[0] == "-"}
    added = tuple(word[1:] for word in change.values if word[0] == "+")
    values = tuple(value for value in earlier.values if value not in gone) + added
    return replace(change, values=values)
