"""Rules that hold a message against the other objects that are known of it."""

from __future__ import annotations

from typing import Any

from hardening.ocpi.problems import shown
from hardening.ocpi.rules.rule import Fault, Faults, close, rule
from hardening.ocpi.rules.samples import beside, sample

# What a connector gives over its rating, and how far two clocks are apart.
_OVER_RATING = 1.1
_CLOCK_SECONDS = 300.0
_READING_HOURS = 0.05
_PHASES = {"AC_1_PHASE": 1.0, "AC_2_PHASE": 2.0, "AC_2_PHASE_SPLIT": 2.0, "AC_3_PHASE": 3.0, "DC": 1.0}
_NOT_AVAILABLE = "#na"  # of a reservation that never was a session (2.2.1, 10.4.3)


@rule(
    "evse-and-connector-are-known",
    "CDR",
    "Session",
    good={
        "CDR": sample("CDR", location=beside("Location")),
        "Session": sample("Session", location=beside("Location")),
    },
    bad={
        "connector": sample("CDR", {"cdr_location/connector_id": "7"}, location=beside("Location")),
        "location of a session": sample("Session", {"location_id": "7"}, location=beside("Location")),
    },
    versions=("2.2.1", "2.3.0"),
    needs="location",
)
def evse_and_connector_are_known(value: Any, location: Any) -> Faults:
    """The EVSE and the connector of a CDR or session are those of the location that it names."""
    prefix, place, evse_uid, connector_id = _place(value)
    if place.lower() != location.id.lower():
        return [(f"{prefix or '/location_'}{'/id' if prefix else 'id'}", f"{location.id}", place)]
    if evse_uid.lower() == _NOT_AVAILABLE:
        return ()
    evse = _evse(location, evse_uid)
    if evse is None:
        return [(f"{prefix}/evse_uid", f"an EVSE of {location.id}", shown(evse_uid))]
    if all(one.id.lower() != connector_id.lower() for one in evse.connectors):
        return [(f"{prefix}/connector_id", f"a connector of EVSE {evse.uid}", shown(connector_id))]
    return ()


def _place(value: Any) -> tuple[str, str, str, str]:
    """(pointer of its parent, location id, EVSE uid, connector id)"""
    if hasattr(value, "cdr_location"):
        there = value.cdr_location
        return "/cdr_location", there.id, there.evse_uid, there.connector_id
    return "", value.location_id, value.evse_uid, value.connector_id


def _evse(location: Any, uid: str) -> Any:
    return next((one for one in location.evses or () if one.uid.lower() == uid.lower()), None)


@rule(
    "power-fits-the-connector",
    "CDR",
    good=sample("CDR", location=beside("Location")),
    bad=sample("CDR", {"total_energy": 120.0}, location=beside("Location")),
    versions=("2.2.1", "2.3.0"),
    needs="location",
)
def power_fits_the_connector(value: Any, location: Any) -> Faults:
    """A session does not take more energy than its connector gives in that time."""
    evse = _evse(location, value.cdr_location.evse_uid)
    wanted = value.cdr_location.connector_id.lower()
    connector = next((one for one in evse.connectors if one.id.lower() == wanted), None) if evse else None
    if connector is None:
        return ()
    watts = connector.max_electric_power or (
        connector.max_voltage * connector.max_amperage * _PHASES[connector.power_type]
    )
    hours = (value.end_date_time - value.start_date_time).total_seconds() / 3600
    most = watts / 1000 * _OVER_RATING * (max(hours, 0) + _READING_HOURS)
    if value.total_energy <= most:
        return ()
    return [("/total_energy", f"at most {most:.1f} kWh from {watts / 1000:.1f} kW", value.total_energy)]


@rule(
    "token-is-known-and-valid",
    "CDR",
    "Session",
    good=sample("Session", token=beside("Token")),
    bad=sample("Session", token=sample("Token", {"valid": False}).value),
    versions=("2.2.1", "2.3.0"),
    needs="token",
)
def token_is_known_and_valid(value: Any, token: Any) -> Faults:
    """The token of a CDR or session is the one that was issued, under its contract, and is valid."""
    used = value.cdr_token
    faults: list[Fault] = []
    for name in ("uid", "contract_id", "type"):
        if getattr(used, name).lower() != getattr(token, name).lower():
            faults.append((f"/cdr_token/{name}", "that of the token that was issued", "another"))
    if not token.valid and token.last_updated < value.start_date_time:
        faults.append(("/cdr_token", "a token that was valid when the session started", "an invalid one"))
    return faults


@rule(
    "cdr-matches-its-session",
    "CDR",
    good=sample("CDR", session=beside("Session")),
    bad=sample("CDR", {"total_energy": 20.0}, session=beside("Session")),
    versions=("2.2.1", "2.3.0"),
    needs="session",
)
def cdr_matches_its_session(value: Any, session: Any) -> Faults:
    """A CDR charges the session that was reported: same place and token, times, energy and cost."""
    faults: list[Fault] = []
    if value.session_id and value.session_id.lower() != session.id.lower():
        return [("/session_id", f"{session.id}", value.session_id)]
    there = value.cdr_location
    for name, found, expected in (
        ("/cdr_location/id", there.id, session.location_id),
        ("/cdr_location/evse_uid", there.evse_uid, session.evse_uid),
        ("/cdr_location/connector_id", there.connector_id, session.connector_id),
        ("/currency", value.currency, session.currency),
        ("/party_id", value.party_id, session.party_id),
        ("/country_code", value.country_code, session.country_code),
    ):
        if found.lower() != expected.lower():
            faults.append((name, f"{expected}, as in the session", shown(found)))
    if value.cdr_token.uid.lower() != session.cdr_token.uid.lower():
        faults.append(("/cdr_token/uid", "that of the session", "another"))
    for name in ("start_date_time", "end_date_time"):
        found, expected = getattr(value, name), getattr(session, name)
        if expected and abs((found - expected).total_seconds()) > _CLOCK_SECONDS:
            faults.append((f"/{name}", f"{expected.isoformat()}, as in the session", found.isoformat()))
    return [*faults, *_sums(value, session)]


def _sums(value: Any, session: Any) -> Faults:
    """Energy and cost can only be compared when the session had come to its end."""
    if session.status != "COMPLETED":
        return ()
    faults: list[Fault] = []
    if not close(value.total_energy, session.kwh, 0.1):
        faults.append(("/total_energy", f"{session.kwh} kWh, as in the session", value.total_energy))
    if session.total_cost and not value.credit:
        cost = session.total_cost.excl_vat
        if not close(value.total_cost.excl_vat, cost, 0.02):
            faults.append(("/total_cost", f"{cost}, as in the session", value.total_cost.excl_vat))
    return faults
