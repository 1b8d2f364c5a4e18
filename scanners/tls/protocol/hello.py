"""Builds ClientHello messages (RFC 5246 and RFC 8446, 4.1.2), with control over every offer in it."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from scanners.tls.protocol.codepoints import GROUPS, SIGNATURES, TLS1_0, TLS1_2, TLS1_3
from scanners.tls.protocol.resumption import Ticket, offered

HANDSHAKE: Final = 22
CLIENT_HELLO: Final = 1
HEARTBEAT: Final = 15

# What a browser of today offers; used where a probe does not restrict them.
COMMON_GROUPS: Final = (0x11EC, 0x11EB, 0x11ED, 29, 23, 24, 25, 30)
COMMON_SIGNATURES: Final = (
    *(0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0807, 0x0808),
    *(0x0809, 0x080A, 0x080B, 0x0401, 0x0501, 0x0601),
)
# Everything that there is, what is preferred first: a server that has only weak ones answers too.
ALL_GROUPS: Final = (*COMMON_GROUPS, *(c for c in GROUPS if c not in COMMON_GROUPS))
ALL_SIGNATURES: Final = (
    *COMMON_SIGNATURES,
    *(c for c in sorted(SIGNATURES, reverse=True) if c not in COMMON_SIGNATURES),
)
_RENEGOTIATION_INFO: Final = 0xFF01
# Values that no server knows, and each must pass over (RFC 8701, 2).
_GREASE: Final = 0x2A2A


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one ClientHello offers, as code points.

    `version` is the highest one. `key_shares` are groups with our public keys (TLS 1.3 only; none asks
    for a HelloRetryRequest). An empty `server_name` sends no SNI. `cookie` answers a HelloRetryRequest.
    `protocols` are those of the application (ALPN; none: no such extension). `oldest` is the lowest version
    that an offer of TLS 1.3 holds too (0: no other). `heartbeats` and `tickets` ask for these extensions,
    `grease` adds values that no server knows, and `verify` renegotiates (the client's Finished before).
    A `second` hello, after a HelloRetryRequest, has the `random` of the first (empty: a fresh one).
    `ticket` resumes a session of TLS 1.2, beside a `session` id; `psk` one of TLS 1.3, with a key exchange
    (`fresh_keys`) or without one.
    """

    version: int
    suites: tuple[int, ...]
    server_name: str = ""
    groups: tuple[int, ...] = COMMON_GROUPS
    signatures: tuple[int, ...] = COMMON_SIGNATURES
    key_shares: tuple[tuple[int, bytes], ...] = ()
    compression: bytes = b"\x00"
    cookie: bytes = b""
    session: bytes = b""
    protocols: tuple[str, ...] = ("http/1.1",)
    oldest: int = 0
    heartbeats: bool = False
    tickets: bool = False
    grease: bool = False
    verify: bytes = b""
    random: bytes = b""
    second: bool = False
    ticket: bytes = b""
    psk: Ticket | None = None
    fresh_keys: bool = True


def client_hello(offer: Offer, before: bytes = b"") -> bytes:
    """The ClientHello as a handshake message, without its record; `before` is the transcript so far."""
    version = min(offer.version, TLS1_2)
    body = struct.pack("!H", version) + (offer.random or os.urandom(32)) + _short(offer.session)
    body += _long(_pairs(_greased(offer, offer.suites)))
    body += _short(offer.compression)
    if offer.version >= TLS1_0:
        body += _long(b"".join(_extensions(offer)))
    message = struct.pack("!B", CLIENT_HELLO) + struct.pack("!I", len(body))[1:] + body
    return offered(message, offer.psk, before) if offer.psk else message


def record(content_type: int, version: int, payload: bytes) -> bytes:
    """`payload` as one or more plaintext records (RFC 8446, 5.1: 2^14 bytes each)."""
    parts = [payload[i : i + 2**14] for i in range(0, len(payload), 2**14)]
    return b"".join(struct.pack("!BHH", content_type, version, len(part)) + part for part in parts)


def hello_record(offer: Offer) -> bytes:
    """The ClientHello in its record, with the version that middleboxes expect there (RFC 8446, 5.1)."""
    return record(HANDSHAKE, min(offer.version, TLS1_0), client_hello(offer))


def ssl2_hello() -> bytes:
    """An SSLv2 CLIENT-HELLO with all seven of its ciphers (Hickman 1995, 2.5)."""
    ciphers = bytes.fromhex("010080 020080 030080 040080 050080 060040 0700c0")
    challenge = os.urandom(16)
    body = struct.pack("!BHHHH", 1, 0x0002, len(ciphers), 0, len(challenge)) + ciphers + challenge
    return struct.pack("!H", 0x8000 | len(body)) + body


def _extensions(offer: Offer) -> Iterable[bytes]:
    if offer.server_name:
        name = offer.server_name.encode("ascii")
        yield _extension(0, _long(b"\x00" + _long(name)))
    yield _extension(5, b"\x01\x00\x00\x00\x00")  # status_request: OCSP
    if offer.groups:
        yield _extension(10, _long(_pairs(_greased(offer, offer.groups))))
    yield _extension(11, b"\x01\x00")  # uncompressed points
    if offer.version >= TLS1_2:
        yield _extension(13, _long(_pairs(offer.signatures)))
    if offer.version <= TLS1_2 or offer.oldest:
        yield _extension(23, b"")  # extended_master_secret (RFC 7627)
        yield _extension(_RENEGOTIATION_INFO, _short(offer.verify))
    if offer.tickets:
        yield _extension(35, offer.ticket)
    if offer.heartbeats:
        yield _extension(HEARTBEAT, b"\x01")  # peer_allowed_to_send (RFC 6520, 2)
    if offer.version >= TLS1_3:
        yield from _newest(offer)
    if offer.protocols:
        yield _extension(16, _long(b"".join(_short(name.encode("ascii")) for name in offer.protocols)))


def _newest(offer: Offer) -> Iterable[bytes]:
    """The extensions of TLS 1.3 alone."""
    versions = (TLS1_3, *((TLS1_2,) if offer.oldest else ()))
    yield _extension(43, _short(_pairs(_greased(offer, versions))))
    # psk_dhe_ke, without which no server sends a ticket, or psk_ke (RFC 8446, 4.2.9).
    yield _extension(45, b"\x01\x01" if offer.fresh_keys else b"\x01\x00")
    unknown = [(_GREASE, b"\x00")] if offer.grease and not offer.second else []
    shares = [*unknown, *offer.key_shares]
    yield _extension(51, _long(b"".join(struct.pack("!H", group) + _long(key) for group, key in shares)))
    if offer.cookie:
        yield _extension(44, _long(offer.cookie))
    if offer.grease:
        yield _extension(_GREASE, b"")


def _greased(offer: Offer, codes: tuple[int, ...]) -> tuple[int, ...]:
    return (_GREASE, *codes) if offer.grease else codes


def _extension(kind: int, body: bytes) -> bytes:
    return struct.pack("!H", kind) + _long(body)


def _short(data: bytes) -> bytes:
    return struct.pack("!B", len(data)) + data


def _long(data: bytes) -> bytes:
    return struct.pack("!H", len(data)) + data


def _pairs(codes: Iterable[int]) -> bytes:
    listed = tuple(codes)
    return struct.pack(f"!{len(listed)}H", *listed)
