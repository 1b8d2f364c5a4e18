"""Keys of the integrity layer: what a message of this partner may break with a warning."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hardening.registry.rules.rule import Key, each, list_of, pattern, text

_RULE = "[a-z][a-z0-9-]{0,60}"

KEYS: Mapping[str, Key] = MappingProxyType(
    {
        "warn_only_rules": Key(
            "a list of rule names (lower-case words with hyphens)",
            each(text(_RULE), empty=True),
            list_of(pattern(_RULE), empty=True),
        ),
    }
)
