"""A TLS 1.2 handshake of our own (RFC 5246), to ask what libraries do not: renegotiation and odd resumptions.

It exchanges keys on elliptic curves, in finite fields and with static RSA, in the suites of `protection12`.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import replace
from typing import Final

from scanners.tls.protocol.exchange12 import exchangeable, exchanged
from scanners.tls.protocol.hello import HANDSHAKE, Offer, client_hello, record
from scanners.tls.protocol.proof import unproven
from scanners.tls.protocol.protection12 import COMPLETED_SUITES, Completed, protections
from scanners.tls.protocol.resumption import LARGEST_TICKET, OldSession
from scanners.tls.protocol.server_hello import (
    CERTIFICATE,
    CERTIFICATE_REQUEST,
    CERTIFICATE_STATUS,
    FINISHED,
    NEW_SESSION_TICKET,
    SERVER_HELLO,
    SERVER_HELLO_DONE,
    SERVER_KEY_EXCHANGE,
    Flight,
    Malformed,
    Reader,
    parse_certificates,
    parse_key_exchange,
    parse_server_hello,
    parse_status,
)
from scanners.tls.protocol.wire import (
    ALERT,
    APPLICATION_DATA,
    CHANGED,
    End,
    Ended,
    Wire,
    fatal_alert,
)

_CLIENT_KEY_EXCHANGE: Final = 16
_CLOSE_NOTIFY: Final = b"\x01\x00"


class Session12:
    """One TLS 1.2 connection: `begin`, then `finish`, then `renegotiate`, or `send` and `receive`.

    `resumed` is the session that the offer names. `flight` is what the server answered, `asked` whether it
    wants a client certificate, and `ticket_seconds` the life of its ticket (None: none is told).
    """

    flight: Flight

    def __init__(self, wire: Wire, offer: Offer, resumed: OldSession | None = None) -> None:
        if resumed:
            name = resumed.session or os.urandom(32)
            offer = replace(offer, session=name, ticket=resumed.ticket, tickets=True)
        self._wire, self._offer, self._resumed = wire, offer, resumed
        self._transcript = b""
        self._ticket = b""
        self.asked = False
        self.ticket_seconds: int | None = None

    async def begin(self) -> Flight:
        """Offer, and read the server's first flight to its end. Raises Ended."""
        sent = client_hello(self._offer)
        self._randoms = sent[6:38]
        self._transcript = sent
        await self._wire.send(record(HANDSHAKE, min(self._offer.version, 0x0301), sent))
        kind, body, raw = await self._wire.message()
        if kind != SERVER_HELLO:
            raise Ended(End.MALFORMED, "the handshake does not begin with a ServerHello")
        self._randoms += body[2:34]
        self._transcript += raw
        flight = Flight(parse_server_hello(body))
        while kind not in (SERVER_HELLO_DONE, CHANGED):
            kind, body, raw = await self._wire.message(changes=True)
            self._transcript += raw
            flight = self._read(flight, kind, body)
        exchange = flight.key_exchange
        if flight.chain and exchange.proof:
            content = self._randoms + exchange.parameters
            problem = unproven(flight.chain[0], exchange.signature, exchange.proof, content)
            flight = replace(flight, unproven=problem)
        self.flight = flight
        return flight

    def _read(self, flight: Flight, kind: int, body: bytes) -> Flight:
        if kind == CERTIFICATE:
            return replace(flight, chain=parse_certificates(body))
        if kind == SERVER_KEY_EXCHANGE:
            return replace(flight, key_exchange=parse_key_exchange(body, flight.hello))
        if kind == CERTIFICATE_STATUS:
            return replace(flight, staple=parse_status(body))
        if kind == CERTIFICATE_REQUEST:
            self.asked = True
            return replace(flight, asks_for_certificate=True)
        if kind == NEW_SESSION_TICKET:
            self._saw_ticket(body)
        if kind == CHANGED:
            if self._resumed is None or flight.hello.session != self._offer.session or flight.chain:
                raise Malformed("a change of keys before there are any")
            return replace(flight, resumed=True)
        return flight

    def can_finish(self) -> bool:
        """Whether this client has the suite and the group that the server chose."""
        hello = self.flight.hello
        suite = COMPLETED_SUITES.get(hello.suite)
        if hello.version != 0x0303 or hello.compression or suite is None:
            return False
        if self.flight.resumed:
            return True
        return exchangeable(suite, self.flight)

    async def finish(self) -> None:
        """The rest of the handshake, without a client certificate. Raises Ended."""
        self._suite: Completed = COMPLETED_SUITES[self.flight.hello.suite]
        if self._resumed and self.flight.resumed:
            self._master = self._resumed.master
            self._expand()
            await self._server_finished(changed=True)
            await self._finished()
            return
        flight = [_message(CERTIFICATE, b"\x00\x00\x00")] if self.flight.asks_for_certificate else []
        secret, share = exchanged(self._suite, self.flight)
        flight.append(_message(_CLIENT_KEY_EXCHANGE, share))
        self._transcript += b"".join(flight)
        bound = 23 in self.flight.hello.extensions
        label = b"extended master secret" if bound else b"master secret"
        self._master = self._prf(secret, label, self._hash() if bound else self._randoms)[:48]
        self._expand()
        await self._wire.send(b"".join(record(HANDSHAKE, 0x0303, one) for one in flight))
        await self._finished()
        await self._server_finished()

    def session(self) -> OldSession | None:
        """What resumes this session; None if the server gave neither an id nor a ticket."""
        name = b"" if self._ticket else self.flight.hello.session
        if not (name or self._ticket):
            return None
        return OldSession(name, self._ticket, self._master, self.flight.hello.suite)

    async def close(self) -> None:
        """Say that nothing follows: a connection that breaks off may end its session too. Raises Ended."""
        await self._wire.send(self._out.seal(ALERT, _CLOSE_NOTIFY))

    async def send(self, data: bytes) -> None:
        """Send application data. Raises Ended."""
        await self._wire.send(self._out.seal(APPLICATION_DATA, data))

    async def receive(self) -> tuple[int, bytes]:
        """The next record's content type and payload, decrypted. Raises Ended, also for an alert."""
        while True:
            kind, sealed = await self._wire.record()
            payload = self._in.open(kind, sealed)
            if kind != ALERT:
                return kind, payload
            fatal_alert(payload)

    async def renegotiate(self) -> bool:
        """Ask for another handshake in this connection (RFC 5746, 3.5): whether the server begins one.

        Raises Ended if it ends the connection, by an alert or otherwise.
        """
        plain = replace(self._offer, verify=self.verify, session=b"", ticket=b"")
        await self._wire.send(self._out.seal(HANDSHAKE, client_hello(plain)))
        while True:
            kind, sealed = await self._wire.record()
            payload = self._in.open(kind, sealed)
            if kind == HANDSHAKE:
                return payload[:1] == bytes([SERVER_HELLO])
            if kind == ALERT:
                fatal_alert(payload)
                return False  # no_renegotiation, or any other warning: it does not begin one

    async def _finished(self) -> None:
        self.verify = self._prf(self._master, b"client finished", self._hash())[:12]
        message = _message(FINISHED, self.verify)
        self._transcript += message
        await self._wire.send(b"\x14\x03\x03\x00\x01\x01" + self._out.seal(HANDSHAKE, message))

    async def _server_finished(self, changed: bool = False) -> None:
        while not changed:
            kind, body, raw = await self._wire.message(changes=True)
            changed = kind == CHANGED
            self._transcript += raw
            if kind == NEW_SESSION_TICKET:
                self._saw_ticket(body)
        kind, payload = await self._wire.record()
        message = self._in.open(kind, payload)
        wanted = self._prf(self._master, b"server finished", self._hash())[:12]
        if kind != HANDSHAKE or not hmac.compare_digest(message, _message(FINISHED, wanted)):
            raise Malformed("the server's Finished is wrong")
        self._transcript += message

    def _saw_ticket(self, body: bytes) -> None:
        reader = Reader(body)
        seconds = reader.number(4)
        self.ticket_seconds = seconds or None  # 0: it is not told (RFC 5077, 3.3)
        ticket = reader.vector(2)
        self._ticket = ticket if len(ticket) <= LARGEST_TICKET else b""

    def _expand(self) -> None:
        block = self._prf(self._master, b"key expansion", self._randoms[32:] + self._randoms[:32])
        self._out, self._in = protections(self._suite, block)

    def _prf(self, secret: bytes, label: bytes, seed: bytes) -> bytes:
        """P_hash (RFC 5246, 5): 192 bytes, more than anything that we derive."""
        name = self._suite.prf
        data, out = label + seed, b""
        turn = data
        while len(out) < 192:
            turn = hmac.new(secret, turn, name).digest()
            out += hmac.new(secret, turn + data, name).digest()
        return out

    def _hash(self) -> bytes:
        return hashlib.new(self._suite.prf, self._transcript).digest()


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body
