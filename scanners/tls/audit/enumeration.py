"""After a failure: everything forbidden that the endpoint accepts, not only what it chose first.

Each accepted suite, group or version is taken out of the offer, and the rest is offered again, until the
endpoint refuses: one connection more than it accepts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from scanners.tls import probes as p
from scanners.tls.audit.answers import ask
from scanners.tls.observations import Answer, Hello, Probe
from scanners.tls.profiles import Profile
from scanners.tls.protocol.codepoints import GROUPS, SIGNATURES, SSL3, TLS1_3, VERSIONS
from scanners.tls.protocol.conversation import Destination
from scanners.tls.protocol.hello import Offer
from scanners.tls.protocol.suites import CODES
from scanners.tls.protocol.wire import Budget

_MOST: Final = 40

_Shown = Callable[[Hello], str]
_Without = Callable[[Offer, str], Offer]


async def enumerate_accepted(
    destination: Destination, profile: Profile, probes: dict[str, Probe], budget: Budget
) -> None:
    """Complete `accepted` of the forbidden offers that were taken, in destination."""
    name = destination.name
    for probe, offer, shown, without in (
        (p.OLD_VERSIONS, p.old_versions(name), _version, _without_version),
        (p.SUITES_1_2, p.suites_1_2(name, profile), _suite, _without_suite),
        (p.SUITES_1_3, p.suites_1_3(name, profile), _suite, _without_suite),
        (p.GROUPS_1_2, p.groups_1_2(name, profile), _group, _without_group),
        (p.GROUPS_1_3, p.groups_1_3(name, profile), _group, _without_group),
        (p.SIGNATURES_1_2, p.signatures_1_2(name, profile), _signature, _without_signature),
    ):
        found = probes.get(probe)
        if found and found.answer is Answer.ACCEPTED and found.hello and offer:
            hellos = await _all(destination, offer, found.hello, (shown, without), budget)
            primes = [hello.dh_bits for hello in hellos if hello.dh_bits]
            weakest = replace(found.hello, dh_bits=min(primes, default=0))
            probes[probe] = replace(found, hello=weakest, accepted=tuple(shown(h) for h in hellos))


async def _all(
    destination: Destination, offer: Offer, first: Hello, kind: tuple[_Shown, _Without], budget: Budget
) -> list[Hello]:
    shown, without = kind
    hellos, hello = [first], first
    while len(hellos) < _MOST:
        smaller = without(offer, shown(hello))
        if smaller == offer or not (smaller.suites and smaller.groups and smaller.signatures):
            break
        offer = smaller
        # In TLS 1.3 the hello shows all that is enumerated, and forbidden groups cannot be completed.
        probe, _ = await ask(destination, offer, budget, whole=offer.version < TLS1_3)
        if probe.hello is None or shown(probe.hello) in map(shown, hellos):
            break
        hello = probe.hello
        hellos.append(hello)
    return hellos


def _version(hello: Hello) -> str:
    return hello.version


def _suite(hello: Hello) -> str:
    return hello.suite


def _group(hello: Hello) -> str:
    return hello.group


def _signature(hello: Hello) -> str:
    return hello.signature


def _without_version(offer: Offer, name: str) -> Offer:
    this = next(code for code, known in VERSIONS.items() if known == name)
    lower = [code for code in VERSIONS if SSL3 <= code < this]
    return replace(offer, version=max(lower)) if lower else offer


def _without_suite(offer: Offer, name: str) -> Offer:
    return replace(offer, suites=tuple(code for code in offer.suites if code != CODES.get(name)))


def _without_group(offer: Offer, name: str) -> Offer:
    return replace(offer, groups=tuple(code for code in offer.groups if GROUPS.get(code) != name))


def _without_signature(offer: Offer, name: str) -> Offer:
    return replace(offer, signatures=tuple(c for c in offer.signatures if SIGNATURES.get(c) != name))
