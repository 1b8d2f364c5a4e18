"""A TLS 1.3 handshake of our own (RFC 8446), to see what libraries hide.

It reads what is encrypted: the chain as sent, the staple, the request for a client certificate, the
signature, and how much early data a ticket allows. It proves the server's key (CertificateVerify) and the
transcript (Finished), so that the chain is really the server's. It offers classical groups only: hybrid
groups are found by HelloRetryRequest, which needs no ML-KEM.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

from scanners.tls.protocol.hello import HANDSHAKE, Offer, client_hello, record
from scanners.tls.protocol.proof import unproven
from scanners.tls.protocol.server_hello import (
    CERTIFICATE,
    CERTIFICATE_REQUEST,
    CERTIFICATE_VERIFY,
    ENCRYPTED_EXTENSIONS,
    FINISHED,
    SERVER_HELLO,
    Malformed,
    Reader,
    ServerHello,
    extensions,
    messages,
    parse_certificates_13,
    parse_server_hello,
)
from scanners.tls.protocol.wire import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    End,
    Ended,
    Wire,
    fatal_alert,
)

X25519, P256, P384, P521, X448 = 29, 23, 24, 25, 30
_CURVES: Final[dict[int, Callable[[], ec.EllipticCurve]]] = {
    P256: ec.SECP256R1,
    P384: ec.SECP384R1,
    P521: ec.SECP521R1,
}
_SHA384_SUITES: Final = {0x1302}

Private = x25519.X25519PrivateKey | x448.X448PrivateKey | ec.EllipticCurvePrivateKey
Aead = AESGCM | ChaCha20Poly1305 | AESCCM


@dataclass(frozen=True, slots=True)
class ServerFlight:
    """What the server's encrypted flight held. `signature` is a code point."""

    hello: ServerHello
    chain: tuple[bytes, ...]
    staple: bytes
    signature: int
    asks_for_certificate: bool


class _Protection:
    """Record protection in one direction (RFC 8446, 5.2 and 5.3)."""

    def __init__(self, suite: int, secret: bytes) -> None:
        size = 16 if suite in (0x1301, 0x1304, 0x1305) else 32
        key = expand_label(suite, secret, b"key", b"", size)
        self._aead = _aead(suite, key)
        self._tag = 8 if suite == 0x1305 else 16
        self._iv = expand_label(suite, secret, b"iv", b"", 12)
        self._sequence = 0

    def _nonce(self) -> bytes:
        number = int.from_bytes(self._iv, "big") ^ self._sequence
        self._sequence += 1
        return number.to_bytes(12, "big")

    def seal(self, kind: int, payload: bytes) -> bytes:
        inner = payload + bytes([kind])
        size = len(inner) + self._tag
        header = struct.pack("!BHH", APPLICATION_DATA, 0x0303, size)
        return header + self._aead.encrypt(self._nonce(), inner, header)

    def open(self, payload: bytes) -> tuple[int, bytes]:
        header = struct.pack("!BHH", APPLICATION_DATA, 0x0303, len(payload))
        try:
            inner = self._aead.decrypt(self._nonce(), payload, header).rstrip(b"\x00")
        except InvalidTag:
            raise Malformed("a record does not decrypt") from None
        if not inner:
            raise Malformed("an empty record")
        return inner[-1], inner[:-1]


class Session:
    """One TLS 1.3 connection: `handshake`, then `send` and `receive`."""

    def __init__(self, wire: Wire, offer: Offer) -> None:
        self._wire, self._offer = wire, offer
        self._keys: dict[int, Private] = {group: new_key(group) for group in (X25519, P256)}
        self._transcript = b""
        self._pending = bytearray()
        self.flight: ServerFlight | None = None

    async def handshake(self) -> ServerFlight:
        """Shake hands without a client certificate. Raises Ended."""
        hello = await self._hello()
        shared = _agree(self._keys[hello.group], hello.group, hello.key_share)
        self._suite = hello.suite
        early = _extract(self._suite, b"", b"")
        secret = _extract(self._suite, self._derived(early), shared)
        context = self._hash()
        server = expand_label(self._suite, secret, b"s hs traffic", context)
        client = expand_label(self._suite, secret, b"c hs traffic", context)
        self._in = _Protection(self._suite, server)
        flight = await self._server_flight(hello, server)
        master = _extract(self._suite, self._derived(secret), b"")
        context = self._hash()
        outgoing = _Protection(self._suite, client)
        answer = b""
        if flight.asks_for_certificate:
            certificate = _message(CERTIFICATE, b"\x00\x00\x00\x00")
            self._transcript += certificate
            answer += outgoing.seal(HANDSHAKE, certificate)
        finished = _message(FINISHED, self._finished(client))
        await self._wire.send(answer + outgoing.seal(HANDSHAKE, finished))
        self._out = _Protection(self._suite, expand_label(self._suite, master, b"c ap traffic", context))
        self._in = _Protection(self._suite, expand_label(self._suite, master, b"s ap traffic", context))
        self.flight = flight
        return flight

    async def send(self, data: bytes) -> None:
        """Send application data. Raises Ended."""
        await self._wire.send(self._out.seal(APPLICATION_DATA, data))

    async def receive(self) -> tuple[int, bytes]:
        """The next record's content type and payload, decrypted. Raises Ended, also for an alert."""
        while True:
            kind, payload = await self._wire.record()
            if kind == CHANGE_CIPHER_SPEC:
                continue
            if kind == ALERT:
                fatal_alert(payload)
                continue
            kind, payload = self._in.open(payload)
            if kind != ALERT:
                return kind, payload
            fatal_alert(payload)

    async def _hello(self) -> ServerHello:
        offer = replace(self._offer, key_shares=tuple((g, public(k)) for g, k in self._keys.items()))
        hello = await self._exchange(offer)
        if not hello.retry:
            return self._checked(hello)
        if hello.group not in (X25519, P256, P384, P521, X448):
            raise Ended(End.MALFORMED, "asks for a group that this auditor cannot complete")
        first = b"\xfe\x00\x00" + bytes([_digest(hello.suite, b"").digest_size])
        first += _digest(hello.suite, self._transcript_before).digest()
        self._transcript = first + self._transcript[len(self._transcript_before) :]
        self._keys = {hello.group: new_key(hello.group)}
        shares = ((hello.group, public(self._keys[hello.group])),)
        cookie = Reader(hello.extensions[44]).vector(2) if 44 in hello.extensions else b""
        return self._checked(await self._exchange(replace(offer, key_shares=shares, cookie=cookie)))

    def _checked(self, hello: ServerHello) -> ServerHello:
        if hello.version != 0x0304 or hello.retry or hello.group not in self._keys:
            raise Ended(End.MALFORMED, "answers a TLS 1.3 offer with something else")
        if hello.suite not in self._offer.suites:
            raise Ended(End.MALFORMED, "chooses a suite that was not offered")
        return hello

    async def _exchange(self, offer: Offer) -> ServerHello:
        message = client_hello(offer)
        self._transcript += message
        self._transcript_before = self._transcript
        await self._wire.send(record(HANDSHAKE, 0x0301, message))
        kind, body, raw = await self._wire.message()
        if kind != SERVER_HELLO:
            raise Ended(End.MALFORMED, "the handshake does not begin with a ServerHello")
        self._transcript += raw
        return parse_server_hello(body)

    async def _server_flight(self, hello: ServerHello, secret: bytes) -> ServerFlight:
        chain: tuple[bytes, ...] = ()
        staple, signature, asks = b"", 0, False
        while True:
            kind, body, raw = await self._message()
            if kind == CERTIFICATE_REQUEST:
                asks = True
            elif kind == CERTIFICATE:
                chain, staple = parse_certificates_13(body)
            elif kind == CERTIFICATE_VERIFY:
                signature = Reader(body).number(2)
                _verify(chain, signature, body[4:], self._hash())
            elif kind == FINISHED:
                if not chain or not signature:
                    raise Malformed("the server did not prove its key")
                if not hmac.compare_digest(body, self._finished(secret)):
                    raise Malformed("the server's Finished is wrong")
                self._transcript += raw
                return ServerFlight(hello, chain, staple, signature, asks)
            elif kind != ENCRYPTED_EXTENSIONS:
                raise Malformed(f"message {kind} in the server's flight")
            else:
                extensions(Reader(body).vector(2))
            self._transcript += raw

    async def _message(self) -> tuple[int, bytes, bytes]:
        while True:
            found = messages(self._pending)
            if found:
                self._pending[:0] = b"".join(raw for _, _, raw in found[1:])
                return found[0]
            kind, payload = await self.receive()
            if kind != HANDSHAKE:
                raise Malformed(f"record of type {kind} in the handshake")
            self._pending += payload

    def _hash(self) -> bytes:
        return _digest(self._suite, self._transcript).digest()

    def _derived(self, secret: bytes) -> bytes:
        return expand_label(self._suite, secret, b"derived", _digest(self._suite, b"").digest())

    def _finished(self, secret: bytes) -> bytes:
        key = expand_label(self._suite, secret, b"finished", b"")
        return hmac.new(key, self._hash(), _name(self._suite)).digest()


def new_key(group: int) -> Private:
    """A fresh private key in `group`."""
    if group == X25519:
        return x25519.X25519PrivateKey.generate()
    if group == X448:
        return x448.X448PrivateKey.generate()
    return ec.generate_private_key(_CURVES[group]())


def public(key: Private) -> bytes:
    """The key share that goes with `key` (RFC 8446, 4.2.8.2)."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
    return key.public_key().public_bytes_raw()


def expand_label(suite: int, secret: bytes, label: bytes, context: bytes, size: int = 0) -> bytes:
    """HKDF-Expand-Label (RFC 8446, 7.1); as long as the hash unless `size` is given."""
    size = size or _digest(suite, b"").digest_size
    label = b"tls13 " + label
    info = struct.pack("!HB", size, len(label)) + label + bytes([len(context)]) + context
    # One block is enough: nothing that we derive is longer than the hash.
    return hmac.new(secret, info + b"\x01", _name(suite)).digest()[:size]


def _extract(suite: int, salt: bytes, key: bytes) -> bytes:
    zeros = bytes(_digest(suite, b"").digest_size)
    return hmac.new(salt or zeros, key or zeros, _name(suite)).digest()


def _name(suite: int) -> str:
    return "sha384" if suite in _SHA384_SUITES else "sha256"


def _digest(suite: int, data: bytes) -> hashlib._Hash:
    return hashlib.new(_name(suite), data)


def _aead(suite: int, key: bytes) -> Aead:
    if suite in (0x1301, 0x1302):
        return AESGCM(key)
    if suite == 0x1303:
        return ChaCha20Poly1305(key)
    return AESCCM(key, 8 if suite == 0x1305 else 16)


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + struct.pack("!I", len(body))[1:] + body


def _agree(key: Private, group: int, share: bytes) -> bytes:
    try:
        if isinstance(key, x25519.X25519PrivateKey):
            return key.exchange(x25519.X25519PublicKey.from_public_bytes(share))
        if isinstance(key, x448.X448PrivateKey):
            return key.exchange(x448.X448PublicKey.from_public_bytes(share))
        peer = ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[group](), share)
        return key.exchange(ec.ECDH(), peer)
    except ValueError:
        raise Malformed("a key share that is no point of its group") from None


def _verify(chain: tuple[bytes, ...], signature: int, signed: bytes, transcript: bytes) -> None:
    """Check CertificateVerify (RFC 8446, 4.4.3). Raises Malformed."""
    content = b" " * 64 + b"TLS 1.3, server CertificateVerify\x00" + transcript
    problem = unproven(chain[0], signature, signed, content) if chain else "no certificate was sent"
    if problem:
        raise Malformed(problem)
