"""Keys of the authorization layer: which versions and modules were contracted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from hardening.registry.partners import Access
from hardening.registry.rules.rule import Fault, Key, each, list_of, mistyped, one_of, words
from hardening.requests.modules import MODULES, VERSIONS


def absent_modules(document: Mapping[str, object]) -> Iterator[Fault]:
    """Modules that none of the contracted versions has: nobody could ever call them."""
    modules, versions = document.get("modules"), document.get("versions")
    if isinstance(modules, dict) and isinstance(versions, list):
        for module in modules:
            if module in MODULES and not set(MODULES[module].versions) & set(map(str, versions)):
                first = MODULES[module].versions[0]
                yield f"modules.{module}: is in none of the versions; expected {first} or later among them"


def _modules(where: str, value: object, expected: str) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield mistyped(where, value, expected)
        return
    if not value:
        yield f"{where}: is empty; expected {expected}"
    for module, accesses in value.items():
        if module not in MODULES:
            yield f"{where}.{module}: unknown module; expected one of {', '.join(MODULES)}"
        elif not isinstance(accesses, list) or not accesses or not set(map(str, accesses)) <= set(Access):
            yield f"{where}.{module}: expected a list of {', '.join(Access)}"


# The forms of a partner's modules route: /{version}/modules, or /{role}/{version}/modules.
MODULES_ROUTES = ("by-version", "by-role")

KEYS: Mapping[str, Key] = MappingProxyType(
    {
        "versions": Key(
            f"a list of {', '.join(VERSIONS)} (as strings)",
            each(one_of(*VERSIONS)),
            list_of(words(VERSIONS)),
            required=True,
        ),
        "modules": Key(
            f"a mapping of {', '.join(MODULES)} to a list of read, write",
            _modules,
            {
                "type": "object",
                "properties": {module: list_of(words(tuple(Access))) for module in MODULES},
                "minProperties": 1,
                "additionalProperties": False,
            },
            required=True,
        ),
        "modules_route": Key(
            f"one of {', '.join(MODULES_ROUTES)}", one_of(*MODULES_ROUTES), words(MODULES_ROUTES)
        ),
    }
)
