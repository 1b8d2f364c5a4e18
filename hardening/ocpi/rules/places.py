"""Rules about codes and places: currencies, countries, time zones, coordinates, names within a location."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from hardening.ocpi.registries import COUNTRIES, COUNTRIES_ALPHA_3, CURRENCIES
from hardening.ocpi.rules.rule import Fault, Faults, rule
from hardening.ocpi.rules.samples import OBJECTS, sample
from hardening.ocpi.time_zones import TIME_ZONES


@rule(
    "currency-is-iso-4217",
    *("CDR", "Session", "Tariff", "FinancialAdviceConfirmation"),
    good=sample("Session"),
    bad=sample("Session", {"currency": "EUX"}),
    partial=True,
)
def currency_is_iso_4217(value: Any) -> Faults:
    """The currency is a code of ISO 4217, and that of a tariff is the one that the CDR uses."""
    currency = value.currency
    if currency and currency not in CURRENCIES:
        return [("/currency", "a code of ISO 4217", currency)]
    tariffs = getattr(value, "tariffs", None)
    if not tariffs or not currency:
        return ()
    return [
        (f"/tariffs/{index}/currency", f"{currency}, as the CDR", tariff.currency)
        for index, tariff in enumerate(tariffs)
        if tariff.currency != currency
    ]


@rule(
    "country-is-iso-3166",
    *("CDR", "Session", "Location", "Tariff", "Token", "ClientInfo", "Booking", "BookingRequest"),
    *("BookingLocation", "InvoiceReconciliationRecord", "Terminal"),
    good=sample("Location"),
    bad=sample("Location", {"country": "NL"}),
    partial=True,
)
def country_is_iso_3166(value: Any) -> Faults:
    """`country_code` is alpha-2 and the country of an address alpha-3, both of ISO 3166-1."""
    faults: list[Fault] = []
    for pointer, one in _with_countries(value):
        code = getattr(one, "country_code", None)
        if code and code not in COUNTRIES and code.upper() not in COUNTRIES:
            faults.append((f"{pointer}/country_code", "an alpha-2 code of ISO 3166-1", code))
        country = getattr(one, "country", None)
        if country and country not in COUNTRIES_ALPHA_3:
            faults.append((f"{pointer}/country", "an alpha-3 code of ISO 3166-1", country))
    return faults


def _with_countries(value: Any) -> Iterable[tuple[str, Any]]:
    yield "", value
    for name in ("cdr_token", "cdr_location", "location"):
        one = getattr(value, name, None)
        if one:
            yield f"/{name}", one


@rule(
    "time-zone-is-iana",
    "Location",
    good=sample("Location"),
    bad=sample("Location", {"time_zone": "Amsterdam"}),
    partial=True,
)
def time_zone_is_iana(value: Any) -> Faults:
    """The time zone of a location is a name of the IANA database."""
    zone = value.time_zone
    return [("/time_zone", "a name of the IANA database", zone)] if zone and zone not in TIME_ZONES else ()


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
)
def coordinates_are_on_earth(value: Any) -> Faults:
    """A latitude is -90 to 90 degrees, a longitude -180 to 180."""
    faults: list[Fault] = []
    for pointer, point in _points(value):
        if not -90 <= float(point.latitude) <= 90:
            faults.append((f"{pointer}/latitude", "-90 to 90 degrees", point.latitude))
        if not -180 <= float(point.longitude) <= 180:
            faults.append((f"{pointer}/longitude", "-180 to 180 degrees", point.longitude))
    return faults


def _points(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    point = getattr(value, "coordinates", None)
    if point:
        yield f"{pointer}/coordinates", point
    for name in ("cdr_location", "location"):
        place = getattr(value, name, None)
        if place:
            yield from _points(place, f"{pointer}/{name}")
    for index, one in enumerate(getattr(value, "related_locations", None) or ()):
        yield f"{pointer}/related_locations/{index}", one
    for index, evse in enumerate(getattr(value, "evses", None) or ()):
        if evse.coordinates:
            yield f"{pointer}/evses/{index}/coordinates", evse.coordinates


@rule(
    "names-are-unique-in-a-location",
    "Location",
    good=sample("Location"),
    bad=sample("Location", {"evses": OBJECTS["Location"]["evses"] * 2}),
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
