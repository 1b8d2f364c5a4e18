"""A partner's networks: how wide one may be, and whether an address is in it.

The one home of this rule. The registry refuses a wider network, WAF, the API's resource policy and the guard
admit these and no others, and the stack check judges what was deployed.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# IP version -> the shortest prefix. 4,096 IPv4 addresses, or one IPv6 site (RFC 6177), are more than any
# platform calls from; a /16 or an IPv6 /32 is a whole provider, and admits its other customers.
SHORTEST_PREFIX: Mapping[int, int] = MappingProxyType({4: 20, 6: 48})


def network(text: str) -> Network:
    """The network that `text` (a CIDR without host bits, or one address) writes. Raises ValueError.

    An IPv4 network written as IPv6 (`::ffff:198.51.100.0/120`) is none: no gate would match it. Nor is one
    with a mask in the place of its prefix, or with the zone of a link.
    """
    if not re.fullmatch(r"[0-9A-Fa-f.:]+(?:/[0-9]{1,3})?", text):
        raise ValueError("expected an address, with an optional prefix")
    found = ipaddress.ip_network(text, strict=True)
    if isinstance(found, ipaddress.IPv6Network) and found.network_address.ipv4_mapped is not None:
        raise ValueError("an IPv4 network written as IPv6")
    return found


def is_too_wide(found: Network) -> bool:
    """Whether a network is wider than any partner's may be."""
    return found.prefixlen < SHORTEST_PREFIX[found.version]


def of_version(networks: Iterable[str], version: int) -> tuple[str, ...]:
    """Those of `networks` that are of IP version 4 or 6, in their order, as WAF stores them.

    That is one spelling with a prefix: `198.51.100.7/32`, `2001:db8::/48` (AWS WAF, IPSet, Addresses).
    """
    return tuple(str(found) for found in map(network, networks) if found.version == version)


def holds(networks: Iterable[str], source: str) -> bool:
    """Whether `source` is an address in one of `networks`; False for any text that is no address.

    An IPv4 address may come as IPv6 (`::ffff:198.51.100.7`), as from a dual-stack socket.
    """
    return _holds(tuple(networks), source)


@lru_cache(maxsize=4096)
def _holds(networks: tuple[str, ...], source: str) -> bool:
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    return any(address in network(text) for text in networks)
