"""Request checks of the authorization layer: whose object is it, by the URL and the routing headers?

OCPI names the owner in three places and gives none precedence; it has no mechanism that authenticates a
party. So all three must be parties that the partner was onboarded with.
"""

from __future__ import annotations

from collections.abc import Iterator

from hardening.checks import Verdicts, check
from hardening.registry.partners import Partner
from hardening.requests.modules import CONFIGURATION
from hardening.requests.request import Request
from hardening.requests.routes import Match, match
from hardening.requests.sample_messages import TOKEN
from hardening.requests.samples import EMSP, call, with_headers

ROUTING_HEADERS = (
    "ocpi-to-party-id",
    "ocpi-to-country-code",
    "ocpi-from-party-id",
    "ocpi-from-country-code",
)
_UNROUTED = (*CONFIGURATION, "hubclientinfo")
_PUT_TOKEN = call("PUT", "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-1", EMSP, TOKEN)
_GOOD = call("GET", "/ocpi/2.2.1/sender/locations")


def known_calls(request: Request) -> Iterator[tuple[Partner, Match]]:
    """The partner and the meaning of a call; nothing where the token, the route or the method is unknown."""
    found = match(request.method, request.path)
    if request.credentials and found is not None and found.operation is not None:
        yield request.credentials.partner, found


def owns(partner: Partner, country_code: object, party_id: object) -> bool:
    """Whether (country_code, party_id) is one of the partner's. CiString: letter case does not count."""
    wanted = (str(country_code).upper(), str(party_id).upper())
    return any((party.country_code.upper(), party.party_id.upper()) == wanted for party in partner.parties)


@check(
    "routing-party-belongs-to-partner",
    good=with_headers(_GOOD, {"ocpi-from-country-code": "NL", "ocpi-from-party-id": "EMX"}),
    bad=with_headers(_GOOD, {"ocpi-from-country-code": "NL", "ocpi-from-party-id": "ZZZ"}),
)
def from_party_is_the_partners(request: Request) -> Verdicts:
    """A platform may set any from-header; only the registry says which parties it speaks for."""
    sent = {name: request.headers[name] for name in ROUTING_HEADERS[2:] if name in request.headers}
    if not sent or not request.credentials:
        return
    country_code, party_id = (sent.get(name, "") for name in reversed(ROUTING_HEADERS[2:]))
    owned = owns(request.credentials.partner, country_code, party_id)
    yield str(request), None if owned else "the OCPI-from party is not one of this partner's"


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
            yield str(request), problem if sent else None


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
            yield str(request), None if owned else "the party in the URL is not one of this partner's"
