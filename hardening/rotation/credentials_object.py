"""What a partner's Credentials object says, and what of it is believed (OCPI 2.2.1, 7.3.1)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hardening.registry.partners import Partner
from hardening.requests.tokens import is_token

# What stands for a token that is not told.
UNTOLD = "#NA"

_LEGACY = "2.1.1"
_ROLE = ("role", "country_code", "party_id", "business_details")


def own_roles(text: str) -> tuple[Mapping[str, Any], ...]:
    """Our roles, as JSON in the form of 2.2.1. Raises ValueError, which says what was expected."""
    try:
        roles = json.loads(text)
    except ValueError:
        roles = None
    known = isinstance(roles, list) and all(isinstance(one, dict) and set(one) == set(_ROLE) for one in roles)
    if not roles or not known:
        raise ValueError(f"expected a JSON list of {', '.join(_ROLE)}")
    return tuple(roles)


def own_credentials(origin: str, roles: Sequence[Mapping[str, Any]], version: str) -> dict[str, Any]:
    """Our Credentials object of a version, without the token (OCPI 2.2.1, 7.3.1; 2.1.1: one party).

    `origin` is `https://host[:port]` of our versions endpoint; `roles` are ours, in the form of 2.2.1.
    """
    url = {"url": f"{origin}/ocpi/versions"}
    if version != _LEGACY:
        return {**url, "roles": [dict(role) for role in roles]}
    return {**url, **{name: value for name, value in roles[0].items() if name != "role"}}


class Given(NamedTuple):
    """The token and versions URL that can be used, "" where there is none, the parties that nobody
    onboarded, and all that is wrong, in words without a token.
    """

    token: str
    versions: str
    strangers: tuple[str, ...]
    problems: tuple[str, ...]


def given(partner: Partner, data: object, ours: str, theirs: str) -> Given:
    """Read the answer to a call that gave the partner the token `ours`, made with the token `theirs`."""
    token, url = given_token(data) or "", data.get("url") if isinstance(data, dict) else None
    strangers = strange_parties(partner, data)
    problems = [f"parties that were not onboarded: {', '.join(strangers)[:200]}"] if strangers else []
    if token == ours:
        # One token for both directions: whoever can call us could call the partner in our name.
        token = ""
        problems.append("the answer repeats our own token")
    elif not token:
        problems.append("the answer carries no token")
    elif token == theirs:
        problems.append("the answer repeats the token that we had")
    if not partner.may_call(url):
        url = ""
        problems.append("the versions URL is not https on a callback host")
    return Given(token, str(url), strangers, tuple(problems))


def given_token(data: object) -> str | None:
    """The credentials token in a Credentials object; None where there is none that can be used.

    `#NA` is what those answer to GET who keep digests only.
    """
    token = data.get("token") if isinstance(data, dict) else None
    return token if isinstance(token, str) and is_token(token) and token != UNTOLD else None


def strange_parties(partner: Partner, data: object) -> tuple[str, ...]:
    """The parties of a Credentials object that the registry has not for this partner, or not in this role.

    Without `roles`, 2.1.1's form: one party, which names no role (OCPI 2.1.1, credentials object).
    """
    if not isinstance(data, dict):
        return ()
    roles = data.get("roles", [data] if "party_id" in data else [])
    listed = [one for one in roles if isinstance(one, dict)] if isinstance(roles, list) else []
    return tuple(_shown(one) for one in listed if not _onboarded(partner, one))


def _onboarded(partner: Partner, role: Mapping[str, Any]) -> bool:
    known = partner.named(role.get("country_code"), role.get("party_id"))
    return any(role.get("role", party.role) == party.role for party in known)


def _shown(role: Mapping[str, Any]) -> str:
    """Only what has the form of a party: a partner could write our token there, to see it in our log."""
    name = f"{role.get('country_code')}*{role.get('party_id')}"
    return name if re.fullmatch(r"[A-Za-z]{2}\*[A-Za-z0-9]{3}", name) else "no party's name"
