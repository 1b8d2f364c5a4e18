"""Parses what a server sends in the clear: ServerHello, Certificate, ServerKeyExchange and the rest.

Shapes are those of RFC 5246, 7.4 and RFC 8446, 4. Lengths that do not add up raise `Malformed`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

from scanners.tls.protocol.codepoints import DOWNGRADE_TO_1_1, DOWNGRADE_TO_1_2, HELLO_RETRY_RANDOM, TLS1_2
from scanners.tls.protocol.suites import SUITES

SERVER_HELLO: Final = 2
NEW_SESSION_TICKET: Final = 4
ENCRYPTED_EXTENSIONS: Final = 8
CERTIFICATE: Final = 11
SERVER_KEY_EXCHANGE: Final = 12
CERTIFICATE_REQUEST: Final = 13
SERVER_HELLO_DONE: Final = 14
CERTIFICATE_VERIFY: Final = 15
FINISHED: Final = 20
CERTIFICATE_STATUS: Final = 22

_NAMED_CURVE: Final = 3
_PRE_SHARED_KEY: Final = 41


class Malformed(Exception):
    """The bytes are no TLS message. The message names the field, and quotes nothing."""


class Reader:
    """Reads fields off a message, front to back."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes. Raises Malformed."""
        end = self._at + size
        if end > len(self._data):
            raise Malformed("a field is longer than its message")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def number(self, size: int) -> int:
        """The next `size` bytes as a number, big-endian. Raises Malformed."""
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> bytes:
        """A field that is preceded by its length in `size` bytes. Raises Malformed."""
        return self.take(self.number(size))

    @property
    def at(self) -> int:
        """How many bytes were taken."""
        return self._at

    def rest(self) -> bool:
        """Whether anything is left."""
        return self._at < len(self._data)


@dataclass(frozen=True, slots=True)
class ServerHello:
    """A ServerHello or HelloRetryRequest, as code points. `group` is the key share's."""

    version: int
    suite: int
    compression: int
    extensions: dict[int, bytes] = field(default_factory=dict)
    retry: bool = False
    sentinel: bool = False
    group: int = 0
    key_share: bytes = b""
    session: bytes = b""

    @property
    def resumes(self) -> bool:
        """Whether it takes the ticket that was offered (TLS 1.3)."""
        return _PRE_SHARED_KEY in self.extensions


@dataclass(frozen=True, slots=True)
class KeyExchange:
    """A ServerKeyExchange: the curve or the prime, and what it is signed with (0: nothing).

    `share` is the server's public key, `proof` the signature over both randoms and `parameters` (RFC 5246,
    7.4.3), TLS 1.2 only.
    """

    group: int = 0
    prime: int = 0
    share: bytes = b""
    signature: int = 0
    parameters: bytes = b""
    proof: bytes = b""


NO_KEY_EXCHANGE: Final = KeyExchange()


@dataclass(frozen=True, slots=True)
class Flight:
    """What a server sent up to the end of its first flight, or its hello alone.

    `chain` is DER, `unproven` why the server has not proven its key (empty: it has, or uses static RSA).
    `resumed` is whether it resumes the session that was offered: then there is no chain. Of TLS 1.3 that is
    told only where no keys are exchanged.
    """

    hello: ServerHello
    chain: tuple[bytes, ...] = ()
    key_exchange: KeyExchange = NO_KEY_EXCHANGE
    staple: bytes = b""
    asks_for_certificate: bool = False
    unproven: str = ""
    resumed: bool = False


def parse_server_hello(body: bytes) -> ServerHello:
    """A ServerHello or HelloRetryRequest message body (RFC 8446, 4.1.3). Raises Malformed."""
    reader = Reader(body)
    version = reader.number(2)
    random = reader.take(32)
    session = reader.vector(1)
    suite = reader.number(2)
    compression = reader.number(1)
    found = extensions(reader.vector(2)) if reader.rest() else {}
    if 43 in found:
        version = Reader(found[43]).number(2)
    retry = random == HELLO_RETRY_RANDOM
    group, share = 0, b""
    if 51 in found:
        shares = Reader(found[51])
        group = shares.number(2)
        share = b"" if retry else shares.vector(2)
    sentinel = random.endswith((DOWNGRADE_TO_1_1, DOWNGRADE_TO_1_2))
    return ServerHello(version, suite, compression, found, retry, sentinel, group, share, session)


def extensions(data: bytes) -> dict[int, bytes]:
    """The extensions in `data`, type -> body (RFC 8446, 4.2). Raises Malformed."""
    reader, found = Reader(data), {}
    while reader.rest():
        kind = reader.number(2)
        found[kind] = reader.vector(2)
    return found


def parse_certificates(body: bytes) -> tuple[bytes, ...]:
    """The DER certificates of a TLS 1.2 Certificate message, as sent (RFC 5246, 7.4.2). Raises Malformed."""
    reader, chain = Reader(Reader(body).vector(3)), []
    while reader.rest():
        chain.append(reader.vector(3))
    return tuple(chain)


def parse_certificates_13(body: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """The DER certificates of a TLS 1.3 Certificate message, and the leaf's OCSP response (or nothing).

    RFC 8446, 4.4.2. Raises Malformed.
    """
    outer = Reader(body)
    outer.vector(1)
    reader, chain, staple = Reader(outer.vector(3)), [], b""
    while reader.rest():
        chain.append(reader.vector(3))
        found = extensions(reader.vector(2))
        if len(chain) == 1 and 5 in found:
            staple = parse_status(found[5])
    return tuple(chain), staple


def parse_status(body: bytes) -> bytes:
    """The OCSP response of a CertificateStatus (RFC 6066, 8); nothing if it is of another type."""
    reader = Reader(body)
    return reader.vector(3) if reader.number(1) == 1 else b""


def parse_key_exchange(body: bytes, hello: ServerHello) -> KeyExchange:
    """A ServerKeyExchange message body (RFC 8422, 5.4; RFC 5246, 7.4.3). Raises Malformed."""
    name = SUITES.get(hello.suite, "")
    reader = Reader(body)
    group, prime, share = 0, 0, b""
    if name.startswith(("TLS_ECDHE", "TLS_ECDH_anon")):
        kind = reader.number(1)
        if kind != _NAMED_CURVE:
            return KeyExchange(group=0xFF01)
        group = reader.number(2)
        share = reader.vector(1)
    elif not name.startswith(("TLS_DHE", "TLS_DH_anon")):
        return NO_KEY_EXCHANGE  # RSA export keys, say: the suite's name is bad enough
    else:
        prime = int.from_bytes(reader.vector(2), "big")
        reader.vector(2)
        share = reader.vector(2)
    if not reader.rest():
        return KeyExchange(group, prime, share)
    if hello.version >= TLS1_2:
        parameters = body[: reader.at]
        return KeyExchange(group, prime, share, reader.number(2), parameters, reader.vector(2))
    # Before TLS 1.2 it is always MD5 with SHA-1, or SHA-1 alone (RFC 4346, 7.4.3).
    return KeyExchange(group, prime, share, 0x0203 if "ECDSA" in name else 0x0201)


def messages(buffer: bytearray) -> list[tuple[int, bytes, bytes]]:
    """Take the complete handshake messages off the front: type, body, and the raw message."""
    found = []
    while len(buffer) >= 4:
        size = struct.unpack("!I", b"\x00" + bytes(buffer[1:4]))[0]
        if len(buffer) < 4 + size:
            break
        raw = bytes(buffer[: 4 + size])
        found.append((raw[0], raw[4:], raw))
        del buffer[: 4 + size]
    return found
