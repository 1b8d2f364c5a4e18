"""What is wrong with a message, in a form that may be logged: identifiers are masked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

# No more than this many problems of one body are reported.
MOST_PROBLEMS = 100
_LONGEST_VALUE = 40

# Fields that identify a driver, a card, a contract or a payment (GDPR Art. 4(1)).
IDENTIFIERS = frozenset(
    {
        "uid",
        "contract_id",
        "auth_id",
        "visual_number",
        "group_id",
        "token",
        "authorization_reference",
        "eft_data",
        "value",
        "signed_data",
        "plain_data",
    }
)


class Structure(StrEnum):
    """What a body or a field must be, whatever it says: the rules that are no business rules."""

    TOO_LARGE = "too-large"
    NOT_UTF_8 = "not-utf-8"
    NOT_JSON = "not-json"
    TOO_DEEP = "too-deep"
    LONG_NUMBER = "long-number"
    DUPLICATE_KEY = "duplicate-key"
    LONE_SURROGATE = "lone-surrogate"
    REQUIRED = "required"
    TYPE = "type"
    LENGTH = "length"
    CHARACTERS = "characters"
    ENUM = "enum"
    PATTERN = "pattern"
    URL = "url"
    DATE_TIME = "date-time"
    RANGE = "range"
    EMPTY_LIST = "empty-list"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: a JSON pointer (RFC 6901), the rule that is broken, what it asks for, what stands there.

    `rule` is a `Structure` or the id of a control. `value` is shortened, and masked where it identifies a
    person. `warning`: the partner's `warn_only_rules` names the rule, the message is not to be refused.
    """

    pointer: str
    rule: str
    expected: str
    value: str = ""
    warning: bool = False

    def __str__(self) -> str:
        found = f", found {self.value}" if self.value else ""
        return f"{self.pointer or '/'}: {self.rule}: expected {self.expected}{found}"


def shown(value: Any, name: str = "") -> str:
    """`value` of the field `name`, short enough for a log line and without identifiers."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, str):
        if name in IDENTIFIERS:
            return f"*** ({len(value)} characters)"
        text = ascii(value[: _LONGEST_VALUE + 1])
        return text if len(value) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}… ({len(value)} characters)"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if name in IDENTIFIERS:
        return "*** (a number)"
    return _number(value)


def _number(value: float) -> str:
    if isinstance(value, int) and abs(value) > 10**_LONGEST_VALUE:
        return "a very large number"
    return str(value)


def clipped(text: str) -> str:
    """`text` of one line, not too long for a log."""
    return text if len(text) <= 2 * _LONGEST_VALUE else f"{text[: 2 * _LONGEST_VALUE]}…"


def token(name: str) -> str:
    """`name` as one step of a JSON pointer, shortened: a partner chose it."""
    return ascii(name[:_LONGEST_VALUE])[1:-1].replace("~", "~0").replace("/", "~1")
