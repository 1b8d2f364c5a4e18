"""Keys of the operations layer: whom to call, and what must come first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from hardening import objectives
from hardening.registry.rules.rule import Fault, Key, each, list_of, pattern, text, truth

_EMAIL = r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,}"


def _terms(where: str, value: object, _: str) -> Iterator[Fault]:
    yield from (f"{where}{place}: expected {what}" for place, what in objectives.faults(value))


KEYS: Mapping[str, Key] = MappingProxyType(
    {
        "contacts": Key(
            "a list of e-mail addresses",
            each(text(_EMAIL), empty=True),
            list_of(pattern(_EMAIL), empty=True),
        ),
        "objectives": Key(objectives.EXPECTED, _terms, objectives.json_schema()),
        "require_onboarding": Key("true or false", truth, {"type": "boolean"}),
    }
)
