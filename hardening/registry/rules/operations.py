"""Keys of the operations layer: whom to call, and what must come first."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hardening.registry.rules.rule import Key, each, list_of, pattern, text, truth

_EMAIL = r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,}"

KEYS: Mapping[str, Key] = MappingProxyType(
    {
        "contacts": Key(
            "a list of e-mail addresses",
            each(text(_EMAIL), empty=True),
            list_of(pattern(_EMAIL), empty=True),
        ),
        "require_onboarding": Key("true or false", truth, {"type": "boolean"}),
    }
)
