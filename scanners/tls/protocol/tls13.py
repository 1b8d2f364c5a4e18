"""A TLS 1.3 handshake of our own (RFC 8446), to see what libraries hide.

It reads what is encrypted: the chain as sent, the staple, the request for a client certificate, the
signature, and how much early data a ticket allows. It proves the server's key (CertificateVerify) and the
transcript (Finished), which proves that the chain is the server's. It exchanges keys in every group that
TLS 1.3 has, those with ML-KEM too: it sends key shares for the usual ones, and others when it is asked.
"""

from __future__ import annotations

import hmac
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from scanners.tls.protocol.client_certificate import ClientCertificate, certificate_body, verify_body
from scanners.tls.protocol.hello import HANDSHAKE, Offer, client_hello, record
from scanners.tls.protocol.key_agreement import (
    COMPLETED_GROUPS,
    P256,
    X25519,
    X25519_MLKEM768,
    Private,
    agree,
    key_share,
    new_key,
)
from scanners.tls.protocol.key_schedule import Protection, digest, expand_label, extract, mac
from scanners.tls.protocol.proof import unproven
from scanners.tls.protocol.resumption import Ticket, new_ticket, same_hash
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


@dataclass(frozen=True, slots=True)
class ServerFlight:
    """What the server's encrypted flight held. `signature` is a code point."""

    hello: ServerHello
    chain: tuple[bytes, ...]
    staple: bytes
    signature: int
    asks_for_certificate: bool


class Session:
    """One TLS 1.3 connection: `handshake`, then `send` and `receive`. `shown` is for a server that asks."""

    def __init__(self, wire: Wire, offer: Offer, shown: ClientCertificate | None = None) -> None:
        self._wire, self._shown = wire, shown
        self._offer = replace(offer, random=os.urandom(32))  # a second hello repeats it
        # With values that no server knows goes the key share of ML-KEM: as browsers send them.
        sent = (X25519_MLKEM768, X25519) if offer.grease else (X25519, P256)
        shared = set(offer.groups) & set(COMPLETED_GROUPS)
        self._keys: dict[int, Private] = {group: new_key(group) for group in sent if group in shared}
        self._transcript = b""
        self._pending = bytearray()
        self.first: ServerHello | None = None
        self.flight: ServerFlight | None = None

    async def handshake(self) -> ServerFlight:
        """Shake hands; an empty certificate answers a request if there is none to show. Raises Ended."""
        hello = await self._hello()
        shared = agree(self._keys[hello.group], hello.key_share)
        self._suite = hello.suite
        early = extract(self._suite, b"", self._psk(hello))
        secret = extract(self._suite, self._derived(early), shared)
        context = self._hash()
        server = expand_label(self._suite, secret, b"s hs traffic", context)
        client = expand_label(self._suite, secret, b"c hs traffic", context)
        self._in = Protection(self._suite, server)
        flight = await self._server_flight(hello, server)
        master = extract(self._suite, self._derived(secret), b"")
        context = self._hash()
        outgoing = Protection(self._suite, client)
        answer = b"".join(outgoing.seal(HANDSHAKE, message) for message in self._answer(flight, client))
        await self._wire.send(answer)
        self._resumption = expand_label(self._suite, master, b"res master", self._hash())
        self._out = Protection(self._suite, expand_label(self._suite, master, b"c ap traffic", context))
        self._in = Protection(self._suite, expand_label(self._suite, master, b"s ap traffic", context))
        self.flight = flight
        return flight

    def _answer(self, flight: ServerFlight, secret: bytes) -> Iterator[bytes]:
        """The messages of our own flight (RFC 8446, 4.4)."""
        if flight.asks_for_certificate:
            yield self._told(_message(CERTIFICATE, certificate_body(self._shown)))
            if self._shown:
                yield self._told(_message(CERTIFICATE_VERIFY, verify_body(self._shown, self._hash())))
        yield self._told(_message(FINISHED, self._finished(secret)))

    def ticket(self, body: bytes) -> Ticket | None:
        """What resumes this session, by a NewSessionTicket. Raises Malformed."""
        return new_ticket(self._suite, self._resumption, body)

    def _psk(self, hello: ServerHello) -> bytes:
        """The key of the ticket that the server takes; none if it does not (RFC 8446, 4.2.11)."""
        offered = self._offer.psk
        if not hello.resumes:
            return b""
        if offered is None or not same_hash(offered.suite, hello.suite):
            raise Malformed("a ticket is taken that was not offered")
        return offered.key

    def _told(self, message: bytes) -> bytes:
        self._transcript += message
        return message

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
        offer = replace(self._offer, key_shares=tuple((g, key_share(k)) for g, k in self._keys.items()))
        hello = await self._exchange(offer)
        self.first = hello
        if not hello.retry:
            return self._checked(hello)
        if hello.group not in self._offer.groups or hello.group in self._keys:
            raise Ended(End.MALFORMED, "asks for a key share that it has, or in a group that was not offered")
        if hello.group not in COMPLETED_GROUPS:
            raise Ended(End.MALFORMED, "asks for a group in which this audit cannot exchange keys")
        first = b"\xfe\x00\x00" + bytes([digest(hello.suite, b"").digest_size])
        first += digest(hello.suite, self._transcript_before).digest()
        self._transcript = first + self._transcript[len(self._transcript_before) :]
        self._keys = {hello.group: new_key(hello.group)}
        shares = ((hello.group, key_share(self._keys[hello.group])),)
        cookie = Reader(hello.extensions[44]).vector(2) if 44 in hello.extensions else b""
        second = replace(offer, key_shares=shares, cookie=cookie, second=True)
        if second.psk and not same_hash(second.psk.suite, hello.suite):
            second = replace(second, psk=None)  # it fits no more (RFC 8446, 4.1.4)
        return self._checked(await self._exchange(second))

    def _checked(self, hello: ServerHello) -> ServerHello:
        if hello.retry:
            raise Ended(End.MALFORMED, "asks twice for another key share (RFC 8446, 4.1.4 forbids it)")
        if hello.version != 0x0304 or hello.group not in self._keys:
            raise Ended(End.MALFORMED, "answers a TLS 1.3 offer with something else")
        if hello.suite not in self._offer.suites:
            raise Ended(End.MALFORMED, "chooses a suite that was not offered")
        return hello

    async def _exchange(self, offer: Offer) -> ServerHello:
        message = client_hello(offer, self._transcript)
        self._transcript += message
        self._transcript_before = self._transcript
        # The first hello may be of any version; what comes after it may not (RFC 8446, 5.1: Go holds it so).
        await self._wire.send(record(HANDSHAKE, 0x0303 if self.first else 0x0301, message))
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
                if not hello.resumes and not (chain and signature):
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
        return digest(self._suite, self._transcript).digest()

    def _derived(self, secret: bytes) -> bytes:
        return expand_label(self._suite, secret, b"derived", digest(self._suite, b"").digest())

    def _finished(self, secret: bytes) -> bytes:
        key = expand_label(self._suite, secret, b"finished", b"")
        return mac(self._suite, key, self._hash())


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + struct.pack("!I", len(body))[1:] + body


def _verify(chain: tuple[bytes, ...], signature: int, signed: bytes, transcript: bytes) -> None:
    """Check CertificateVerify (RFC 8446, 4.4.3). Raises Malformed."""
    content = b" " * 64 + b"TLS 1.3, server CertificateVerify\x00" + transcript
    problem = unproven(chain[0], signature, signed, content) if chain else "no certificate was sent"
    if problem:
        raise Malformed(problem)
