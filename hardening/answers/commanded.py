"""Which session a call moves, and whether a session is that one: STOP and UNLOCK are for one's own drivers.

OCPI says of START_SESSION and RESERVE_NOW that the token must be the asker's (2.2.1, 13.2); of a session id
it says nothing, and ids can be guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hardening.requests.body import as_object
from hardening.requests.routes import match

_RUNNING = ("ACTIVE", "PENDING", "RESERVATION")


@dataclass(frozen=True, slots=True)
class Commanded:
    """A session by its id, or one that is or just was at an EVSE; all in upper case."""

    version: str
    session_id: str = ""
    location_id: str = ""
    evse_uid: str = ""


def commanded_by(method: str, path: str, body: bytes) -> Commanded | None:
    """Whose session a judged call moves; None for one that moves nobody's."""
    found = match(method, path)
    if found is None or found.operation is None:
        return None
    version, said = found.route.version, as_object(body)
    if found.body == "StopSession":
        return Commanded(version, session_id=_form(said.get("session_id")))
    if found.body == "UnlockConnector":
        location_id, evse_uid = _form(said.get("location_id")), _form(said.get("evse_uid"))
        return Commanded(version, location_id=location_id, evse_uid=evse_uid)
    if found.body == "ChargingPreferences":
        return Commanded(version, session_id=_form(found.parameters["session_id"]))
    return None


def is_commanded(wanted: Commanded, session: Mapping[str, Any], *, lately: bool) -> bool:
    """Whether a session of the asker's is the one. `lately`: it changed within the last day.

    A connector is unlocked for who charges there or has just done so, never for who once did.
    """
    if wanted.session_id:
        return _form(session.get("id")) == wanted.session_id
    if not wanted.location_id or not wanted.evse_uid:
        return False
    there = _place_of(session) == (wanted.location_id, wanted.evse_uid)
    return there and (lately or session.get("status") in _RUNNING)


def _place_of(session: Mapping[str, Any]) -> tuple[str, str]:
    """Location and EVSE; a session of 2.1.1 holds the location with that one EVSE."""
    location = session.get("location")
    if not isinstance(location, dict):
        return _form(session.get("location_id")), _form(session.get("evse_uid"))
    evses = location.get("evses")
    first = evses[0] if isinstance(evses, list) and evses else None
    return _form(location.get("id")), _form(first.get("uid")) if isinstance(first, dict) else ""


def _form(text: object) -> str:
    """A CiString in the one form of all its letter cases."""
    return str(text or "").upper()
