"""A difference by its meaning: policies statement by statement, lists item by item, objects value by value.

Nothing is cut: what is said is what an attacker or a colleague changed, and only that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.normalize import dump

NOTHING: Final = "nothing"


def difference(declared: Any, live: Any) -> tuple[str, str]:
    """What only the declared value has, and what only the live value has, as texts for a person."""
    if _is_policy(declared) or _is_policy(live):
        declared, live = _without_statements(declared), _without_statements(live)
    if isinstance(declared, list) or isinstance(live, list):
        ours, theirs = _items(declared), _items(live)
        if set(ours) != set(theirs):
            return _only(ours, theirs), _only(theirs, ours)
    if isinstance(declared, Mapping) and isinstance(live, Mapping):
        paths = list(_paths(declared, live, ""))
        return tuple(", ".join(f"{path}={short(pair[side])}" for path, *pair in paths) for side in (0, 1))  # type: ignore[return-value]  # two texts
    return short(declared), short(live)


def short(value: Any) -> str:
    """A value as text; `nothing` where there is none."""
    if value is None:
        return NOTHING
    return value if isinstance(value, str) else dump(value)


def _is_policy(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("Statement"), list)


def _without_statements(policy: Any) -> Any:
    """A policy as a list of texts: one for each statement, and one for whatever else it says."""
    if not _is_policy(policy):
        return policy
    rest = [f"{key} {short(value)}" for key, value in policy.items() if key != "Statement"]
    return [*map(statement, policy["Statement"]), *rest]


def statement(found: Any) -> str:
    """A statement of a policy as a sentence; a member that it should not have is kept as it is."""
    if not isinstance(found, Mapping):
        return short(found)
    words = [str(found.get("Effect"))]
    words += [
        f"{_who(found[key])}" if key == "Principal" else f"all but {_who(found[key])}"
        for key in _WHO
        if key in found
    ]
    for key, word in _SAID.items():
        if key in found:
            words.append(f"{word}{', '.join(map(str, found[key]))}")
    if "Condition" in found:
        words.append(f"if {dump(found['Condition'])}")
    words += [f"{key}={short(value)}" for key, value in found.items() if key not in _KNOWN]
    return " ".join(words) + (f" ({found['Sid']})" if "Sid" in found else "")


_WHO: Final = ("Principal", "NotPrincipal")
_SAID: Final = {
    "Action": "to ",
    "NotAction": "to all but ",
    "Resource": "on ",
    "NotResource": "on all but ",
}
_KNOWN: Final = frozenset({"Effect", "Sid", "Condition", *_WHO, *_SAID})


def _who(principals: Any) -> str:
    if not isinstance(principals, Mapping):
        return short(principals)
    return ", ".join(f"{kind} {', '.join(map(str, names))}" for kind, names in principals.items())


def _paths(declared: Mapping[str, Any], live: Mapping[str, Any], way: str) -> Iterator[tuple[str, Any, Any]]:
    for name in sorted({*declared, *live}):
        ours, theirs = declared.get(name), live.get(name)
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            yield from _paths(ours, theirs, f"{way}{name}.")
        elif ours != theirs:
            yield f"{way}{name}", ours, theirs


def _items(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    return [text for item in items for text in _texts(item)]


def _texts(item: Any) -> list[str]:
    """A text; of `NAME: POLICY` one for each statement."""
    text = item if isinstance(item, str) else dump(item)
    name, found, written = text.partition(": {")
    policy = _parsed(f"{{{written}") if found else None
    if not _is_policy(policy):
        return [text]
    return [f"{name}: {each}" for each in _without_statements(policy)]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _only(items: list[str], others: list[str]) -> str:
    known = set(others)
    return "; ".join(item for item in items if item not in known) or NOTHING
