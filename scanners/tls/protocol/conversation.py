"""One conversation with an endpoint: send one offer, and read the answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from scanners.tls.protocol.codepoints import TLS1_3
from scanners.tls.protocol.hello import Offer, hello_record, ssl2_hello
from scanners.tls.protocol.server_hello import SERVER_HELLO, Flight, KeyExchange, parse_server_hello
from scanners.tls.protocol.tls12 import Session12
from scanners.tls.protocol.tls13 import Session
from scanners.tls.protocol.wire import Budget, End, Ended, connected

_SSL2_SERVER_HELLO: Final = 4


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to connect: IP address and port; the server name to send (empty: no SNI), and the ALPN names."""

    address: str
    port: int
    name: str
    protocols: tuple[str, ...] = ("http/1.1",)


async def fetch(destination: Destination, offer: Offer, budget: Budget, *, whole: bool = False) -> Flight:
    """The server's hello in answer to `offer`; the rest of its flight, too, if `whole`. Raises Ended.

    A `whole` flight of TLS 1.3 is encrypted, so the handshake is completed: the offer must hold only
    groups that this client completes (`key_agreement.COMPLETED_GROUPS`).
    """
    offer = replace(offer, protocols=destination.protocols)
    if whole and offer.version >= TLS1_3:
        return await _fetch_encrypted(destination, offer, budget)
    async with connected(destination.address, destination.port, budget) as wire:
        if whole:
            return await Session12(wire, offer).begin()
        await wire.send(hello_record(offer))
        kind, body, _ = await wire.message()
        if kind != SERVER_HELLO:
            raise Ended(End.MALFORMED, "the handshake does not begin with a ServerHello")
        hello = parse_server_hello(body)
        bare = offer.psk is not None and hello.resumes and not hello.group
        if hello.version == TLS1_3 and hello.group not in offer.groups and not bare:
            raise Ended(End.MALFORMED, "chooses a group that was not offered")
        return Flight(hello, resumed=bare)


async def _fetch_encrypted(destination: Destination, offer: Offer, budget: Budget) -> Flight:
    async with connected(destination.address, destination.port, budget) as wire:
        seen = await Session(wire, offer).handshake()
    signature = KeyExchange(signature=seen.signature)
    return Flight(seen.hello, seen.chain, signature, seen.staple, seen.asks_for_certificate)


async def fetch_ssl2(destination: Destination, budget: Budget) -> bytes:
    """The first bytes that answer an SSLv2 CLIENT-HELLO; none if the server closes. Raises Ended."""
    async with connected(destination.address, destination.port, budget) as wire:
        await wire.send(ssl2_hello())
        return await wire.read_some()


def is_ssl2_hello(head: bytes) -> bool:
    """Whether `head` begins an SSLv2 SERVER-HELLO (Hickman 1995, 2.6)."""
    return len(head) > 4 and bool(head[0] & 0x80) and head[2] == _SSL2_SERVER_HELLO
