"""The objects of a message whose class is known, and the names in them that could be taken for known fields.

Unknown fields pass (OCPI 2.3.0, 4.1.3), but not under a name that some reader takes for a field's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from hardening.ocpi.confusable_names import first_confusable, folded
from hardening.ocpi.editions import edition
from hardening.ocpi.fields import Field

# A JavaScript object takes it for its prototype (OWASP, prototype pollution).
_PROTOTYPE = "__proto__"
# What is a URL's parameter somewhere, as a body has it.
_IDENTIFIERS = ("id", "uid", "location_id", "evse_uid", "connector_id", "session_id", "tariff_id")
KnownObjects = Iterable[tuple["KnownClass", Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class KnownClass:
    """The fields of a class, those of them that hold objects, and those that identify one; names folded."""

    fields: Mapping[str, Field]
    nested: tuple[tuple[str, str], ...]
    identifiers: tuple[str, ...]
    folded: frozenset[str]


def objects_in(value: Any, version: str, kind: str) -> Iterator[tuple[KnownClass, Mapping[str, Any]]]:
    """Every object of `value` (a `kind`) whose class is known; what unknown fields hold is not looked at."""
    waiting = [(value, kind)]
    while waiting:
        one, name = waiting.pop()
        if isinstance(one, list):
            waiting.extend((item, name) for item in one if isinstance(item, dict))
        elif isinstance(one, dict):
            known = known_class(version, name)
            yield known, one
            for field, of in known.nested:
                held = one.get(field)
                if held:
                    waiting.append((held, of))


@cache
def known_class(version: str, kind: str) -> KnownClass:
    """The class `kind` in the newest edition of `version`. Raises ConfigError for an unknown version."""
    tables = edition(version)
    fields = tables.classes.get(kind, {})
    nested = tuple((name, one.kind) for name, one in fields.items() if one.kind in tables.classes)
    identifiers = tuple(name for name in _IDENTIFIERS if name in fields)
    return KnownClass(fields, nested, identifiers, frozenset(map(folded, fields)))


def confusable(objects: KnownObjects) -> str:
    """The first name that can be taken for a known one or for its neighbour, as ASCII; empty for none."""
    for known, one in objects:
        # Mostly there is none, and that is told at once.
        if one.keys() <= known.fields.keys():
            continue
        unknown = [name for name in one if name not in known.fields]
        found = first_confusable(unknown, known.folded)
        if found:
            return found
    return ""


def names_a_prototype(value: Any) -> bool:
    """Whether an object anywhere in `value`, in unknown fields too, has the name `__proto__`."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if _PROTOTYPE in one:
                return True
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return False
