"""Request checks of the authorization layer: whose object is it, by the URL and the routing headers?

OCPI names the owner in three places and gives none precedence; it has no mechanism that authenticates a
party. So all three must be parties that the partner was onboarded with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hardening.checks import Verdicts, check
from hardening.registry.partners import Partner
from hardening.requests.modules import CONFIGURATION
from hardening.requests.request import Request
from hardening.requests.routes import Match, match
from hardening.requests.sample_messages import TOKEN
from hardening.requests.samples import EMSP, HUB, call, routed, with_headers

ROUTING_HEADERS = (
    "ocpi-to-party-id",
    "ocpi-to-country-code",
    "ocpi-from-party-id",
    "ocpi-from-country-code",
)
_NAMES = {side: (f"ocpi-{side}-country-code", f"ocpi-{side}-party-id") for side in ("from", "to")}
_PARTY = re.compile(r"[A-Za-z]{2}\*[A-Za-z0-9]{3}")
# What is meant for every party, so a hub may push it in its own name (OCPI 2.2.1, 4.2.2, "Broadcast Push").
_BROADCAST = ("locations", "tariffs", "tokens")
_UNROUTED = (*CONFIGURATION, "hubclientinfo")
_PUT_TOKEN = call("PUT", "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-1", EMSP, TOKEN)
_GOOD = call("GET", "/ocpi/2.2.1/sender/locations")
_HUB_GET = call("GET", "/ocpi/2.2.1/receiver/tokens/FR/EMY/CARD-1", HUB)
_HUB_TOKEN = {**TOKEN, "country_code": "FR", "party_id": "EMY"}
_HUB_PUT = call("PUT", "/ocpi/2.2.1/receiver/tokens/FR/EMY/CARD-1", HUB, _HUB_TOKEN)


def known_calls(request: Request) -> Iterator[tuple[Partner, Match]]:
    """The partner and the meaning of a call; nothing where the token, the route or the method is unknown."""
    found = match(request.method, request.path)
    if request.credentials and found is not None and found.operation is not None:
        yield request.credentials.partner, found


def owns(partner: Partner, country_code: object, party_id: object) -> bool:
    """Whether (country_code, party_id) is one of the partner's. CiString: letter case does not count."""
    return bool(partner.named(country_code, party_id))


def routing_party(request: Request, side: str) -> tuple[str, str] | None:
    """country_code and party_id of the OCPI-from or OCPI-to headers; None where neither was sent."""
    country_code, party_id = _NAMES[side]
    if country_code not in request.headers and party_id not in request.headers:
        return None
    return (request.headers.get(country_code) or ""), (request.headers.get(party_id) or "")


def speaks_for(
    request: Request, partner: Partner, found: Match, country_code: object, party_id: object
) -> bool:
    """Whether the OCPI-from party is this one, or a hub that broadcasts for it; True without the headers."""
    sender = routing_party(request, "from")
    if sender is None:
        return True
    if "*".join(sender).upper() == f"{country_code}*{party_id}".upper():
        return True
    broadcast = found.route.module in _BROADCAST and request.method != "GET"
    return broadcast and partner.has_hub(*sender)


@check(
    "routing-headers-well-formed",
    good=routed(_GOOD, "NL*EMX"),
    bad=with_headers(_GOOD, {"ocpi-from-country-code": "NL"}),
)
def routing_headers_come_in_pairs(request: Request) -> Verdicts:
    """Half a party would be completed by somebody else's guess; a comma is two headers of one name."""
    for side in ("from", "to"):
        party = routing_party(request, side)
        if party is not None:
            whole = _PARTY.fullmatch("*".join(party)) is not None
            yield request, None if whole else f"OCPI-{side}: expected a country code and a party id"


@check(
    "routing-party-belongs-to-partner",
    good=routed(_GOOD, "NL*EMX"),
    bad=routed(_GOOD, "NL*ZZZ"),
)
def from_party_is_the_partners(request: Request) -> Verdicts:
    """A platform may set any from-header; only the registry says which parties it speaks for."""
    sender = routing_party(request, "from")
    if sender is not None and request.credentials:
        owned = owns(request.credentials.partner, *sender)
        yield request, None if owned else "the OCPI-from party is not one of this partner's"


@check("routing-to-party-is-ours", good=routed(_GOOD, "NL*EMX"), bad=routed(_GOOD, "NL*EMX", "NL*OTH"))
def to_party_is_ours(request: Request) -> Verdicts:
    """The registry says which of our parties a partner contracted with; a service may route by the header."""
    receiver = routing_party(request, "to")
    if receiver is not None and request.credentials and request.credentials.partner.our_parties:
        ours = "*".join(receiver).upper() in map(str.upper, request.credentials.partner.our_parties)
        yield request, None if ours else "the OCPI-to party is none of ours that was contracted"


@check("routing-to-party-is-ours", good=routed(_GOOD, "NL*EMX"), bad=routed(_GOOD, "NL*EMX", "NL*EMX"))
def to_party_is_not_the_partner(request: Request) -> Verdicts:
    """Asked where our parties are not known, too: a call to the caller itself is none for us."""
    receiver = routing_party(request, "to")
    if receiver is not None and request.credentials:
        itself = owns(request.credentials.partner, *receiver)
        yield request, "the OCPI-to party is the partner's own" if itself else None


@check(
    "no-routing-on-configuration-modules",
    good=call("GET", "/ocpi/2.2.1/credentials"),
    bad=with_headers(
        call("GET", "/ocpi/2.2.1/credentials"),
        {"ocpi-from-country-code": "NL", "ocpi-from-party-id": "EMX"},
    ),
)
def configuration_is_not_routed(request: Request) -> Verdicts:
    """OCPI 2.2.1, 4.2.2: versions, credentials and hubclientinfo are never routed."""
    for _, found in known_calls(request):
        if found.route.module in _UNROUTED:
            sent = [name for name in ROUTING_HEADERS if name in request.headers]
            problem = f"{', '.join(sent)}: not with {found.route.module}"
            yield request, problem if sent else None


@check(
    "url-party-belongs-to-partner",
    good=_PUT_TOKEN,
    bad=call("PUT", "/ocpi/2.2.1/receiver/tokens/NL/ZZZ/CARD-1", EMSP, {**TOKEN, "party_id": "ZZZ"}),
)
def url_party_is_the_partners(request: Request) -> Verdicts:
    """OCPI 2.2.1, 4.1.4: client-owned objects are pushed under the owner's country_code and party_id."""
    for partner, found in known_calls(request):
        # A hub tells of other parties: that is what hubclientinfo is for.
        if "party_id" in found.parameters and found.route.module != "hubclientinfo":
            owned = owns(partner, found.parameters["country_code"], found.parameters["party_id"])
            yield request, None if owned else "the party in the URL is not one of this partner's"


@check(
    "routing-party-owns-object",
    good=routed(_HUB_GET, "FR*EMY"),
    bad={
        "another party": routed(_HUB_GET, "FR*CPY"),
        "the hub asks in its own name": routed(_HUB_GET, "NL*HBX"),
    },
    also_good={"the hub broadcasts": routed(_HUB_PUT, "NL*HBX")},
)
def from_party_is_the_one_of_the_url(request: Request) -> Verdicts:
    """One call, one sender: with two in it, a service could book it for either. No GET is a broadcast."""
    for partner, found in known_calls(request):
        if "party_id" in found.parameters and found.route.module != "hubclientinfo":
            party = found.parameters["country_code"], found.parameters["party_id"]
            speaks = speaks_for(request, partner, found, *party)
            yield request, None if speaks else "the OCPI-from party is not the one of the URL"
