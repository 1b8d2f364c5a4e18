"""Exchanges that a person starts on AWS: our registration with a partner, a rotation, an end; and a witness.

The rotation function makes them, one at a time with its rotations, as it alone changes a partner's secrets
and makes records of tokens. A person asks it by `rampart token register`, `rotate` and `revoke`, and by
`rampart partner rotate-due` and `offboard`, and reads no secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hardening.rotation.connection import INBOUND, OUTBOUND, Connection, Stage
from hardening.rotation.records import REVOKED, Change, witness
from hardening.rotation.registration import register, unregister
from hardening.rotation.result import End, Result
from hardening.rotation.starter import rotate

# The keys of the event. An event without the first one is a step of Secrets Manager's.
WHAT, PARTNER, VERSIONS, TOKEN, OURS = "Exchange", "Partner", "Versions", "Token", "Ours"
ANEW, DIGEST = "Anew", "Digest"
REGISTER, ROTATE, END, WITNESS = "register", "rotate", "end", "witness"

_SHA256 = re.compile(r"[0-9a-f]{64}")


def registering(partner: str, versions_url: str, token_a: str, ours: Mapping[str, Any]) -> dict[str, Any]:
    """The event that registers us with `partner`; the rest is as `register` takes it."""
    return {WHAT: REGISTER, PARTNER: partner, VERSIONS: versions_url, TOKEN: token_a, OURS: dict(ours)}


def rotating(partner: str, *, anew: bool) -> dict[str, Any]:
    """The event that rotates the tokens of a registered partner.

    With `anew` also of one whose tokens were revoked, and one that is not registered gets another token that
    registers.
    """
    return {WHAT: ROTATE, PARTNER: partner, ANEW: anew}


def ending(partner: str) -> dict[str, Any]:
    """The event that ends the connection with `partner`, and tells it."""
    return {WHAT: END, PARTNER: partner}


def witnessing(partner: str, digest: str) -> dict[str, Any]:
    """The event that has the gates know a token of this digest, for some minutes."""
    return {WHAT: WITNESS, PARTNER: partner, DIGEST: digest}


def exchanged(connection: Connection, event: Mapping[str, Any], renew: Callable[[], None]) -> dict[str, str]:
    """Do what the event asks; how it ended, as `end` and `detail`. Raises ValueError for another event.

    `renew` makes a partner that is not registered a token that registers.
    """
    if event[WHAT] == REGISTER:
        ours = event.get(OURS)
        if not isinstance(ours, Mapping) or not event.get(TOKEN):
            raise ValueError("expected the partner's token and our Credentials object")
        result = register(connection, ours, str(event.get(VERSIONS, "")), str(event[TOKEN]))
    elif event[WHAT] == ROTATE:
        result = _rotated(connection, event.get(ANEW) is True, renew)
    elif event[WHAT] == END:
        result = unregister(connection)
    elif event[WHAT] == WITNESS:
        result = _witnessed(connection, str(event.get(DIGEST, "")))
    else:
        raise ValueError("expected register, rotate, end or witness")
    return {"end": str(result.end), "detail": result.detail}


def _rotated(connection: Connection, anew: bool, renew: Callable[[], None]) -> Result:
    known = connection.vault.read(OUTBOUND, Stage.CURRENT)
    offered = connection.record(connection.vault.read(INBOUND, Stage.PENDING))
    in_doubt = offered is not None and offered.kind == "C" and offered.state != REVOKED
    if known is not None and (known.registered or in_doubt):
        return rotate(connection, anew=anew)
    if not anew:
        return Result(End.POSTPONED, "not registered: `rampart token rotate` makes a token that registers")
    renew()
    return Result(End.ROTATED, "a token that registers is made: `rampart token issue` hands it over")


def _witnessed(connection: Connection, digest: str) -> Result:
    """Raises ValueError for what is no digest, and Conflict where a token has it."""
    if not _SHA256.fullmatch(digest):
        raise ValueError("expected the digest of a token")
    made = witness(digest, connection.partner.name, connection.terms.environment, connection.clock())
    connection.records.apply([Change(None, made)])
    return Result(End.POSTPONED, "the gates know the witness for five minutes")
