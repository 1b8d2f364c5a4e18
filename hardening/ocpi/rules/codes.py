"""Rules about codes: currencies of ISO 4217, countries of ISO 3166-1, time zones of the IANA database."""

from __future__ import annotations

from typing import Any

from hardening.ocpi.registries import COUNTRIES, COUNTRIES_ALPHA_3, CURRENCIES
from hardening.ocpi.rules.facts import Charging, LocationFacts
from hardening.ocpi.rules.rule import Fault, Faults, rule
from hardening.ocpi.rules.samples import sample
from hardening.ocpi.time_zones import TIME_ZONES


def _one_currency(value: Any, facts: Charging) -> bool:
    if facts.components and value.tariffs[0].currency != value.currency:
        return False
    return facts.components is not None and value.currency in CURRENCIES


def _is_a_currency(value: Any, _: Charging) -> bool:
    return value.currency in CURRENCIES


@rule(
    "currency-is-iso-4217",
    *("CDR", "Session", "Tariff", "FinancialAdviceConfirmation"),
    good=sample("Session"),
    bad=sample("Session", {"currency": "EUX"}),
    partial=True,
    holds={"CDR": _one_currency, "Session": _is_a_currency},
)
def currency_is_iso_4217(value: Any) -> Faults:
    """The currency is a code of ISO 4217, and that of a tariff is the one that the CDR uses."""
    currency = value.currency
    if isinstance(currency, str) and currency not in CURRENCIES:
        return [("/currency", "a code of ISO 4217", currency)]
    faults: list[Fault] = []
    for index, tariff in enumerate(getattr(value, "tariffs", None) or ()):
        if currency and tariff.currency != currency:
            faults.append((f"/tariffs/{index}/currency", f"{currency}, as the CDR", tariff.currency))
    return faults


def _countries_of_cdr(value: Any, _: Charging) -> bool:
    return (
        value.country_code in COUNTRIES
        and value.cdr_token.country_code in COUNTRIES
        and value.cdr_location.country in COUNTRIES_ALPHA_3
    )


def _countries_of_session(value: Any, _: Charging) -> bool:
    return value.country_code in COUNTRIES and value.cdr_token.country_code in COUNTRIES


def _countries_of_location(value: Any, _: LocationFacts) -> bool:
    return value.country_code in COUNTRIES and value.country in COUNTRIES_ALPHA_3


@rule(
    "country-is-iso-3166",
    *("CDR", "Session", "Location", "Tariff", "Token", "ClientInfo", "Booking", "BookingRequest"),
    *("BookingLocation", "InvoiceReconciliationRecord", "Terminal", "Credentials"),
    good=sample("Location"),
    bad={
        "an address": sample("Location", {"country": "NL"}),
        "nothing": sample("Location", {"country": ""}),
    },
    partial=True,
    holds={"CDR": _countries_of_cdr, "Session": _countries_of_session, "Location": _countries_of_location},
)
def country_is_iso_3166(value: Any) -> Faults:
    """`country_code` is alpha-2 and the country of an address alpha-3, both of ISO 3166-1."""
    used = getattr(value, "cdr_token", None)
    place = getattr(value, "cdr_location", None)
    location = getattr(value, "location", None)  # of a 2.1.1 CDR or session
    faults: list[Fault] = []
    roles = getattr(value, "roles", None) or ()
    for pointer, code in (
        *((f"/roles/{index}/country_code", role.country_code) for index, role in enumerate(roles)),
        ("/country_code", getattr(value, "country_code", None)),
        ("/cdr_token/country_code", used and used.country_code),
        ("/location/country_code", location and location.country_code),
    ):
        if isinstance(code, str) and code not in COUNTRIES and code.upper() not in COUNTRIES:
            faults.append((pointer, "an alpha-2 code of ISO 3166-1", code))
    for pointer, country in (
        ("/country", getattr(value, "country", None)),
        ("/cdr_location/country", place and place.country),
        ("/location/country", location and location.country),
    ):
        if isinstance(country, str) and country not in COUNTRIES_ALPHA_3:
            faults.append((pointer, "an alpha-3 code of ISO 3166-1", country))
    return faults


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
    wrong = isinstance(zone, str) and zone not in TIME_ZONES
    return [("/time_zone", "a name of the IANA database", zone)] if wrong else ()
