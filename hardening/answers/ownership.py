"""Whose is an object in an answer: the asker's, ours to give to anybody who contracted for it, or another's.

What is ours to list, and about somebody (sessions, CDRs), is that of who issued the token. What a partner
pushed to us is its own. 2.1.1 names no party: there, the contract (`auth_id`) names the issuer, in the form
of an eMAID, and of a CDR that a partner pushed nobody can tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hardening.registry.partners import Partner
from hardening.requests.routes import Match

# Of a driver's: the asker must have issued the token.
_OF_A_DRIVER = ("Session", "CDR")
# With the party that owns them, from 2.2 on.
_OWNED = ("Location", "Session", "CDR", "Tariff", "Token")
# Parameters of URLs -> the field that repeats them.
_IDS = {
    "location_id": ("Location", "id"),
    "evse_uid": ("EVSE", "uid"),
    "connector_id": ("Connector", "id"),
    "session_id": ("Session", "id"),
    "cdr_id": ("CDR", "id"),
    "tariff_id": ("Tariff", "id"),
    "token_uid": ("Token", "uid"),
}
_EMAID = re.compile(r"([A-Z]{2})-?([A-Z0-9]{3})-?C[A-Z0-9-]{4,}", re.IGNORECASE)


def is_the_askers(partner: Partner, found: Match, given: object) -> bool:
    """Whether an object may go to `partner`, who asked for `found`. What cannot be told may not."""
    response = found.operation.response if found.operation else ""
    if response == "AuthorizationInfo":
        return _is_about(found, given)
    if response not in (*_OWNED, "EVSE", "Connector"):
        return True
    if not isinstance(given, dict) or not _has_the_id(found, response, given):
        return False
    if found.route.interface == "receiver":
        return _was_pushed_by(partner, found, response, given)
    if response in _OF_A_DRIVER:
        return _drives_for(partner, found, given)
    return _is_ours(partner, found, response, given)


def _drives_for(partner: Partner, found: Match, given: Mapping[str, Any]) -> bool:
    """Whether the partner issued the token with which somebody charged."""
    if found.route.version == "2.1.1":
        contract = _EMAID.fullmatch(str(given.get("auth_id") or ""))
        return contract is not None and bool(partner.named(contract[1], contract[2]))
    token = given.get("cdr_token")
    return isinstance(token, dict) and bool(partner.named(token.get("country_code"), token.get("party_id")))


def _was_pushed_by(partner: Partner, found: Match, response: str, given: Mapping[str, Any]) -> bool:
    """Of a call with a party in its URL that one is the partner's (`url-party-belongs-to-partner`)."""
    if response not in _OWNED or (found.route.version == "2.1.1" and "party_id" in found.parameters):
        return True
    return bool(partner.named(given.get("country_code"), given.get("party_id")))


def _is_ours(partner: Partner, found: Match, response: str, given: Mapping[str, Any]) -> bool:
    """Whether it is of one of our parties, where the contract says which those are."""
    if response not in _OWNED or found.route.version == "2.1.1" or not partner.our_parties:
        return True
    party = f"{given.get('country_code')}*{given.get('party_id')}"
    # Mostly in the letters of the registry.
    return party in partner.our_parties or party.upper() in map(str.upper, partner.our_parties)


def _has_the_id(found: Match, response: str, given: Mapping[str, Any]) -> bool:
    """Who asks for one object gets that one (CiStrings: letter case does not count)."""
    for parameter, value in found.parameters.items():
        if parameter in _IDS and _IDS[parameter][0] == response:
            return str(given.get(_IDS[parameter][1])).upper() == value.upper()
    return True


def _is_about(found: Match, given: object) -> bool:
    """An answer to "may this token charge?" tells of no other token."""
    token = given.get("token") if isinstance(given, dict) else None
    if token is None:
        return isinstance(given, dict)
    asked = found.parameters["token_uid"].upper()
    return isinstance(token, dict) and str(token.get("uid")).upper() == asked
