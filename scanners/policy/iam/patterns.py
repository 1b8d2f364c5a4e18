"""How IAM compares names with patterns: `*` is any text, `?` is any one character (IAM, wildcards)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache


class Malformed(ValueError):
    """A policy that IAM would refuse, or that we cannot read. The message names no value of the policy."""


def matches(pattern: str, text: str) -> bool:
    """Whether `pattern` stands for the plain `text`."""
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(char) or re.escape(char) for char in pattern), re.DOTALL)


def covers(pattern: str, other: str) -> bool:
    """Whether `pattern` certainly stands for everything that the pattern `other` stands for.

    A policy variable (`${aws:username}`) in `pattern` covers nothing but itself.
    """
    reached = {0}
    for char in other:
        reached = _after(pattern, reached, char)
    return len(pattern) in _past_stars(pattern, reached)


def _past_stars(pattern: str, positions: set[int]) -> set[int]:
    """`positions` and those behind the stars that stand there, since a star may be empty."""
    found = set(positions)
    for position in positions:
        while position < len(pattern) and pattern[position] == "*":
            position += 1
            found.add(position)
    return found


def _after(pattern: str, positions: set[int], char: str) -> set[int]:
    """The positions in `pattern` after it has taken one character of the other pattern.

    A `*` of the other pattern can be any length, and only a `*` takes it; a `?` is taken by either.
    """
    following = set()
    for position in _past_stars(pattern, positions):
        own = pattern[position : position + 1]
        if own == "*":
            following.add(position)
        elif own and char != "*" and (own == "?" or own == char):
            following.add(position + 1)
    return following


def overlaps(one: str, other: str) -> bool:
    """Whether some text may match both patterns. A policy variable may be any text."""
    first, second = _variables_as_stars(one), _variables_as_stars(other)
    row = [True] + [False] * len(second)
    for column, char in enumerate(second, start=1):
        row[column] = row[column - 1] and char == "*"
    for own in first:
        previous, row = row, [row[0] and own == "*"]
        for column, char in enumerate(second, start=1):
            if own == "*" or char == "*":
                row.append(row[column - 1] or previous[column])
            else:
                row.append(previous[column - 1] and (own == char or "?" in (own, char)))
    return row[-1]


def _variables_as_stars(pattern: str) -> str:
    return re.sub(r"\$\{[^}]*\}", "*", pattern)


def has_wildcard(text: str) -> bool:
    """Whether the text stands for more than itself: a wildcard, or a policy variable."""
    return "*" in text or "?" in text or "${" in text


def is_everything(resource: str) -> bool:
    """Whether an ARN pattern singles nothing out: `*`, `arn:aws:*`, or a resource part that is all wildcard.

    `arn:aws:s3:::*` is everything of a service, and `arn:aws:s3:::*/*` every object of every bucket;
    `arn:aws:dynamodb:*:*:table/*` names a kind, and is not.
    """
    return set(resource.split(":", 5)[-1]) <= set("*?/:")


def account_of(arn: str) -> str:
    """The account in an ARN (its fifth part), which may be empty or hold wildcards; empty for other texts."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[0] == "arn" else ""


@dataclass(frozen=True, slots=True)
class Named:
    """The element `Action` or `Resource`; `inverted` is `NotAction` or `NotResource`.

    `ignore_case` holds for actions: ARNs are compared as written.
    """

    patterns: tuple[str, ...]
    inverted: bool = False
    ignore_case: bool = False

    def covers(self, name: str) -> bool:
        """Whether everything that `name` (it may hold wildcards) stands for is certainly named."""
        wanted, patterns = self._comparable(name)
        if self.inverted:
            return not any(overlaps(pattern, wanted) for pattern in patterns)
        return any(covers(pattern, wanted) for pattern in patterns)

    def _comparable(self, name: str) -> tuple[str, tuple[str, ...]]:
        if self.ignore_case:
            return name.lower(), tuple(pattern.lower() for pattern in self.patterns)
        return name, self.patterns
