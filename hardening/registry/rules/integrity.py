"""Keys of the integrity layer: what a message of this partner may break or write otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from hardening.ocpi.leniencies import NAMES as LENIENCIES
from hardening.registry.rules.rule import Fault, Key, each, list_of, mistyped, pattern, text

_RULE = "[a-z][a-z0-9-]{0,60}"
# One line of text that says something.
REASON = "[^\\s].{8,198}[^\\s]"


def _reasons(where: str, value: object, expected: str) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield mistyped(where, value, expected)
        return
    for name, reason in value.items():
        if name not in LENIENCIES:
            yield f"{where}.{name}: no such leniency; expected one of {', '.join(LENIENCIES)}"
        else:
            yield from text(REASON, "the reason, 10 to 200 characters")(f"{where}.{name}", reason, expected)


KEYS: Mapping[str, Key] = MappingProxyType(
    {
        "warn_only_rules": Key(
            "a list of rule names (lower-case words with hyphens)",
            each(text(_RULE), empty=True),
            list_of(pattern(_RULE), empty=True),
        ),
        "accept": Key(
            "a mapping of leniencies to the reasons why they were agreed",
            _reasons,
            {
                "type": "object",
                "properties": dict.fromkeys(LENIENCIES, pattern(REASON)),
                "additionalProperties": False,
            },
        ),
    }
)
