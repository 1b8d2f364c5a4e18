"""Sessions that a server gives: resumed after a HelloRetryRequest, and those that no client could offer."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterator
from dataclasses import replace

import pytest

from scanners.tls import probes as p
from scanners.tls.protocol.exchange12 import exchangeable, exchanged
from scanners.tls.protocol.protection12 import COMPLETED_SUITES, protections
from scanners.tls.protocol.resumption import LARGEST_TICKET, Ticket, new_ticket
from scanners.tls.protocol.server_hello import (
    NEW_SESSION_TICKET,
    Flight,
    KeyExchange,
    Malformed,
    ServerHello,
    messages,
)
from scanners.tls.protocol.tls13 import Session
from scanners.tls.protocol.wire import Budget, Ended, Pace, connected
from tests.beds.tls.bed import Bed
from tests.beds.tls.pki import NAME
from tests.beds.tls.servers import Python

DHE, STATIC = 0x009E, 0x009C


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with Bed() as bed:
        yield bed.start(Python(served=bed.pki.good))


async def _handshake(port: int, ticket: Ticket | None, groups: tuple[int, ...]) -> tuple[bool, Ticket | None]:
    budget = Budget(asyncio.get_running_loop().time() + 10, Pace(0))
    async with connected("127.0.0.1", port, budget) as wire:
        session = Session(wire, replace(p.tls_1_3(NAME), psk=ticket, groups=groups))
        flight = await session.handshake()
        pending, found = bytearray(), None
        while found is None:
            _, payload = await session.receive()
            pending += payload
            found = next(
                (session.ticket(b) for k, b, _ in messages(pending) if k == NEW_SESSION_TICKET), None
            )
        return flight.hello.resumes, found


@pytest.mark.parametrize("groups", [(29, 23), (24,)], ids=["at once", "after a HelloRetryRequest"])
def test_a_ticket_is_taken(port: int, groups: tuple[int, ...]) -> None:
    resumed, ticket = asyncio.run(_handshake(port, None, groups))
    assert not resumed
    assert asyncio.run(_handshake(port, ticket, groups))[0]


def test_a_ticket_with_another_key_is_not_taken(port: int) -> None:
    _, ticket = asyncio.run(_handshake(port, None, (29,)))
    assert ticket
    with pytest.raises(Ended):
        asyncio.run(_handshake(port, replace(ticket, key=bytes(len(ticket.key))), (29,)))


def test_a_ticket_that_fits_in_no_hello_is_not_kept() -> None:
    def body(size: int) -> bytes:
        return bytes(8) + b"\x01\x00" + struct.pack("!H", size) + bytes(size) + b"\x00\x00"

    assert new_ticket(0x1301, bytes(32), body(LARGEST_TICKET))
    assert new_ticket(0x1301, bytes(32), body(LARGEST_TICKET + 1)) is None
    assert new_ticket(0x1301, bytes(32), body(0)) is None


@pytest.mark.parametrize("prime", [0, 1, 4, (1 << 9000) - 1])
def test_a_field_that_is_none_or_too_large_exchanges_no_keys(prime: int) -> None:
    encoded = [part.to_bytes(1200, "big") for part in (prime, 2, 3)]
    parameters = b"".join(struct.pack("!H", 1200) + part for part in encoded)
    exchange = KeyExchange(prime=prime, share=encoded[2], parameters=parameters)
    flight = Flight(ServerHello(0x0303, DHE, 0), key_exchange=exchange)
    if exchangeable(COMPLETED_SUITES[DHE], flight):
        with pytest.raises(Malformed):
            exchanged(COMPLETED_SUITES[DHE], flight)


def test_static_rsa_needs_a_certificate_that_parses() -> None:
    flight = Flight(ServerHello(0x0303, STATIC, 0), chain=(b"no certificate",))
    assert not exchangeable(COMPLETED_SUITES[STATIC], flight)


def test_what_one_side_seals_the_other_opens_in_every_suite() -> None:
    for suite in COMPLETED_SUITES.values():
        block = bytes(range(200))
        swapped = b""
        for size in (suite.mac_key, suite.key, suite.fixed):
            swapped += block[size : 2 * size] + block[:size]
            block = block[2 * size :]
        ours, theirs = protections(suite, bytes(range(200)))[0], protections(suite, swapped)[1]
        for payload in (b"one", b"another of sixteen", b""):
            assert theirs.open(23, ours.seal(23, payload)[5:]) == payload
        with pytest.raises(Malformed):
            theirs.open(23, bytes(64))
