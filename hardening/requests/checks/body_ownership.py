"""Request checks of the authorization layer: whose object is it, by the body?

They are asked after `message-matches-its-edition`, which refuses a body without the fields that they read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hardening.checks import Verdicts, check
from hardening.registry.partners import Partner
from hardening.requests.body import as_object
from hardening.requests.checks.ownership import known_calls, owns, speaks_for
from hardening.requests.modules import MODULES
from hardening.requests.request import Request
from hardening.requests.routes import Match
from hardening.requests.sample_messages import CDR, CREDENTIALS, LOCATION, SESSION, START_SESSION, TOKEN
from hardening.requests.samples import CPO, EMSP, HUB, call, routed

_PUT_LOCATION = call("PUT", "/ocpi/2.2.1/receiver/locations/DE/CPX/LOC-1", CPO, LOCATION)
_POST_CDR = call("POST", "/ocpi/2.2.1/receiver/cdrs", CPO, CDR)
_HUB_CDR = call("POST", "/ocpi/2.2.1/receiver/cdrs", HUB, {**CDR, "country_code": "FR", "party_id": "CPY"})
_COMMANDS = "/ocpi/2.2.1/receiver/commands"
_HUB_TOKEN = {**TOKEN, "country_code": "FR", "party_id": "EMY"}
_HUB_START = call(
    "POST",
    f"{_COMMANDS}/START_SESSION",
    HUB,
    {**START_SESSION, "token": _HUB_TOKEN, "response_url": "https://ocpi.hub.example/ocpi/answers/1"},
)
_REGISTER = call("POST", "/ocpi/2.2.1/credentials", EMSP, CREDENTIALS)


def _hub_registers(hub_party_id: str) -> Request:
    """A hub of 2.3.0 registers with a party that it reaches."""
    role = {**CREDENTIALS["roles"][0], "country_code": "FR", "party_id": "EMY"}
    body = {
        **CREDENTIALS,
        "url": "https://ocpi.hub.example/ocpi/versions",
        "hub_party_id": hub_party_id,
        "roles": [role],
    }
    return call("POST", "/ocpi/2.3.0/credentials", HUB, body)


_REGISTER_HUB = _hub_registers("NLHBX")

# The last parameter of a pushed object's URL -> the field of the body that must equal it.
_ID_FIELDS = {
    "location_id": "id",
    "evse_uid": "uid",
    "connector_id": "id",
    "session_id": "id",
    "tariff_id": "id",
    "token_uid": "uid",
}
# Objects with country_code and party_id of their own (EVSE and Connector are their Location's). Only
# receivers take them.
_CARRIES_OWNER = ("Location", "Session", "CDR", "Tariff", "Token")


def _owned_bodies(request: Request) -> Iterator[tuple[Partner, Match, Mapping[str, Any]]]:
    """Who pushes what, where the body names its owner."""
    for partner, found in known_calls(request):
        if found.body in _CARRIES_OWNER:
            body = as_object(request.body)
            if "country_code" in body and "party_id" in body:
                yield partner, found, body


def _same(given: object, known: str) -> bool:
    return isinstance(given, str) and given.upper() == known.upper()


@check(
    "body-party-belongs-to-partner",
    good=_POST_CDR,
    bad=call("POST", "/ocpi/2.2.1/receiver/cdrs", CPO, {**CDR, "party_id": "ZZZ"}),
)
def body_party_is_the_partners(request: Request) -> Verdicts:
    """A CDR names its owner in the body alone; the other objects do so beside the URL (from 2.2 on)."""
    for partner, _, body in _owned_bodies(request):
        owned = owns(partner, body["country_code"], body["party_id"])
        yield request, None if owned else "the party in the body is not one of this partner's"


@check(
    "interface-matches-role",
    good=_HUB_CDR,
    bad=call("POST", "/ocpi/2.2.1/receiver/cdrs", HUB, {**CDR, "country_code": "FR", "party_id": "EMY"}),
)
def body_party_has_the_role(request: Request) -> Verdicts:
    """A CDR is a charge point operator's: the eMSP party of the same platform cannot own one."""
    for partner, found, body in _owned_bodies(request):
        callers = MODULES[found.route.module].callers(found.route.interface)
        parties = partner.named(body["country_code"], body["party_id"])
        role_fits = any(party.role in callers for party in parties)
        yield request, None if role_fits else f"the party in the body is no {' or '.join(callers)}"


@check(
    "routing-party-owns-object",
    good=routed(_HUB_CDR, "FR*CPY"),
    bad={"another party": routed(_HUB_CDR, "FR*CPZ"), "a CDR for everybody": routed(_HUB_CDR, "NL*HBX")},
)
def from_party_is_the_one_of_the_body(request: Request) -> Verdicts:
    """A CDR names its owner in the body alone, and is for one party: a hub does not broadcast it."""
    for partner, found, body in _owned_bodies(request):
        speaks = speaks_for(request, partner, found, body["country_code"], body["party_id"])
        yield request, None if speaks else "the OCPI-from party is not the one of the body"


@check(
    "body-party-belongs-to-partner",
    good=_PUT_LOCATION,
    bad=call("PUT", "/ocpi/2.2.1/receiver/locations/DE/CPX/LOC-1", CPO, {**LOCATION, "country_code": "NL"}),
)
def body_party_is_the_party_of_the_url(request: Request) -> Verdicts:
    """OCPI 2.2.1, 4.1.4: an object is pushed under the URL of its own party."""
    for _, found in known_calls(request):
        if "party_id" in found.parameters and found.body:
            body = as_object(request.body)
            given = [name for name in ("country_code", "party_id") if name in body]
            differ = [name for name in given if not _same(body[name], found.parameters[name])]
            if given:
                yield request, f"{', '.join(differ)}: not the one of the URL" if differ else None


@check(
    "object-id-matches-url",
    good=call("PUT", "/ocpi/2.2.1/receiver/sessions/DE/CPX/SES-1", CPO, SESSION),
    bad=call("PUT", "/ocpi/2.2.1/receiver/sessions/DE/CPX/SES-2", CPO, SESSION),
)
def object_id_is_the_one_of_the_url(request: Request) -> Verdicts:
    """The last part of a client-owned object's URL is its id (OCPI 2.2.1, 4.1.4)."""
    for _, found in known_calls(request):
        parameter = found.route.parameters[-1] if found.route.parameters else ""
        if not found.body or parameter not in _ID_FIELDS:
            continue
        if "party_id" not in found.parameters:
            continue
        body = as_object(request.body)
        name = _ID_FIELDS[parameter]
        if name in body:
            equal = _same(body[name], found.parameters[parameter])
            yield request, None if equal else f"{name} in the body is not the {parameter} of the URL"


@check(
    "command-token-belongs-to-partner",
    good=call("POST", f"{_COMMANDS}/START_SESSION", EMSP, START_SESSION),
    bad={
        "somebody else's": call(
            "POST",
            f"{_COMMANDS}/START_SESSION",
            EMSP,
            {**START_SESSION, "token": {**TOKEN, "party_id": "ZZZ"}},
        ),
        "in the name of the hub": routed(_HUB_START, "NL*HBX"),
    },
    also_good={"in the name of a provider of the hub": routed(_HUB_START, "FR*EMY")},
)
def command_uses_a_token_of_its_sender(request: Request) -> Verdicts:
    """Of the providers behind one hub none charges another's driver. Tokens of 2.1.1 do not name their owner:
    there, only the list that the partner pushed can tell.
    """
    for partner, found in known_calls(request):
        if found.route.module != "commands" or found.route.interface != "receiver":
            continue
        token = as_object(request.body).get("token")
        if isinstance(token, dict) and found.route.version != "2.1.1":
            owner = token.get("country_code"), token.get("party_id")
            owned = owns(partner, *owner) and speaks_for(request, partner, found, *owner)
            yield (
                request,
                None if owned else "the token is not one of this partner's, or of the sender's",
            )


@check(
    "credentials-roles-as-onboarded",
    good=_REGISTER,
    bad=call(
        "POST",
        "/ocpi/2.2.1/credentials",
        EMSP,
        {**CREDENTIALS, "roles": [{**CREDENTIALS["roles"][0], "party_id": "ZZZ"}]},
    ),
)
def registered_roles_are_onboarded(request: Request) -> Verdicts:
    """OCPI 2.2.1, 7.3.1: the roles of a Credentials object are those that the registry has for this
    partner.
    """
    for partner, found in known_calls(request):
        if found.body != "Credentials":
            continue
        body = as_object(request.body)
        roles = [body] if found.route.version == "2.1.1" else (body.get("roles") or [])
        for role in roles:
            known = isinstance(role, dict) and _onboarded(partner, role)
            yield request, None if known else "a role that this partner was not onboarded with"


def _onboarded(partner: Partner, role: Mapping[str, Any]) -> bool:
    """Whether this very party has this very role; 2.1.1 names no role."""
    parties = partner.named(role.get("country_code"), role.get("party_id"))
    return any("role" not in role or role["role"] == party.role for party in parties)


@check(
    "credentials-roles-as-onboarded",
    good=_REGISTER_HUB,
    bad={
        "another hub": _hub_registers("NLHBY"),
        "a provider": _hub_registers("FREMY"),
    },
)
def registered_hub_is_onboarded(request: Request) -> Verdicts:
    """OCPI 2.3.0, 7.3.1: `hub_party_id` is the partner's own hub, country code and party id in one text."""
    for partner, found in known_calls(request):
        named = as_object(request.body).get("hub_party_id")
        if found.route.module == "credentials" and isinstance(named, str):
            onboarded = partner.has_hub(named[:2], named[2:])
            yield request, None if onboarded else "a hub that this partner was not onboarded as"
