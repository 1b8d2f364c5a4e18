"""Keys of the network layer: from where and how often it calls, and where we may call it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from types import MappingProxyType

from hardening.registry.callback_host import CallbackHost
from hardening.registry.networks import SHORTEST_PREFIX, Network, is_too_wide, network
from hardening.registry.rules.rule import (
    Fault,
    Key,
    each,
    list_of,
    mapping,
    mistyped,
    one_of,
    pattern,
    unlike,
    whole,
    words,
)
from hardening.requests.modules import MODULES

_MOST_A_MINUTE, _MOST_A_DAY = 600_000, 50_000_000
# What API Gateway lets an account send at once (its quotas).
_MOST_AT_ONCE = 5_000


def _network(where: str, value: object, expected: str) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield mistyped(where, value, expected)
        return
    try:
        found = network(value)
    except ValueError:
        yield f"{where}: {value[:60]!r} is not a network; expected {expected}, without host bits"
        return
    if is_too_wide(found):
        who = "the whole internet" if found.prefixlen == 0 else "too wide"
        yield f"{where}: {value} is {who}; expected /{SHORTEST_PREFIX[found.version]} or narrower"


def _same_network(value: object) -> Network | None:
    try:
        return network(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _place(value: object) -> CallbackHost | None:
    try:
        return CallbackHost.parse(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _host(where: str, value: object, expected: str) -> Iterator[Fault]:
    if _place(value) is None:
        yield unlike(where, value, expected)


def _count(most: int) -> dict[str, object]:
    return {"type": "integer", "minimum": 1, "maximum": most}


_RATE = mapping(
    {
        "module": one_of(*MODULES),
        "burst": whole(_MOST_A_MINUTE),
        "per_minute": whole(_MOST_A_MINUTE),
        "per_day": whole(_MOST_A_DAY),
    }
)
_RATE_SCHEMA = {
    "type": "object",
    "properties": {
        "module": words(tuple(MODULES)),
        "burst": _count(_MOST_A_MINUTE),
        "per_minute": _count(_MOST_A_MINUTE),
        "per_day": _count(_MOST_A_DAY),
    },
    "required": ["module", "burst", "per_minute", "per_day"],
    "additionalProperties": False,
}


def _rated_module(value: object) -> Hashable | None:
    module = value.get("module") if isinstance(value, dict) else None
    return module if isinstance(module, str) else None


KEYS: Mapping[str, Key] = MappingProxyType(
    {
        "networks": Key(
            f"a list of CIDRs, /{SHORTEST_PREFIX[4]} or narrower (IPv6: /{SHORTEST_PREFIX[6]})",
            each(_network, same=_same_network),
            list_of(pattern("[0-9A-Fa-f.:]+(/[0-9]+)?")),
            required=True,
        ),
        "callback_hosts": Key(
            "a list of DNS names, each with an optional port (host or host:port)",
            each(_host, same=_place),
            list_of(pattern(r"([A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]+\.?(:[0-9]{1,5})?")),
            required=True,
        ),
        "callback_networks": Key(
            f"a list of CIDRs, /{SHORTEST_PREFIX[4]} or narrower (IPv6: /{SHORTEST_PREFIX[6]})",
            each(_network, empty=True, same=_same_network),
            list_of(pattern("[0-9A-Fa-f.:]+(/[0-9]+)?"), empty=True),
        ),
        "requests_per_minute": Key(
            f"a whole number from 1 to {_MOST_A_MINUTE}", whole(_MOST_A_MINUTE), _count(_MOST_A_MINUTE)
        ),
        "requests_per_day": Key(
            f"a whole number from 1 to {_MOST_A_DAY}", whole(_MOST_A_DAY), _count(_MOST_A_DAY)
        ),
        "requests_burst": Key(
            f"a whole number from 1 to {_MOST_AT_ONCE}", whole(_MOST_AT_ONCE), _count(_MOST_AT_ONCE)
        ),
        "module_rates": Key(
            "a list of {module: a module, burst, per_minute, per_day: whole numbers}, each module once",
            each(_RATE, empty=True, same=_rated_module),
            list_of(_RATE_SCHEMA, empty=True),
        ),
    }
)
