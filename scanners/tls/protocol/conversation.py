"""Single conversations with an endpoint: send one offer, and see what it does with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Final

from scanners.tls.certificates import certificate_names
from scanners.tls.observations import Answer, Hello, Probe
from scanners.tls.profiles import Profile
from scanners.tls.protocol.codepoints import GROUPS, INTERNAL_ERROR, SIGNATURES, TLS1_3, VERSIONS, named
from scanners.tls.protocol.hello import Offer, hello_record, ssl2_hello
from scanners.tls.protocol.proof import unproven
from scanners.tls.protocol.server_hello import (
    CERTIFICATE,
    CERTIFICATE_REQUEST,
    CERTIFICATE_STATUS,
    NO_KEY_EXCHANGE,
    SERVER_HELLO,
    SERVER_HELLO_DONE,
    SERVER_KEY_EXCHANGE,
    KeyExchange,
    ServerHello,
    parse_certificates,
    parse_key_exchange,
    parse_server_hello,
    parse_status,
)
from scanners.tls.protocol.suites import SUITES
from scanners.tls.protocol.wire import Budget, End, Ended, Wire, connected


@dataclass(frozen=True, slots=True)
class Place:
    """Where to connect, and the name to ask for (empty: no SNI)."""

    address: str
    port: int
    name: str


@dataclass(frozen=True, slots=True)
class Flight:
    """What a server sent in the clear: certificates and the rest only before TLS 1.3."""

    hello: ServerHello
    chain: tuple[bytes, ...] = ()
    key_exchange: KeyExchange = NO_KEY_EXCHANGE
    staple: bytes = b""
    asks_for_certificate: bool = False
    unproven: str = ""


async def fetch(place: Place, offer: Offer, budget: Budget, *, whole: bool = False) -> Flight:
    """The server's answer to `offer`; before TLS 1.3 up to ServerHelloDone if `whole`. Raises Ended."""
    async with connected(place.address, place.port, budget) as wire:
        sent = hello_record(offer)
        await wire.send(sent)
        kind, body, _ = await wire.message()
        if kind != SERVER_HELLO:
            raise Ended(End.MALFORMED, "the handshake does not begin with a ServerHello")
        hello = parse_server_hello(body)
        if hello.version >= TLS1_3 or not whole:
            return Flight(hello)
        flight = await _rest(wire, hello)
        return replace(flight, unproven=_unproven(flight, sent[11:43] + body[2:34]))


def _unproven(flight: Flight, randoms: bytes) -> str:
    """Why the server has not proven its key; empty if it has, or if static RSA leaves it to the rest."""
    exchange = flight.key_exchange
    if not flight.chain or not exchange.proof:
        return ""
    return unproven(flight.chain[0], exchange.signature, exchange.proof, randoms + exchange.parameters)


async def _rest(wire: Wire, hello: ServerHello) -> Flight:
    chain: tuple[bytes, ...] = ()
    key_exchange, staple, asks = NO_KEY_EXCHANGE, b"", False
    while True:
        kind, body, _ = await wire.message()
        if kind == SERVER_HELLO_DONE:
            return Flight(hello, chain, key_exchange, staple, asks)
        if kind == CERTIFICATE:
            chain = parse_certificates(body)
        elif kind == SERVER_KEY_EXCHANGE:
            key_exchange = parse_key_exchange(body, hello)
        elif kind == CERTIFICATE_STATUS:
            staple = parse_status(body)
        elif kind == CERTIFICATE_REQUEST:
            asks = True


async def ask(
    place: Place, offer: Offer | None, budget: Budget, *, whole: bool = False
) -> tuple[Probe, Flight | None]:
    """What the endpoint does with `offer`. What is not an answer is asked once more, then unknown."""
    if offer is None:
        return Probe(answer=Answer.SKIPPED, detail="the profile forbids nothing here"), None
    probe: Probe = Probe(answer=Answer.UNKNOWN, detail="the budget was spent before")
    for _ in range(2):
        if budget.spent():
            return probe, None
        try:
            flight = await fetch(place, offer, budget, whole=whole)
        except Ended as ended:
            probe = without_hello(ended)
            if ended.end not in (End.CLOSED, End.RESET):
                return probe, None
        else:
            seen = hello_seen(flight)
            return Probe(answer=Answer.ACCEPTED, hello=seen, accepted=(seen.suite,)), flight
    return probe, None


_QUIET_REFUSALS: Final = (End.CLOSED.value, "alert internal_error")


def without_hello(ended: Ended) -> Probe:
    """An alert is a refusal. All else is unknown, for the time being: see `settled`."""
    refused = ended.end is End.ALERT and ended.alert != INTERNAL_ERROR
    return Probe(answer=Answer.REFUSED if refused else Answer.UNKNOWN, detail=ended.detail)


def settled(probe: Probe, still_answers: bool) -> Probe:
    """Some servers turn an offer down by closing, or with internal_error (OpenSSL, for old versions).

    That counts only if a good offer is still answered: a server in trouble does the same.
    """
    if probe.answer is Answer.UNKNOWN and probe.detail in _QUIET_REFUSALS and still_answers:
        return replace(probe, answer=Answer.REFUSED)
    return probe


def without_allowed(probe: Probe, offer: Offer | None, profile: Profile) -> Probe:
    """A group that was offered only to keep the certificate usable is no finding."""
    group = probe.hello.group if probe.hello else ""
    offered = {GROUPS[code] for code in offer.groups} if offer else set()
    if probe.answer is Answer.ACCEPTED and group in profile.groups and group in offered:
        return Probe(answer=Answer.REFUSED, detail=f"prefers {group}")
    return probe


def hello_seen(flight: Flight) -> Hello:
    """A flight by name."""
    hello, exchange = flight.hello, flight.key_exchange
    group = hello.group or exchange.group
    leaf = flight.chain[0] if flight.chain else b""
    return Hello(
        version=named(VERSIONS, hello.version),
        suite=named(SUITES, hello.suite),
        group=named(GROUPS, group) if group else "",
        signature=named(SIGNATURES, exchange.signature) if exchange.signature else "",
        dh_bits=exchange.prime_bits,
        extended_master_secret=23 in hello.extensions,
        secure_renegotiation=0xFF01 in hello.extensions,
        compression=hello.compression != 0,
        sentinel=hello.sentinel,
        leaf_sha256=hashlib.sha256(leaf).hexdigest() if leaf else "",
        names=certificate_names(leaf) if leaf else (),
    )


_SSL2_SERVER_HELLO: Final = 4


async def ask_ssl2(place: Place, budget: Budget) -> Probe:
    """Whether the endpoint answers an SSLv2 CLIENT-HELLO in kind."""
    if budget.spent():
        return Probe(answer=Answer.UNKNOWN, detail="the budget was spent before")
    try:
        async with connected(place.address, place.port, budget) as wire:
            await wire.send(ssl2_hello())
            head = await wire.read_some()
    except Ended as ended:
        # It is no TLS record, so that hanging up on it is the plainest of refusals.
        refused = ended.end in (End.CLOSED, End.RESET)
        return Probe(answer=Answer.REFUSED if refused else Answer.UNKNOWN, detail=ended.detail)
    if len(head) > 4 and head[0] & 0x80 and head[2] == _SSL2_SERVER_HELLO:
        return Probe(answer=Answer.ACCEPTED, accepted=("SSLv2",))
    return Probe(answer=Answer.REFUSED, detail="an alert" if head[:1] == b"\x15" else "closed")
