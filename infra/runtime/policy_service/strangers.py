"""How many calls of nobody's a source may send: guesses and floods of one address cost no other a look.

A source is an IPv4 address or an IPv6 network of 64 bits, which one machine has whole (RFC 7421). As a site
may have 65,536 of those (RFC 6177), the network of 48 bits around it is counted too, with ten times as much.
Who is over it is looked up after the others, so who shares an address with a guesser is served.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

# A partner that tries again with an expired token sends fewer.
_A_SECOND = 20.0
_AT_ONCE = 500
# Lengths of an IPv6 source's networks, and how many sources' worth each may send.
_IPV6 = ((64, 1), (48, 10))
# Sources that are remembered: of more, who called longest ago begins anew.
_MOST_SOURCES = 10_000


class SourceBusy(Exception):
    """More calls of nobody's come from this source than are looked at; `seconds` until the next one is."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Strangers:
    """The generic cell rate algorithm (ITU-T I.371, A.1) for each source. For one worker."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds since some moment."""
        self._clock = clock
        # source -> the moment at which it will have paid for its calls
        self._paid: OrderedDict[str, float] = OrderedDict()

    def look(self, source: str) -> None:
        """Raises SourceBusy where the source has sent too many."""
        now = self._clock()
        early = max(
            self._paid.get(network, 0.0) - now - (_AT_ONCE * many - 1) / (_A_SECOND * many)
            for network, many in _networks(source)
        )
        # A rounding error of the moments is no call.
        if early > 1e-6:
            raise SourceBusy(math.ceil(early))

    def is_busy(self, source: str) -> bool:
        """Whether the source has sent too many."""
        try:
            self.look(source)
        except SourceBusy:
            return True
        return False

    def count(self, source: str) -> None:
        """One call of nobody's. Raises SourceBusy, and does not count it, where it is one too many."""
        self.look(source)
        now = self._clock()
        for network, many in _networks(source):
            self._paid[network] = max(self._paid.pop(network, 0.0), now) + 1 / (_A_SECOND * many)
        while len(self._paid) > _MOST_SOURCES:
            self._paid.popitem(last=False)


def _networks(source: str) -> tuple[tuple[str, int], ...]:
    """What a source is counted as, and how many sources' worth each of them may send."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return (("", 1),)
    if address.version == 4:
        return ((source, 1),)
    if address.ipv4_mapped is not None:
        return ((str(address.ipv4_mapped), 1),)
    return tuple((str(ipaddress.ip_network((address, bits), strict=False)), many) for bits, many in _IPV6)
