"""Endpoints that misbehave below or above TLS: tarpits, drips, floods, other protocols, odd HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import struct

from tests.beds.tls.hellos import alert, parse, relay
from tests.beds.tls.servers import Handler


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A tarpit: takes everything, says nothing."""
    with contextlib.suppress(OSError):
        while await reader.read(65536):
            pass


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One byte of a ServerHello at a time."""
    await reader.read(4096)
    for byte in itertools.chain(b"\x16\x03\x03\x40\x00", itertools.repeat(0)):
        if await _gone(reader, writer):
            return
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.4)


async def endless_handshake(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Warnings without end, as fast as they are taken."""
    await reader.read(4096)
    while not await _gone(reader, writer):
        writer.write(b"\x15\x03\x03\x00\x02\x01\x70" * 2000)
        await writer.drain()


async def endless_message(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One handshake message of 16 MB, in full records."""
    await reader.read(4096)
    body = b"\x02\xff\xff\xff" + bytes(2**14 - 4)
    while not await _gone(reader, writer):
        writer.write(struct.pack("!BHH", 22, 0x0303, 2**14) + body)
        body = bytes(2**14)
        await writer.drain()


async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hangs up on every hello."""
    await reader.read(4096)


async def resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Resets every connection after the hello."""
    await reader.read(4096)
    _reset(writer)


async def alerting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers every hello with handshake_failure."""
    await reader.read(4096)
    writer.write(alert(40))


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers with bytes of no protocol."""
    await reader.read(4096)
    writer.write(b"\x00\x01\x02\x03" * 32)


async def ssh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An SSH server's banner."""
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    await writer.drain()
    await reader.read(4096)


async def smtp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A mail server's greeting."""
    writer.write(b"220 mail.example.com ESMTP\r\n")
    await writer.drain()
    await reader.read(4096)


def http(status: str, *headers: str, body: str = "{}") -> Handler:
    """Answers HTTP, over TLS or without."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            more = await reader.read(4096)
            if not more:
                return
            data += more
            if data[:1] == b"\x16":
                data += b"\r\n\r\n"  # a ClientHello: answer it as old servers do
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
        writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        await writer.drain()

    return handle


def http_by_token(without: str, with_token: str, *headers: str) -> Handler:
    """Answers by whether an Authorization header is there."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await reader.readuntil(b"\r\n\r\n")
        status = with_token if b"authorization:" in data.lower() else without
        lines = [f"HTTP/1.1 {status}", "Content-Length: 2", "Connection: close", *headers]
        writer.write(("\r\n".join(lines) + "\r\n\r\n{}").encode())
        await writer.drain()

    return handle


async def endless_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A good head, and a body without end."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not await _gone(reader, writer):
        writer.write(b"4000\r\n" + bytes(0x4000) + b"\r\n")
        await writer.drain()


async def long_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An answer of 150 kB that says so, at once."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 150000\r\n\r\n" + bytes(150_000))
    await writer.drain()


async def dripping_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A good head, and one byte of the body now and then."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not await _gone(reader, writer):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.3)


def rate_limited(upstream: int, most: int) -> Handler:
    """Resets every connection after the first `most`."""
    seen = itertools.count(1)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if next(seen) > most:
            _reset(writer)
            return
        await relay(reader, writer, upstream, b"")

    return handle


def alternating(*upstreams: int, after: int = 1) -> Handler:
    """Back ends in turn, each for `after` connections: one address, different answers."""
    turn = itertools.cycle(port for port in upstreams for _ in range(after))

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await relay(reader, writer, next(turn), b"")

    return handle


def by_version(newest: int, older: int) -> Handler:
    """Two servers at one port: one for clients that offer TLS 1.3, one for the others."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(4096)
        offered = parse(first[5:]).newest if first[:1] == b"\x16" else False
        await relay(reader, writer, newest if offered else older, first)

    return handle


def slow(upstream: int, seconds: float) -> Handler:
    """A good server that takes its time for each connection."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await relay(reader, writer, upstream, b"")

    return handle


def without_http_1(upstream: int) -> Handler:
    """Takes HTTP/2 alone: an alert for every hello that names other protocols (RFC 7301, 3.2)."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(4096)
        named = parse(first[5:]).found.get(16, b"") if first[:1] == b"\x16" else b""
        if named and b"\x02h2" not in named:
            writer.write(alert(120))
            await writer.drain()
            return
        await relay(reader, writer, upstream, first)

    return handle


def refusing_newest(code: int, upstream: int) -> Handler:
    """Refuses every offer of TLS 1.3 with an alert, and passes the others on to a server that has it."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(4096)
        if first[:1] == b"\x16" and parse(first[5:]).newest:
            writer.write(alert(code))
            await writer.drain()
            return
        await relay(reader, writer, upstream, first)

    return handle


def also_plain(upstream: int, plain: Handler) -> Handler:
    """TLS and plaintext HTTP on one port."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(4096)
        if first[:1] in (b"\x16", b"\x80") or not first:
            await relay(reader, writer, upstream, first)
            return
        replay = asyncio.StreamReader()
        replay.feed_data(first)
        replay.feed_eof()
        await plain(replay, writer)

    return handle


async def _gone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    await asyncio.sleep(0)  # a write to a lost connection does not yield: let the loop hear of the loss
    return writer.is_closing() or reader.at_eof() or reader.exception() is not None


def _reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
