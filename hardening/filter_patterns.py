"""Whether a CloudWatch metric filter matches an event: the documented grammar for JSON events.

Source: CloudWatch Logs User Guide, "Filter pattern syntax for metric filters": property selectors, `=`, `!=`,
`<`, `<=`, `>`, `>=`, `*` in values, `IS NULL|TRUE|FALSE`, `EXISTS`, `NOT EXISTS`, `&&`, `||` and parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

_TOKEN: Final = re.compile(r'\s*(&&|\|\||!=|>=|<=|[=<>(){}]|"(?:[^"\\]|\\.)*"|%[^%]*%|[^\s()=<>!&|{}"]+)')
_MISSING: Final = object()
_WORDS: Final[Mapping[str, object]] = {"NULL": None, "TRUE": True, "FALSE": False}
Event = Mapping[str, Any]
_Test = Callable[[Event], bool]


class MalformedPattern(ValueError):
    """The pattern is none that CloudWatch accepts, or one for text and not for JSON events."""


def matches(pattern: str, event: Event) -> bool:
    """Whether a JSON filter pattern matches one event. Raises MalformedPattern."""
    return _parsed(pattern)(event)


def _parsed(pattern: str) -> _Test:
    tokens = _tokens(pattern)
    if tokens[:1] != ["{"] or tokens[-1:] != ["}"]:
        raise MalformedPattern("a pattern for JSON events stands in braces")
    rest = tokens[1:-1]
    test = _any_of(rest)
    if rest:
        raise MalformedPattern(f"unexpected {rest[0]!r}")
    return test


def _tokens(pattern: str) -> list[str]:
    found, position = [], 0
    text = pattern.strip()
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise MalformedPattern(f"unexpected {text[position]!r}")
        found.append(token.group(1))
        position = token.end()
    return found


def _any_of(rest: list[str]) -> _Test:
    tests = [_all_of(rest)]
    while rest[:1] == ["||"]:
        rest.pop(0)
        tests.append(_all_of(rest))
    return lambda event: any(test(event) for test in tests)


def _all_of(rest: list[str]) -> _Test:
    tests = [_term(rest)]
    while rest[:1] == ["&&"]:
        rest.pop(0)
        tests.append(_term(rest))
    return lambda event: all(test(event) for test in tests)


def _term(rest: list[str]) -> _Test:
    first = _next(rest)
    if first == "(":
        inner = _any_of(rest)
        if _next(rest) != ")":
            raise MalformedPattern("a parenthesis is not closed")
        return inner
    if not first.startswith("$."):
        raise MalformedPattern(f"{first!r} is no property")
    return _comparison(first[2:].split("."), _next(rest), rest)


def _comparison(path: list[str], operator: str, rest: list[str]) -> _Test:
    if operator == "EXISTS":
        return lambda event: _at(event, path) is not _MISSING
    if operator == "NOT" and _next(rest) == "EXISTS":
        return lambda event: _at(event, path) is _MISSING
    if operator == "IS":
        word = _next(rest)
        if word not in _WORDS:
            raise MalformedPattern(f"{word!r} is not NULL, TRUE or FALSE")
        return lambda event: _at(event, path) is _WORDS[word]
    compare = _COMPARISONS.get(operator)
    if compare is None:
        raise MalformedPattern(f"{operator!r} is no operator")
    value = _next(rest)
    return lambda event: _at(event, path) is not _MISSING and compare(_at(event, path), value)


def _at(event: Any, path: list[str]) -> Any:
    for step in path:
        if not isinstance(event, Mapping) or step not in event:
            return _MISSING
        event = event[step]
    return event


def _equal(found: Any, value: str) -> bool:
    if value.startswith("%"):
        return re.search(value.strip("%"), str(found)) is not None
    wanted = value[1:-1] if value.startswith('"') else value
    return fnmatchcase(str(found), wanted.replace("[", "[[]").replace("?", "[?]"))


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _ordered(holds: Callable[[float, float], bool]) -> Callable[[Any, str], bool]:
    def compare(found: Any, value: str) -> bool:
        one, other = _number(found), _number(value)
        return one is not None and other is not None and holds(one, other)

    return compare


_COMPARISONS: Final[Mapping[str, Callable[[Any, str], bool]]] = {
    "=": _equal,
    "!=": lambda found, value: not _equal(found, value),
    ">": _ordered(lambda one, other: one > other),
    ">=": _ordered(lambda one, other: one >= other),
    "<": _ordered(lambda one, other: one < other),
    "<=": _ordered(lambda one, other: one <= other),
}


def _next(rest: list[str]) -> str:
    if not rest:
        raise MalformedPattern("the pattern ends too early")
    return rest.pop(0)
