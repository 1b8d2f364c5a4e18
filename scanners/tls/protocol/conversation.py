"""One conversation with an endpoint: send one offer, and read the answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from scanners.tls.protocol.codepoints import TLS1_3
from scanners.tls.protocol.hello import Offer, hello_record, ssl2_hello
from scanners.tls.protocol.proof import unproven
from scanners.tls.protocol.server_hello import (
    CERTIFICATE,
    CERTIFICATE_REQUEST,
    CERTIFICATE_STATUS,
    NO_KEY_EXCHANGE,
    SERVER_HELLO,
    SERVER_HELLO_DONE,
    SERVER_KEY_EXCHANGE,
    KeyExchange,
    ServerHello,
    parse_certificates,
    parse_key_exchange,
    parse_server_hello,
    parse_status,
)
from scanners.tls.protocol.tls13 import Session
from scanners.tls.protocol.wire import Budget, End, Ended, Wire, connected

_SSL2_SERVER_HELLO: Final = 4


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to connect: IP address and port; the server name to send (empty: no SNI), and the ALPN names."""

    address: str
    port: int
    name: str
    protocols: tuple[str, ...] = ("http/1.1",)


@dataclass(frozen=True, slots=True)
class Flight:
    """What a server sent up to the end of its first flight, or its hello alone.

    `chain` is DER, `unproven` why the server has not proven its key (empty: it has, or uses static RSA).
    """

    hello: ServerHello
    chain: tuple[bytes, ...] = ()
    key_exchange: KeyExchange = NO_KEY_EXCHANGE
    staple: bytes = b""
    asks_for_certificate: bool = False
    unproven: str = ""


async def fetch(destination: Destination, offer: Offer, budget: Budget, *, whole: bool = False) -> Flight:
    """The server's hello in answer to `offer`; the rest of its flight, too, if `whole`. Raises Ended.

    A `whole` flight of TLS 1.3 is encrypted, so the handshake is completed: the offer must hold only
    groups that this client completes (`key_agreement.COMPLETED_GROUPS`).
    """
    offer = replace(offer, protocols=destination.protocols)
    if whole and offer.version >= TLS1_3:
        return await _fetch_encrypted(destination, offer, budget)
    async with connected(destination.address, destination.port, budget) as wire:
        sent = hello_record(offer)
        await wire.send(sent)
        kind, body, _ = await wire.message()
        if kind != SERVER_HELLO:
            raise Ended(End.MALFORMED, "the handshake does not begin with a ServerHello")
        hello = parse_server_hello(body)
        if hello.version == TLS1_3 and hello.group not in offer.groups:
            raise Ended(End.MALFORMED, "chooses a group that was not offered")
        if not whole:
            return Flight(hello)
        flight = await _rest(wire, hello)
        return replace(flight, unproven=_unproven(flight, sent[11:43] + body[2:34]))


async def _fetch_encrypted(destination: Destination, offer: Offer, budget: Budget) -> Flight:
    async with connected(destination.address, destination.port, budget) as wire:
        seen = await Session(wire, offer).handshake()
    signature = KeyExchange(signature=seen.signature)
    return Flight(seen.hello, seen.chain, signature, seen.staple, seen.asks_for_certificate)


def _unproven(flight: Flight, randoms: bytes) -> str:
    """Why the server has not proven its key; empty if it has, or if static RSA leaves it to the rest."""
    exchange = flight.key_exchange
    if not flight.chain or not exchange.proof:
        return ""
    return unproven(flight.chain[0], exchange.signature, exchange.proof, randoms + exchange.parameters)


async def _rest(wire: Wire, hello: ServerHello) -> Flight:
    chain: tuple[bytes, ...] = ()
    key_exchange, staple, asks = NO_KEY_EXCHANGE, b"", False
    while True:
        kind, body, _ = await wire.message()
        if kind == SERVER_HELLO_DONE:
            return Flight(hello, chain, key_exchange, staple, asks)
        if kind == CERTIFICATE:
            chain = parse_certificates(body)
        elif kind == SERVER_KEY_EXCHANGE:
            key_exchange = parse_key_exchange(body, hello)
        elif kind == CERTIFICATE_STATUS:
            staple = parse_status(body)
        elif kind == CERTIFICATE_REQUEST:
            asks = True


async def fetch_ssl2(destination: Destination, budget: Budget) -> bytes:
    """The first bytes that answer an SSLv2 CLIENT-HELLO; none if the server closes. Raises Ended."""
    async with connected(destination.address, destination.port, budget) as wire:
        await wire.send(ssl2_hello())
        return await wire.read_some()


def is_ssl2_hello(head: bytes) -> bool:
    """Whether `head` begins an SSLv2 SERVER-HELLO (Hickman 1995, 2.6)."""
    return len(head) > 4 and bool(head[0] & 0x80) and head[2] == _SSL2_SERVER_HELLO
