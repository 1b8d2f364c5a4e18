"""What an endpoint does with one offer: accepted, refused or unknown, with the ServerHello by name."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

from scanners.tls.certificates.facts import certificate_names
from scanners.tls.observations import Answer, Hello, Probe
from scanners.tls.profiles import Profile
from scanners.tls.protocol.codepoints import GROUPS, INTERNAL_ERROR, SIGNATURES, VERSIONS, named
from scanners.tls.protocol.conversation import Destination, fetch, fetch_ssl2, is_ssl2_hello
from scanners.tls.protocol.finite_fields import prime_problem
from scanners.tls.protocol.hello import HEARTBEAT, Offer
from scanners.tls.protocol.server_hello import Flight
from scanners.tls.protocol.suites import SUITES
from scanners.tls.protocol.wire import Budget, End, Ended

_QUIET_REFUSALS: Final = (End.CLOSED.value, "alert internal_error")


async def ask(
    destination: Destination, offer: Offer, budget: Budget, *, whole: bool = False
) -> tuple[Probe, Flight | None]:
    """What the endpoint does with `offer`, and the flight if it accepts.

    A connection that is closed or reset without an answer is tried once more, then unknown. `whole` reads
    all of the server's flight, certificates included. Never raises for what the endpoint does.
    """
    probe: Probe = Probe(answer=Answer.UNKNOWN, detail=budget.why_spent())
    for _ in range(2):
        if budget.spent():
            return probe, None
        try:
            flight = await fetch(destination, offer, budget, whole=whole)
        except Ended as ended:
            probe = without_hello(ended)
            if ended.end not in (End.CLOSED, End.RESET):
                return probe, None
        else:
            seen = hello_seen(flight)
            return Probe(answer=Answer.ACCEPTED, hello=seen, accepted=(seen.suite,)), flight
    return probe, None


def without_hello(ended: Ended) -> Probe:
    """The outcome of an offer that got no ServerHello: an alert is a refusal, all else unknown so far.

    `settled` decides later about the unknown ones.
    """
    refused = ended.end is End.ALERT and ended.alert != INTERNAL_ERROR
    return Probe(answer=Answer.REFUSED if refused else Answer.UNKNOWN, detail=ended.detail)


def settled(probe: Probe, still_answers: bool) -> Probe:
    """The probe, refused where an unknown answer proves to be a refusal.

    Some servers refuse an offer by closing, or with internal_error (OpenSSL, for old versions). That counts
    only if a good offer is still answered (`still_answers`): a server in trouble does the same.
    """
    if probe.answer is Answer.UNKNOWN and probe.detail in _QUIET_REFUSALS and still_answers:
        return replace(probe, answer=Answer.REFUSED)
    return probe


def without_allowed(probe: Probe, offer: Offer, profile: Profile) -> Probe:
    """The probe, refused where the group that was taken is one that the profile allows.

    Such a group was offered only because the certificate's key needs it (`probes.groups_1_2`).
    """
    group = probe.hello.group if probe.hello else ""
    offered = {GROUPS[code] for code in offer.groups}
    if probe.answer is Answer.ACCEPTED and group in profile.groups and group in offered:
        return Probe(answer=Answer.REFUSED, detail=f"prefers {group}")
    return probe


def of_version(probe: Probe, version: str) -> Probe:
    """The probe, refused where an older version than the one offered is what the endpoint answers with."""
    if probe.hello and probe.hello.version != version:
        return Probe(answer=Answer.REFUSED, detail=f"answers with {probe.hello.version}", hello=probe.hello)
    return probe


def unproven(probe: Probe, flight: Flight) -> Probe:
    """The probe, unknown: a server that has not proven its key may be anybody."""
    return replace(probe, answer=Answer.UNKNOWN, detail=flight.unproven, hello=None, accepted=())


def hello_seen(flight: Flight) -> Hello:
    """A server's flight, with names in place of code points."""
    hello, exchange = flight.hello, flight.key_exchange
    group = hello.group or exchange.group
    leaf = flight.chain[0] if flight.chain else b""
    return Hello(
        version=named(VERSIONS, hello.version),
        suite=named(SUITES, hello.suite),
        group=named(GROUPS, group) if group else "",
        signature=named(SIGNATURES, exchange.signature) if exchange.signature else "",
        dh_bits=exchange.prime.bit_length(),
        dh_problem=prime_problem(exchange.prime) if exchange.prime else "",
        extended_master_secret=23 in hello.extensions,
        secure_renegotiation=0xFF01 in hello.extensions,
        compression=hello.compression != 0,
        heartbeat=HEARTBEAT in hello.extensions,
        sentinel=hello.sentinel,
        leaf_sha256=hashlib.sha256(leaf).hexdigest() if leaf else "",
        names=certificate_names(leaf) if leaf else (),
    )


async def ask_ssl2(destination: Destination, budget: Budget) -> Probe:
    """Whether the endpoint answers an SSLv2 CLIENT-HELLO with a SERVER-HELLO. Never raises."""
    if budget.spent():
        return Probe(answer=Answer.UNKNOWN, detail=budget.why_spent())
    try:
        head = await fetch_ssl2(destination, budget)
    except Ended as ended:
        # An SSLv2 hello is no TLS record: closing the connection is a refusal.
        refused = ended.end in (End.CLOSED, End.RESET)
        return Probe(answer=Answer.REFUSED if refused else Answer.UNKNOWN, detail=ended.detail)
    if is_ssl2_hello(head):
        return Probe(answer=Answer.ACCEPTED, accepted=("SSLv2",))
    return Probe(answer=Answer.REFUSED, detail="an alert" if head[:1] == b"\x15" else "closed")
