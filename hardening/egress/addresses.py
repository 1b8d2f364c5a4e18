"""Which addresses a partner's name may lead to: public ones, and those of its contract (OWASP API7:2023)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from hardening.registry import networks

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# IPv6 networks whose addresses carry an IPv4 address that a gateway connects to: NAT64 (RFC 6052, RFC 8215),
# 6to4 (RFC 3056) and Teredo (RFC 4380). What they lead to cannot be told from here.
_CARRIERS = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


def is_public(text: str) -> bool:
    """Whether `text` is an address of the internet, and no private, shared, local or multicast one.

    An IPv4 address written as IPv6 is no address that a name should lead to.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        carried = address.ipv4_mapped is not None or any(address in one for one in _CARRIERS)
        # ::/96, IPv4-compatible (RFC 4291, 2.5.5.1), is none of Python's kinds.
        if carried or int(address) >> 32 == 0 or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def refused_address(addresses: Iterable[str], allowed: Iterable[str] = ()) -> str | None:
    """Why these addresses of one name may not be called; None where all of them may.

    `allowed` are the CIDRs of the contract; none: any public address. One bad address refuses all of them:
    whoever answers for the name put it there.
    """
    found, wanted = tuple(addresses), tuple(allowed)
    if not found:
        return "the name has no address"
    if any(not is_public(one) for one in found):
        return "the name leads to an address that is not public"
    if wanted and any(not networks.holds(wanted, one) for one in found):
        return "the name leads to an address outside the contracted networks"
    return None
