"""Rules about locations: where they are, and the names of what is in them."""

from __future__ import annotations

from typing import Any

from hardening.ocpi.rules.facts import Charging, LocationFacts
from hardening.ocpi.rules.rule import ALWAYS, Fault, Faults, rule
from hardening.ocpi.rules.samples import OBJECTS, sample


def _is_on_earth(point: Any) -> bool:
    return -90 <= float(point.latitude) <= 90 and -180 <= float(point.longitude) <= 180


def _cdr_is_on_earth(value: Any, _: Charging) -> bool:
    return _is_on_earth(value.cdr_location.coordinates)


def _location_is_on_earth(value: Any, facts: LocationFacts) -> bool:
    return facts.plain and _is_on_earth(value.coordinates)


@rule(
    "coordinates-are-on-earth",
    "Location",
    "CDR",
    "Session",
    "Terminal",
    "EVSE",
    good=sample("Location"),
    bad=sample("Location", {"coordinates": {"latitude": "91.000000", "longitude": "4.895168"}}),
    partial=True,
    holds={"CDR": _cdr_is_on_earth, "Session": ALWAYS, "Location": _location_is_on_earth},
)
def coordinates_are_on_earth(value: Any) -> Faults:
    """A latitude is -90 to 90 degrees, a longitude -180 to 180."""
    if getattr(value, "cdr_location", None):
        return _point_faults(value.cdr_location.coordinates, "/cdr_location/coordinates")
    if hasattr(value, "location"):  # 2.1.1: a CDR or a session has the location itself
        return _within(value.location, "/location") if value.location else ()
    return _within(value, "")


def _within(value: Any, pointer: str) -> Faults:
    """The faults of a location, an EVSE or a terminal."""
    faults = [*_point_faults(value.coordinates, f"{pointer}/coordinates")] if value.coordinates else []
    for index, one in enumerate(getattr(value, "related_locations", None) or ()):
        faults += _point_faults(one, f"{pointer}/related_locations/{index}")
    for index, evse in enumerate(getattr(value, "evses", None) or ()):
        if evse.coordinates:
            faults += _point_faults(evse.coordinates, f"{pointer}/evses/{index}/coordinates")
    return faults


def _point_faults(point: Any, pointer: str) -> Faults:
    if _is_on_earth(point):
        return ()
    faults: list[Fault] = []
    if not -90 <= float(point.latitude) <= 90:
        faults.append((f"{pointer}/latitude", "-90 to 90 degrees", point.latitude))
    if not -180 <= float(point.longitude) <= 180:
        faults.append((f"{pointer}/longitude", "-180 to 180 degrees", point.longitude))
    return faults


def _names_are_unique(_: Any, facts: LocationFacts) -> bool:
    return facts.unique


@rule(
    "names-are-unique-in-a-location",
    "Location",
    good=sample("Location"),
    bad=sample("Location", {"evses": OBJECTS["Location"]["evses"] * 2}),
    holds={"Location": _names_are_unique},
)
def names_are_unique_in_a_location(value: Any) -> Faults:
    """No two EVSEs of a location have one uid, and no two connectors of an EVSE one id."""
    faults: list[Fault] = []
    seen: set[str] = set()
    for place, evse in enumerate(value.evses or ()):
        uid = evse.uid.lower()
        if uid in seen:
            faults.append((f"/evses/{place}/uid", "a uid that no other EVSE of the location has", "a second"))
        seen.add(uid)
        if len(evse.connectors) > 1:
            ids = [one.id.lower() for one in evse.connectors]
            if len(set(ids)) != len(ids):
                where = f"/evses/{place}/connectors"
                faults.append((where, "ids that differ within the EVSE", "one id twice"))
    return faults
