"""Reads ClientHellos and writes ServerHellos, with any flaw that a case wants.

A TLS 1.3 offer is passed on to a good server: only the flaw in TLS 1.2 and below shows.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from scanners.tls.protocol.server_hello import Malformed, Reader, extensions
from scanners.tls.protocol.suites import EPHEMERAL, SUITES
from tests.beds.tls.pki import Served
from tests.beds.tls.servers import Handler

GCM_ECDSA = 0xC02B
X25519, P256 = 29, 23
HANDSHAKE_FAILURE, PROTOCOL_VERSION, INAPPROPRIATE_FALLBACK = 40, 70, 86
FALLBACK_SCSV = 0x5600


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """What the scripted server does with TLS 1.2 and older. The default has no flaw."""

    oldest: int = 0x0303
    suites: tuple[int, ...] = (GCM_ECDSA, 0xC02C)
    groups: tuple[int, ...] = (X25519, P256)
    signatures: tuple[int, ...] = (0x0403,)
    ignores_groups: bool = False
    master_secret: bool = True
    renegotiation: bool = True
    sentinel: bool = True
    compression: bool = False
    dh_bits: int = 0
    ssl2: bool = False
    fallback_seen: bool = True
    own_order: bool = True
    heartbeat: bool = False


@dataclass(slots=True)
class ClientHello:
    """What a client offered, as code points; `found` maps an extension's type to its body."""

    version: int
    random: bytes
    suites: tuple[int, ...]
    compression: bytes
    found: dict[int, bytes] = field(default_factory=dict)

    def listed(self, kind: int) -> tuple[int, ...]:
        """The code points that the extension `kind` lists; none without it."""
        body = self.found.get(kind, b"\x00\x00")
        return _pairs(body[2:])

    @property
    def newest(self) -> bool:
        """Whether TLS 1.3 is offered."""
        return b"\x03\x04" in self.found.get(43, b"")


def scripted(flaw: Flaw, served: Served, upstream: int | None) -> Handler:
    """A handler that plays `flaw`, and passes TLS 1.3 on to the port `upstream` (None: has no TLS 1.3)."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readexactly(5)
        if head[0] == 0x80 or (head[0] & 0x80 and head[2] == 1):
            if flaw.ssl2:
                writer.write(b"\x80\x0b\x04\x00\x01\x00\x02\x00\x00\x00\x00\x00\x00")
            return
        if head[0] != 22:
            return  # plaintext: close
        body = await reader.readexactly(int.from_bytes(head[3:], "big"))
        hello = parse(body)
        if hello.newest and upstream is None and b"\x03\x03" not in hello.found[43]:
            writer.write(alert(PROTOCOL_VERSION))
        elif hello.newest and upstream:
            await relay(reader, writer, upstream, head + body)
        else:
            writer.write(answer(flaw, served, hello))
        await writer.drain()

    return handle


def parse(message: bytes) -> ClientHello:
    """A ClientHello handshake message."""
    reader = Reader(message[4:])
    version = reader.number(2)
    random = reader.take(32)
    reader.vector(1)
    suites = _pairs(reader.vector(2))
    compression = reader.vector(1)
    found = extensions(reader.vector(2)) if reader.rest() else {}
    return ClientHello(version, random, suites, compression, found)


def answer(flaw: Flaw, served: Served, hello: ClientHello) -> bytes:
    """The server's first flight, or an alert."""
    version = min(hello.version, 0x0303)
    if version < flaw.oldest:
        return alert(PROTOCOL_VERSION)
    if flaw.fallback_seen and FALLBACK_SCSV in hello.suites:
        return alert(INAPPROPRIATE_FALLBACK)
    first, second = (flaw.suites, hello.suites) if flaw.own_order else (hello.suites, flaw.suites)
    suite = next((s for s in first if s in second), 0)
    # Without the extension, as in SSLv3, the server is free to choose.
    free = flaw.ignores_groups or 10 not in hello.found
    group = next((g for g in flaw.groups if free or g in hello.listed(10)), 0)
    offered = hello.listed(13) or (0x0203,)
    signature = next((s for s in flaw.signatures if s in offered), 0)
    if not suite or not group or (not signature and version >= 0x0303):
        return alert(HANDSHAKE_FAILURE)
    flight = _server_hello(flaw, version, suite)
    randoms = hello.random + flight[6:38]
    chain = [certificate.public_bytes(serialization.Encoding.DER) for certificate in served.certificates]
    flight += _message(11, _vector(3, b"".join(_vector(3, der) for der in chain)))
    if suite in EPHEMERAL:
        finite = flaw.dh_bits if SUITES[suite].startswith("TLS_DHE") else 0
        flight += _message(
            12, _key_exchange(finite, group, (signature if version >= 0x0303 else 0), (served, randoms))
        )
    return _record(22, flight + _message(14, b""))


def alert(code: int) -> bytes:
    """A fatal alert."""
    return b"\x15\x03\x03\x00\x02\x02" + bytes([code])


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, first: bytes) -> None:
    """Pass a connection on, both ways, until one side ends."""
    upstream, out = await asyncio.open_connection("127.0.0.1", port)
    out.write(first)
    pumps = [asyncio.create_task(_pump(reader, out)), asyncio.create_task(_pump(upstream, writer))]
    await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    for pump in pumps:
        pump.cancel()
    await asyncio.gather(*pumps, return_exceptions=True)
    out.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, Malformed):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


def _server_hello(flaw: Flaw, version: int, suite: int) -> bytes:
    end = (b"DOWNGRD\x01" if version == 0x0303 else b"DOWNGRD\x00") if flaw.sentinel else os.urandom(8)
    body = struct.pack("!H", version) + os.urandom(24) + end + b"\x00"
    body += struct.pack("!HB", suite, int(flaw.compression))
    found = b"\x00\x17\x00\x00" if flaw.master_secret else b""
    found += b"\xff\x01\x00\x01\x00" if flaw.renegotiation else b""
    found += b"\x00\x0f\x00\x01\x01" if flaw.heartbeat else b""
    return _message(2, body + (_vector(2, found) if found else b""))


def _key_exchange(dh_bits: int, group: int, signature: int, signer: tuple[Served, bytes]) -> bytes:
    if dh_bits:
        prime = ((1 << dh_bits) - 1).to_bytes(dh_bits // 8, "big")
        body = _vector(2, prime) + _vector(2, b"\x02") + _vector(2, prime[:-1] + b"\x01")
    else:
        point = os.urandom(32) if group == X25519 else b"\x04" + os.urandom(64)
        body = b"\x03" + struct.pack("!H", group) + _vector(1, point)
    served, randoms = signer
    key = serialization.load_pem_private_key(Path(served.key).read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    proof = key.sign(randoms + body, ec.ECDSA(hashes.SHA256()))
    return body + (struct.pack("!H", signature) if signature else b"") + _vector(2, proof)


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + _vector(3, body)


def _vector(size: int, body: bytes) -> bytes:
    return len(body).to_bytes(size, "big") + body


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("!BHH", kind, 0x0303, len(body)) + body


def _pairs(data: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data) - 1, 2))
