"""Servers that react badly to more than ordinary offers: to large hellos, unknown values, broken secrets."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.beds.tls.hellos import Flaw, alert, answer, parse, relay
from tests.beds.tls.pki import Served
from tests.beds.tls.servers import Handler

GREASE = {code << 8 | code for code in range(0x0A, 0x100, 0x10)}


def small_buffer(upstream: int, size: int) -> Handler:
    """Reads the first `size` bytes of a hello, and closes if that was not all of it."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(size)
        if first[:1] == b"\x16" and len(first) < 5 + int.from_bytes(first[3:5], "big"):
            return
        await relay(reader, writer, upstream, first)

    return handle


def silent_on_large(upstream: int, size: int) -> Handler:
    """Waits for ever after a hello that is larger than its buffer."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(size)
        if first[:1] == b"\x16" and len(first) < 5 + int.from_bytes(first[3:5], "big"):
            while await reader.read(4096):
                pass
            return
        await relay(reader, writer, upstream, first)

    return handle


def knows_all_values(upstream: int) -> Handler:
    """Takes a value that it does not know for a mistake (decode_error)."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(8192)
        hello = parse(first[5:]) if first[:1] == b"\x16" else None
        if hello and GREASE & {*hello.suites, *hello.listed(10), *hello.found}:
            writer.write(alert(50))
            await writer.drain()
            return
        await relay(reader, writer, upstream, first)

    return handle


def one_version(upstream: int) -> Handler:
    """Takes a hello of two versions for a mistake (protocol_version)."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(8192)
        listed = parse(first[5:]).found.get(43, b"") if first[:1] == b"\x16" else b""
        if b"\x03\x03" in listed:
            writer.write(alert(70))
            await writer.drain()
            return
        await relay(reader, writer, upstream, first)

    return handle


def asks_again_and_again(upstream: int) -> Handler:
    """Answers every hello of TLS 1.3 with a HelloRetryRequest for the same group."""
    retry = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(8192)
        if first[:1] != b"\x16" or not parse(first[5:]).newest:
            await relay(reader, writer, upstream, first)
            return
        found = bytes.fromhex("002b00020304 003300020018")
        body = b"\x03\x03" + retry + b"\x00\x13\x01\x00" + len(found).to_bytes(2, "big") + found
        hello = b"\x02" + len(body).to_bytes(3, "big") + body
        for _ in range(4):
            writer.write(b"\x16\x03\x03" + len(hello).to_bytes(2, "big") + hello)
            await writer.drain()
            if not await reader.read(8192):
                return

    return handle


def tells_of_padding(served: Served, upstream: int, *, told: bool = True) -> Handler:
    """Static RSA beside a good server; a secret with wrong padding gets an alert of its own, if `told`."""
    key = serialization.load_pem_private_key(Path(served.key).read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    numbers = key.private_numbers()
    flaw = Flaw(suites=(0x009C,))

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(8192)
        hello = parse(first[5:]) if first[:1] == b"\x16" else None
        if hello is None or hello.newest or 0x009C not in hello.suites or _prefers_another(hello.suites):
            await relay(reader, writer, upstream, first)
            return
        writer.write(answer(flaw, served, hello))
        await writer.drain()
        head = await reader.readexactly(5)
        body = await reader.readexactly(int.from_bytes(head[3:], "big"))
        sealed = int.from_bytes(body[6:], "big")
        padded = pow(sealed, numbers.d, numbers.public_numbers.n).to_bytes(key.key_size // 8, "big")
        sound = padded[:2] == b"\x00\x02" and padded.find(b"\x00", 2) == len(padded) - 49
        writer.write(alert(20 if sound or not told else 51))
        await writer.drain()

    return handle


def _prefers_another(suites: tuple[int, ...]) -> bool:
    return any(suite in suites for suite in (0xC02F, 0xC030, 0xCCA8))
