"""What tells of our drivers and was not opened to whoever asks: where it stands, and an object without it.

Whoever issued a token has its driver already, and bills by it: of his own drivers he gets everything that
OCPI has. What a partner itself pushed to us it reads as it is.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from hardening.answers.pseudonyms import Pseudonyms
from hardening.registry.partners import Partner
from hardening.registry.personal_fields import OF_DRIVERS, PERSONAL, can_be_left_out, is_about_a_person
from hardening.requests.routes import Match

# Of a location that is not published: the cards that may see it.
_READERS = "publish_allowed_to"


class Closed(NamedTuple):
    """A closed field that is there: in which object, and whether the edition needs it."""

    holder: dict[str, Any]
    name: str
    needed: bool


def may_hold_closed(found: Match, body: bytes) -> bool:
    """Whether it is worth while to look into the objects of an answer: of most locations it is not.

    A name that is written with escapes is one that these bytes do not show.
    """
    module = found.route.module
    return module in OF_DRIVERS or (module in PERSONAL and (_READERS.encode() in body or b"\\u" in body))


def closed_in(partner: Partner, found: Match, given: object) -> Iterator[Closed]:
    """Every field of one object of an answer that `partner`, who asked for `found`, may not get."""
    module, version = found.route.module, found.route.version
    if found.route.interface != "sender" or module not in PERSONAL or not isinstance(given, dict):
        return
    if module in OF_DRIVERS:
        yield from _unknown(partner, module, version, given)
    if module == "tokens":
        yield from _of_token(partner, found, given)
    elif module == "locations":
        for entry in _objects(given.get(_READERS)):
            yield from _in(partner, module, version, "PublishTokenType", entry)


def without_closed(
    partner: Partner, found: Match, given: dict[str, Any], pseudonyms: Pseudonyms
) -> dict[str, Any]:
    """The object as `partner` gets it, which keeps to its edition as `given` does."""
    made = copy.deepcopy(given)
    for one in tuple(closed_in(partner, found, made)):
        if one.needed:
            one.holder[one.name] = pseudonyms.of(partner.name, one.name, str(one.holder[one.name]))
        else:
            del one.holder[one.name]
    if found.route.module == "locations" and made.get(_READERS):
        # An entry names a card or a group, or it is none (OCPI 2.2.1, 8.4.20).
        names = PERSONAL["locations"]["PublishTokenType"]
        made[_READERS] = [one for one in made[_READERS] if any(one.get(name) for name in names)]
    return made


def _of_token(partner: Partner, found: Match, given: dict[str, Any]) -> Iterator[Closed]:
    """Of a token that was asked about by its uid, that uid is no news."""
    asked = "token_uid" in found.parameters
    token = given.get("token") if asked else given
    if not isinstance(token, dict) or _issued(partner, token):
        return
    for one in _in(partner, "tokens", found.route.version, "Token", token):
        if not (asked and one.name == "uid"):
            yield one


def _issued(partner: Partner, token: Mapping[str, Any]) -> bool:
    return bool(partner.named(token.get("country_code"), token.get("party_id")))


def _in(
    partner: Partner, module: str, version: str, class_name: str, given: dict[str, Any]
) -> Iterator[Closed]:
    for name in PERSONAL[module][class_name]:
        if given.get(name) is not None and not partner.opens(module, name):
            yield Closed(given, name, not can_be_left_out(version, class_name, name))


def _unknown(partner: Partner, module: str, version: str, given: dict[str, Any]) -> Iterator[Closed]:
    for name, value in given.items():
        if is_about_a_person(name, version) and not partner.opens(module, name):
            yield Closed(given, name, needed=False)
        elif isinstance(value, dict | list):
            for inner in _objects([value] if isinstance(value, dict) else value):
                yield from _unknown(partner, module, version, inner)


def _objects(value: object) -> Iterator[dict[str, Any]]:
    """The objects of a list, and of lists in it."""
    for one in value if isinstance(value, list) else ():
        if isinstance(one, dict):
            yield one
        else:
            yield from _objects(one)
