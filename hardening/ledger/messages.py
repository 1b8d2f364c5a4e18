"""Which calls count once, and as what: CDRs, states of a session, commands and their results.

Tokens and tariffs only move forward: an old one would let a blocked card charge again, or change a price. Of
a session that is sent whole nobody minds a second delivery, but an older one would undo a newer. Calls of the
credentials module are no message here: their answers hold tokens.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from hardening.ledger.entry import Key
from hardening.requests.body import as_object
from hardening.requests.routes import Match, match

CDR, SESSION, COMMAND, OBJECT = "CDR", "Session", "command", "object"
# Seconds for which an entry is kept: as long as invoices are (ten years), as long as a bill may be disputed,
# and as long as a sender may still repeat itself. A command is forgotten with its timeout (`steps.settled`).
KEPT: Final[Mapping[str, int]] = {
    CDR: 3653 * 86_400,
    SESSION: 400 * 86_400,
    COMMAND: 86_400,
    OBJECT: 400 * 86_400,
}
# What only moves forward -> its kind, the parameter of its URL, and its name in the ledger.
_FORWARD: Final = {
    "Session": (SESSION, "session_id", "session"),
    "Token": (OBJECT, "token_uid", "token"),
    "Tariff": (OBJECT, "tariff_id", "tariff"),
}
_COMMAND_MODULES = ("commands", "chargingprofiles")
# How far a session has come (OCPI 2.2.1, 9.4.2): it never goes back.
_RANKS: Final[Mapping[str, int]] = {"RESERVATION": 0, "PENDING": 0, "ACTIVE": 1, "COMPLETED": 2, "INVALID": 2}
_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message that counts once. `digest`: the same for the same JSON, whatever its order and spaces.

    A CDR has `billed`, which only one CDR of a session may have, or `credited`, which only one credit of
    a CDR may have; None where it names no session, or takes nothing back. `contract` is the driver's, which
    nobody writes down; `day` that of its `last_updated` ("": it has none).
    """

    key: Key
    kind: str
    partner: str
    digest: str
    position: str = ""
    status: str = ""
    billed: Key | None = None
    credited: Key | None = None
    contract: str = field(default="", repr=False)
    day: str = ""


def message_of(partner: str, method: str, path: str, body: bytes, again: str = "") -> Message | None:
    """What a judged call is in the ledger; None for one that may come twice.

    `again` is its idempotency key (`hardening.requests.idempotency`), which names a command.
    """
    found = match(method, path)
    if found is None or found.operation is None or not found.body:
        return None
    said, digest = as_object(body), digest_of(body)
    if found.body == "CDR":
        return _cdr(partner, said, digest)
    if found.body in _FORWARD and "last_updated" in said:
        return _forward(partner, found, said, digest)
    if found.route.module in _COMMAND_MODULES and method == "POST" and again:
        return Message(
            key=Key(_key(partner), f"message#{again}"),
            kind=COMMAND,
            partner=partner,
            digest=digest,
            contract=_contract(said, "token"),
        )
    return None


def digest_of(body: bytes) -> str:
    """The SHA-256 of a JSON text in its one form (names sorted, no spaces), 64 hexadecimal digits."""
    return hashlib.sha256(_encode(as_object(body))).hexdigest()


def rank(status: str) -> int:
    """How far a session of this state has come; -1 for one that nobody said."""
    found = _RANKS.get(status)
    return -1 if found is None else found


def _cdr(partner: str, said: Mapping[str, Any], digest: str) -> Message:
    owner = _owner(partner, said.get("country_code"), said.get("party_id"))
    session, credited = said.get("session_id"), said.get("credit_reference_id")
    takes_back = said.get("credit") is True and bool(credited)
    return Message(
        key=Key(owner, f"cdr#{_key(said['id'])}"),
        kind=CDR,
        partner=partner,
        digest=digest,
        contract=_contract(said, "cdr_token"),
        day=_day(said.get("last_updated")),
        billed=Key(owner, f"billed#{_key(session)}") if session and not takes_back else None,
        credited=Key(owner, f"credited#{_key(credited)}") if takes_back else None,
    )


def _forward(partner: str, found: Match, said: Mapping[str, Any], digest: str) -> Message:
    kind, parameter, name = _FORWARD[found.body]
    named = found.parameters
    return Message(
        key=Key(
            _owner(partner, named["country_code"], named["party_id"]), f"{name}#{_key(named[parameter])}"
        ),
        kind=kind,
        partner=partner,
        digest=digest,
        contract=_contract(said, "cdr_token"),
        day=_day(said["last_updated"]),
        position=_moment(str(said["last_updated"])),
        status=str(said.get("status") or "") if kind == SESSION else "",
    )


def _owner(partner: str, country_code: object, party_id: object) -> str:
    """2.1.1 names no party in a CDR: there, ids are the partner's."""
    return _key(f"{country_code}*{party_id}") if country_code and party_id else _key(partner)


def _contract(said: Mapping[str, Any], name: str) -> str:
    """By whose contract; 2.1.1 calls it `auth_id`."""
    token = said.get(name)
    found = token.get("contract_id") or token.get("auth_id") if isinstance(token, dict) else None
    return str(found or said.get("contract_id") or said.get("auth_id") or "")


def _day(moment: object) -> str:
    """The UTC day of a time of OCPI, which is always UTC."""
    return moment[:10] if isinstance(moment, str) else ""


def _key(text: object) -> str:
    """A CiString in the one form of all its letter cases."""
    return str(text).upper()


def _moment(text: str) -> str:
    """A time of OCPI so that later ones sort after it: its fraction in full, and no `Z`."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return f"{whole}.{fraction:0<9}"
