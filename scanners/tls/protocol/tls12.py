"""A TLS 1.2 handshake of our own (RFC 5246), to ask what libraries do not: whether a client can renegotiate.

It exchanges keys on elliptic curves, with AES-GCM or ChaCha20-Poly1305: an endpoint without them fails other
checks.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import replace
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from scanners.tls.protocol.hello import HANDSHAKE, Offer, client_hello, record
from scanners.tls.protocol.key_agreement import COMPLETED_GROUPS, Curve, agree, key_share, new_curve_key
from scanners.tls.protocol.server_hello import (
    CERTIFICATE_REQUEST,
    NEW_SESSION_TICKET,
    SERVER_HELLO,
    SERVER_HELLO_DONE,
    SERVER_KEY_EXCHANGE,
    KeyExchange,
    Malformed,
    ServerHello,
    messages,
    parse_key_exchange,
    parse_server_hello,
)
from scanners.tls.protocol.wire import ALERT, CHANGE_CIPHER_SPEC, End, Ended, Wire

_CERTIFICATE, _CLIENT_KEY_EXCHANGE, _FINISHED = 11, 16, 20
# Key length, fixed nonce length and hash of the suites that this client completes (RFC 5289, RFC 7905).
COMPLETED_SUITES: Final = {
    **dict.fromkeys((0xC02B, 0xC02F), (16, 4, "sha256")),
    **dict.fromkeys((0xC02C, 0xC030), (32, 4, "sha384")),
    **dict.fromkeys((0xCCA8, 0xCCA9), (32, 12, "sha256")),
}
_CURVES: Final = frozenset(group for group in COMPLETED_GROUPS if group < 31)


class _Protection:
    """Record protection in one direction (RFC 5288, 3; RFC 7905, 2)."""

    def __init__(self, key: bytes, fixed: bytes) -> None:
        self._gcm = len(fixed) == 4
        self._aead = AESGCM(key) if self._gcm else ChaCha20Poly1305(key)
        self._fixed, self._sequence = fixed, 0

    def _next(self, kind: int, size: int) -> tuple[bytes, bytes]:
        sequence = self._sequence.to_bytes(8, "big")
        self._sequence += 1
        return sequence, sequence + struct.pack("!BHH", kind, 0x0303, size)

    def seal(self, kind: int, payload: bytes) -> bytes:
        sequence, header = self._next(kind, len(payload))
        if self._gcm:
            sealed = sequence + self._aead.encrypt(self._fixed + sequence, payload, header)
        else:
            sealed = self._aead.encrypt(self._mixed(sequence), payload, header)
        return record(kind, 0x0303, sealed)

    def open(self, kind: int, sealed: bytes) -> bytes:
        explicit, data = (sealed[:8], sealed[8:]) if self._gcm else (b"", sealed)
        sequence, header = self._next(kind, max(0, len(data) - 16))
        nonce = self._fixed + explicit if self._gcm else self._mixed(sequence)
        try:
            return self._aead.decrypt(nonce, data, header)
        except (InvalidTag, ValueError):
            raise Malformed("a record does not decrypt") from None

    def _mixed(self, sequence: bytes) -> bytes:
        return bytes(a ^ b for a, b in zip(self._fixed, b"\x00" * 4 + sequence, strict=True))


class Session12:
    """One TLS 1.2 connection: `begin`, then `finish`, then `renegotiate`.

    `hello` and `exchange` are what the server answered; `asked` is whether it wants a client
    certificate, and `ticket_seconds` the life of its ticket, or None.
    """

    def __init__(self, wire: Wire, offer: Offer) -> None:
        self._wire, self._offer = wire, offer
        self._transcript = b""
        self.asked = False
        self.exchange = KeyExchange()
        self.ticket_seconds: int | None = None

    async def begin(self) -> ServerHello:
        """Offer, and read the server's first flight to its end. Raises Ended."""
        sent = client_hello(self._offer)
        self._randoms = sent[6:38]
        self._transcript = sent
        await self._wire.send(record(HANDSHAKE, 0x0301, sent))
        kind, body, raw = await self._wire.message()
        if kind != SERVER_HELLO:
            raise Ended(End.MALFORMED, "the handshake does not begin with a ServerHello")
        self._randoms += body[2:34]
        hello = self.hello = parse_server_hello(body)
        self._suite, self._bound = hello.suite, 23 in hello.extensions
        self._transcript += raw
        while kind != SERVER_HELLO_DONE:
            kind, body, raw = await self._wire.message()
            self._transcript += raw
            self.asked |= kind == CERTIFICATE_REQUEST
            if kind == SERVER_KEY_EXCHANGE:
                self.exchange = parse_key_exchange(body, hello)
        return hello

    def can_finish(self) -> bool:
        """Whether this client has the suite and the group that the server chose."""
        plain = self.hello.version == 0x0303 and self.hello.compression == 0
        return plain and self._suite in COMPLETED_SUITES and self.exchange.group in _CURVES

    async def finish(self) -> None:
        """The rest of the handshake, without a client certificate. Raises Ended."""
        key = new_curve_key(self.exchange.group)
        flight = [_message(_CERTIFICATE, b"\x00\x00\x00")] if self.asked else []
        share = key_share(key)
        flight.append(_message(_CLIENT_KEY_EXCHANGE, bytes([len(share)]) + share))
        self._transcript += b"".join(flight)
        self._derive(key)
        self.verify = self._prf(self._master, b"client finished", self._hash())[:12]
        finished = self._out.seal(HANDSHAKE, _message(_FINISHED, self.verify))
        sent = b"".join(record(HANDSHAKE, 0x0303, one) for one in flight)
        await self._wire.send(sent + b"\x14\x03\x03\x00\x01\x01" + finished)
        await self._server_finished()

    async def renegotiate(self) -> bool:
        """Ask for another handshake in this connection (RFC 5746, 3.5): whether the server begins one.

        Raises Ended if it ends the connection, by an alert or otherwise.
        """
        again = client_hello(replace(self._offer, verify=self.verify))
        await self._wire.send(self._out.seal(HANDSHAKE, again))
        while True:
            kind, sealed = await self._wire.record()
            payload = self._in.open(kind, sealed)
            if kind == HANDSHAKE:
                return payload[:1] == bytes([SERVER_HELLO])
            if kind == ALERT:
                return False  # no_renegotiation, or any other: it does not begin one

    async def _server_finished(self) -> None:
        buffer, sealed = bytearray(), False
        while True:
            kind, payload = await self._wire.record()
            if kind == ALERT and not sealed:
                raise Ended(End.ALERT, "an alert in the handshake")
            if kind == CHANGE_CIPHER_SPEC:
                sealed = True
            elif sealed:
                self._in.open(kind, payload)  # Finished: nothing else comes first
                return
            else:
                buffer += payload
                for one, body, _ in messages(buffer):
                    if one == NEW_SESSION_TICKET:
                        self.ticket_seconds = int.from_bytes(body[:4], "big")

    def _derive(self, key: Curve) -> None:
        size, fixed, _ = COMPLETED_SUITES[self._suite]
        secret = agree(key, self.exchange.share)
        label = b"extended master secret" if self._bound else b"master secret"
        self._master = self._prf(secret, label, self._hash() if self._bound else self._randoms)[:48]
        block = self._prf(self._master, b"key expansion", self._randoms[32:] + self._randoms[:32])
        keys, fixes = block[: 2 * size], block[2 * size : 2 * size + 2 * fixed]
        self._out = _Protection(keys[:size], fixes[:fixed])
        self._in = _Protection(keys[size:], fixes[fixed:])

    def _prf(self, secret: bytes, label: bytes, seed: bytes) -> bytes:
        """P_hash (RFC 5246, 5): 144 bytes, more than anything that we derive."""
        name = self._name()
        data, out = label + seed, b""
        turn = data
        while len(out) < 144:
            turn = hmac.new(secret, turn, name).digest()
            out += hmac.new(secret, turn + data, name).digest()
        return out

    def _hash(self) -> bytes:
        return hashlib.new(self._name(), self._transcript).digest()

    def _name(self) -> str:
        return COMPLETED_SUITES[self._suite][2]


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body
