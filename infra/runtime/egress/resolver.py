"""From a partner's name to addresses that may be called: what was checked is what is connected to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping

from aiohttp.abc import AbstractResolver, ResolveResult

from hardening.egress.addresses import refused_address
from hardening.egress.target import Refused

# host:port -> address:port of partners that are reached over a private line, or on a lab's own machine.
Elsewhere = Mapping[str, str]


class CheckedResolver(AbstractResolver):
    """Resolves the names of one partner. aiohttp connects to these addresses and asks no second time, so a
    name that changes its mind (DNS rebinding) changes nothing.
    """

    def __init__(self, networks: tuple[str, ...], elsewhere: Elsewhere) -> None:
        """`networks`: the contracted CIDRs; none: any public address."""
        self._networks, self._elsewhere = networks, elsewhere

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """See `AbstractResolver`. Raises Refused, and OSError where the name does not resolve."""
        given = self._elsewhere.get(f"{host}:{port}", "")
        if given:
            address, _, there = given.rpartition(":")
            return [_result(host, address, int(there))]
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        problem = refused_address(addresses, self._networks)
        if problem:
            raise Refused("egress-hosts-listed", problem)
        return [_result(host, address, port) for address in addresses]

    async def close(self) -> None:
        """See `AbstractResolver`: nothing is held."""


def _result(host: str, address: str, port: int) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=socket.AF_INET6 if ":" in address else socket.AF_INET,
        proto=socket.IPPROTO_TCP,
        flags=socket.AI_NUMERICHOST,
    )
