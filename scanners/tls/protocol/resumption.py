"""Sessions that a server lets a client resume: what is kept of them, and the pre-shared key of TLS 1.3."""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass
from typing import Final

from scanners.tls.protocol.key_schedule import digest, expand_label, extract, mac
from scanners.tls.protocol.server_hello import Reader

_PRE_SHARED_KEY: Final = 41
# Larger tickets fit in no ClientHello beside the rest.
LARGEST_TICKET: Final = 2**15


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket of TLS 1.3 with its key. `seconds` is its life, `received` in `time.monotonic`'s seconds."""

    identity: bytes
    key: bytes
    suite: int
    seconds: int
    age_add: int
    received: float


@dataclass(frozen=True, slots=True)
class OldSession:
    """A session of TLS 1.2: its id or ticket, its master secret, and the suite that it was made with."""

    session: bytes
    ticket: bytes
    master: bytes
    suite: int


def new_ticket(suite: int, secret: bytes, body: bytes) -> Ticket | None:
    """The ticket in a NewSessionTicket (RFC 8446, 4.6.1), with the key that it stands for. Raises Malformed.

    `secret` is the session's resumption master secret. None if it is too large to be offered.
    """
    reader = Reader(body)
    seconds, age_add, nonce = reader.number(4), reader.number(4), reader.vector(1)
    size = digest(suite, b"").digest_size
    key = expand_label(suite, secret, b"resumption", nonce, size)
    identity = reader.vector(2)
    if not 0 < len(identity) <= LARGEST_TICKET:
        return None
    return Ticket(identity, key, suite, seconds, age_add, time.monotonic())


def offered(message: bytes, ticket: Ticket, before: bytes) -> bytes:
    """A ClientHello that offers `ticket` too, after the transcript `before` (RFC 8446, 4.2.11)."""
    age = int((time.monotonic() - ticket.received) * 1000) + ticket.age_add
    identity = _long(ticket.identity) + struct.pack("!I", age % 2**32)
    size = digest(ticket.suite, b"").digest_size
    binders = struct.pack("!HB", size + 1, size)
    extension = _long(identity) + binders + bytes(size)
    extension = struct.pack("!H", _PRE_SHARED_KEY) + _long(extension)
    at = _extensions_at(message)
    found = message[at + 2 :] + extension
    body = message[4:at] + _long(found)
    whole = message[:1] + len(body).to_bytes(3, "big") + body
    cut = whole[: -size - len(binders)]
    early = extract(ticket.suite, b"", ticket.key)
    nothing = digest(ticket.suite, b"").digest()
    binder = expand_label(ticket.suite, early, b"res binder", nothing)
    finished = expand_label(ticket.suite, binder, b"finished", b"")
    return cut + binders + mac(ticket.suite, finished, digest(ticket.suite, before + cut).digest())


def same_hash(suite: int, other: int) -> bool:
    """Whether a ticket of one suite of TLS 1.3 can be taken with the other (RFC 8446, 4.2.11)."""
    return digest(suite, b"").name == digest(other, b"").name


def _extensions_at(message: bytes) -> int:
    """Where the extensions of a ClientHello begin, with their length."""
    reader = Reader(message[4:])
    reader.take(34)
    for size in (1, 2, 1):
        reader.vector(size)
    return 4 + reader.at


def _long(data: bytes) -> bytes:
    return struct.pack("!H", len(data)) + data
