"""Which partners share connections: as many classes as Envoy can hold, so one partner's flood is its own."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable

from hardening.registry.partners import Partner

# Each class is a filter chain of its own in Envoy, with a TLS context; more cost memory.
MOST_CLASSES = 64


def connection_classes(partners: Iterable[Partner]) -> tuple[tuple[str, ...], ...]:
    """The partners' networks in at most `MOST_CLASSES` classes; every network stands in one.

    A partner has a class of its own as long as they suffice, and always the same one beside the same
    partners. A network of several partners is a class of its own too.
    """
    owners: dict[str, list[str]] = defaultdict(list)
    for partner in partners:
        for network in partner.networks:
            owners[network].append(partner.name)
    named: dict[str, list[str]] = defaultdict(list)
    for network, names in owners.items():
        named[names[0] if len(names) == 1 else network].append(network)
    if len(named) <= MOST_CLASSES:
        return tuple(tuple(sorted(named[name])) for name in sorted(named))
    shared: dict[int, list[str]] = defaultdict(list)
    for name, networks in named.items():
        shared[zlib.crc32(name.encode()) % MOST_CLASSES] += networks
    return tuple(tuple(sorted(shared[number])) for number in sorted(shared))
