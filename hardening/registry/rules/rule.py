"""What a rule over one key of a partner file is, and the forms that rules share.

A fault is one line: `key: what is wrong; what was expected`. It never quotes a value that may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Fault = str
# (where, value, what is expected) -> the faults of the value there.
Rule = Callable[[str, object, str], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a partner file.

    `expected` says in words what it must be; `schema` says the same in JSON Schema, as far as that can.
    """

    expected: str
    rule: Rule
    schema: Mapping[str, Any]
    required: bool = False


def mistyped(where: str, value: object, expected: str) -> Fault:
    """The fault of a value of the wrong type, without the value."""
    kinds = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    kind = kinds.get(type(value), f"a value of type {type(value).__name__}")
    return f"{where}: is {kind}; expected {expected}"


def unlike(where: str, value: object, expected: str) -> Fault:
    """The fault of a value that is no text, or no such text; without the value."""
    return f"{where}: expected {expected}" if isinstance(value, str) else mistyped(where, value, expected)


def one_of(*allowed: str) -> Rule:
    """One of these words."""

    def rule(where: str, value: object, _: str) -> Iterator[Fault]:
        if value not in allowed:
            yield f"{where}: expected one of {', '.join(allowed)}"

    return rule


def text(pattern: str, expected: str = "") -> Rule:
    """Text that is all `pattern`; `expected` stands in for the key's own words."""
    compiled = re.compile(pattern)

    def rule(where: str, value: object, of_the_key: str) -> Iterator[Fault]:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            yield f"{where}: expected {expected}" if expected else unlike(where, value, of_the_key)

    return rule


def whole(highest: int) -> Rule:
    """A whole number from 1 to `highest`."""

    def rule(where: str, value: object, expected: str) -> Iterator[Fault]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield mistyped(where, value, expected)
        elif not 1 <= value <= highest:
            yield f"{where}: is {value}; expected {expected}"

    return rule


def truth(where: str, value: object, expected: str) -> Iterator[Fault]:
    """True or false."""
    if not isinstance(value, bool):
        yield mistyped(where, value, expected)


def each(
    rule: Rule, *, empty: bool = False, same: Callable[[object], Hashable | None] = lambda _: None
) -> Rule:
    """A list whose items keep to `rule`, each once; `same` gives one value for all spellings of an item.

    An empty list never means "all", so it is a fault where the key is needed.
    """

    def rules(where: str, value: object, expected: str) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield mistyped(where, value, expected)
            return
        if not value and not empty:
            yield f"{where}: is empty; expected {expected}"
        seen: list[object] = []
        for number, item in enumerate(value):
            one = same(item) or item
            if one in seen:
                yield f"{where}[{number}]: appears twice; expected each once"
            seen.append(one)
            yield from rule(f"{where}[{number}]", item, expected)

    return rules


def mapping(rules: Mapping[str, Rule]) -> Rule:
    """A mapping with exactly these keys, all of them."""

    def rule(where: str, value: object, expected: str) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield mistyped(where, value, expected)
            return
        names = ", ".join(rules)
        yield from (f"{where}.{name}: unknown key; expected {names}" for name in value if name not in rules)
        for name, inner in rules.items():
            if name not in value:
                yield f"{where}.{name}: missing; expected {names}"
            else:
                yield from inner(f"{where}.{name}", value[name], expected)

    return rule


def list_of(items: Mapping[str, Any], *, empty: bool = False) -> dict[str, Any]:
    """The JSON Schema of a list without repetition."""
    return {"type": "array", "items": items, "minItems": 0 if empty else 1, "uniqueItems": True}


def words(allowed: Sequence[str]) -> dict[str, Any]:
    """The JSON Schema of one word out of several."""
    return {"enum": list(allowed)}


def pattern(form: str) -> dict[str, Any]:
    """The JSON Schema of text that is all `form`."""
    return {"type": "string", "pattern": f"^(?:{form})$"}
