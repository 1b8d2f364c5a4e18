"""What every key of a partner file must be: one module for each layer, to which a new key is added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from hardening.controls import Layer
from hardening.registry.rules import (
    authorization,
    identity,
    integrity,
    network,
    operations,
    privacy,
    transport,
)
from hardening.registry.rules.rule import Fault, Key

SECTIONS: Mapping[Layer, Mapping[str, Key]] = MappingProxyType(
    {
        Layer.IDENTITY: identity.KEYS,
        Layer.AUTHORIZATION: authorization.KEYS,
        Layer.NETWORK: network.KEYS,
        Layer.TRANSPORT: transport.KEYS,
        Layer.INTEGRITY: integrity.KEYS,
        Layer.PRIVACY: privacy.KEYS,
        Layer.OPERATIONS: operations.KEYS,
    }
)
KEYS: Mapping[str, Key] = MappingProxyType(
    {name: key for section in SECTIONS.values() for name, key in section.items()}
)


def partner_faults(document: Mapping[str, object], *, stem: str) -> Iterator[Fault]:
    """Every fault in the keys and values of a partner file whose name is `stem`."""
    names = ", ".join(KEYS)
    yield from (f"{name}: unknown key; expected one of {names}" for name in document if name not in KEYS)
    for name, key in KEYS.items():
        if name in document:
            yield from key.rule(name, document[name], key.expected)
        elif key.required:
            yield f"{name}: missing; expected {key.expected}"
    given = document.get("name")
    if isinstance(given, str) and given != stem:
        yield f"name: {given!r} is not the file's name; expected {stem!r}"
    yield from authorization.absent_modules(document)
    yield from privacy.shares_in_vain(document)


def json_schema() -> dict[str, Any]:
    """A partner file as JSON Schema (draft 2020-12), for editors; `$comment` names a key's layer.

    It says what JSON Schema can. `rampart partner check` alone knows widths of networks, secrets, and what
    two keys or two files say together.
    """
    properties = {
        name: {"description": key.expected, "$comment": str(layer), **key.schema}
        for layer, section in SECTIONS.items()
        for name, key in section.items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A partner of an OCPI deployment, in one environment",
        "type": "object",
        "properties": properties,
        "required": [name for name, key in KEYS.items() if key.required],
        "additionalProperties": False,
    }
