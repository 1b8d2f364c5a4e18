"""Exchanges that a person starts on AWS: our registration with a partner, a rotation, an end.

The rotation function makes them, one at a time with its rotations, as it alone changes a partner's secrets.
A person asks it by `rampart token register`, `rampart token rotate` and `rampart partner offboard`, and reads
no secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hardening.rotation.connection import OUTBOUND, Connection, Stage
from hardening.rotation.registration import register, unregister
from hardening.rotation.starter import End, Result, rotate

# The keys of the event. An event without the first one is a step of Secrets Manager's.
WHAT, PARTNER, VERSIONS, TOKEN, OURS = "Exchange", "Partner", "Versions", "Token", "Ours"
REGISTER, ROTATE, END = "register", "rotate", "end"

# Why a partner has no tokens to rotate.
NOT_REGISTERED = "not registered"


def registering(partner: str, versions_url: str, token_a: str, ours: Mapping[str, Any]) -> dict[str, Any]:
    """The event that registers us with `partner`; the rest is as `register` takes it."""
    return {WHAT: REGISTER, PARTNER: partner, VERSIONS: versions_url, TOKEN: token_a, OURS: dict(ours)}


def rotating(partner: str) -> dict[str, Any]:
    """The event that rotates the tokens of a registered partner, also of one whose tokens were revoked."""
    return {WHAT: ROTATE, PARTNER: partner}


def ending(partner: str) -> dict[str, Any]:
    """The event that ends the connection with `partner`, and tells it."""
    return {WHAT: END, PARTNER: partner}


def exchanged(connection: Connection, event: Mapping[str, Any]) -> dict[str, str]:
    """Do what the event asks; how it ended, as `end` and `detail`. Raises ValueError for another event."""
    if event[WHAT] == REGISTER:
        ours = event.get(OURS)
        if not isinstance(ours, Mapping) or not event.get(TOKEN):
            raise ValueError("expected the partner's token and our Credentials object")
        result = register(connection, ours, str(event.get(VERSIONS, "")), str(event[TOKEN]))
    elif event[WHAT] == ROTATE:
        result = _rotated(connection)
    elif event[WHAT] == END:
        result = unregister(connection)
    else:
        raise ValueError("expected register, rotate or end")
    return {"end": str(result.end), "detail": result.detail}


def _rotated(connection: Connection) -> Result:
    known = connection.vault.read(OUTBOUND, Stage.CURRENT)
    if known is None or not known.registered:
        return Result(End.POSTPONED, NOT_REGISTERED)
    return rotate(connection)
