"""A quick look that most messages pass: True says that no rule has anything to say about them.

Asking every rule in turn costs several times what it costs to parse a message. What is certainly fine is
told here in one pass, with the limits of the rules themselves; False only says that they must be asked.
A test holds both to the same verdict, and every rule's `bad` message against this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from hardening.ocpi.registries import COUNTRIES, COUNTRIES_ALPHA_3, CURRENCIES
from hardening.ocpi.time_zones import TIME_ZONES

_LONGEST = timedelta(days=31)
_KW = 22.0 * 20
_STEPS = {"ENERGY": 1000.0, "TIME": 3600.0, "PARKING_TIME": 3600.0}
_CENT = 0.005
_SMALL = 0.005


def cdr_is_fine(cdr: Any) -> bool:
    """Whether a 2.2.1 CDR, no credit CDR, certainly breaks no rule."""
    start, end = cdr.start_date_time, cdr.end_date_time
    span = end - start
    hours = span.total_seconds() / 3600
    total, energy, parked = cdr.total_time, cdr.total_energy, cdr.total_parking_time
    place, token = cdr.cdr_location, cdr.cdr_token
    point = place.coordinates
    if not (
        0 <= total <= hours
        and span <= _LONGEST
        and 0 <= energy <= hours * _KW
        and not cdr.credit
        and not cdr.credit_reference_id
        and len(cdr.id) <= 36
        and cdr.currency in CURRENCIES
        and cdr.country_code in COUNTRIES
        and token.country_code in COUNTRIES
        and place.country in COUNTRIES_ALPHA_3
        and -90 <= float(point.latitude) <= 90
        and -180 <= float(point.longitude) <= 180
        and not (parked and not 0 <= parked <= total)
    ):
        return False
    sums = _sums(cdr, start, end, cdr.tariffs)
    if sums is None or not _costs_are_fine(cdr):
        return False
    measured, charged, stood, metered = sums
    if metered and abs(measured - energy) > _SMALL:
        return False
    if charged + stood > total + _SMALL or (
        stood and (parked or parked == 0) and abs(stood - parked) > _SMALL
    ):
        return False
    return not cdr.tariffs or _tariff_is_met(cdr, measured, charged, stood)


def _sums(value: Any, start: Any, end: Any, tariffs: Any) -> tuple[float, float, float, bool] | None:
    """Energy, charging and parking time of the periods, and whether any has energy; None: look closer."""
    measured = charged = stood = 0.0
    metered = False
    name = tariffs[0].id if tariffs else None
    last = start
    for period in value.charging_periods or ():
        at = period.start_date_time
        if at < last or (name and period.tariff_id and period.tariff_id != name):
            return None
        last = at
        for dimension in period.dimensions:
            volume = dimension.volume
            if volume < 0:
                return None
            kind = dimension.type
            if kind == "ENERGY":
                measured += volume
                metered = True
            elif kind == "TIME":
                charged += volume
            elif kind == "PARKING_TIME":
                stood += volume
            elif kind == "STATE_OF_CHARGE" or kind == "RESERVATION_TIME":
                return None
    if end and last > end:
        return None
    return measured, charged, stood, metered


def _costs_are_fine(cdr: Any) -> bool:
    total = cdr.total_cost
    left = total.excl_vat
    if left < 0 or not _vat_is_fine(total):
        return False
    for cost in (
        cdr.total_fixed_cost,
        cdr.total_energy_cost,
        cdr.total_time_cost,
        cdr.total_parking_cost,
        cdr.total_reservation_cost,
    ):
        if cost:
            left -= cost.excl_vat
            if cost.excl_vat < 0 or not _vat_is_fine(cost):
                return False
    return bool(left >= -_CENT)


def _vat_is_fine(cost: Any) -> bool:
    including = cost.incl_vat
    if not including:
        return bool(including != 0 or cost.excl_vat == 0)  # nothing is not the same as zero
    return bool(cost.excl_vat <= including <= 2 * cost.excl_vat)


def _tariff_is_met(cdr: Any, measured: float, charged: float, stood: float) -> bool:
    """One tariff without restrictions, limits or validity: the cost is prices by volumes."""
    tariff = cdr.tariffs[0]
    if (
        tariff.min_price
        or tariff.max_price
        or tariff.start_date_time
        or len(cdr.tariffs) > 1
        or tariff.currency != cdr.currency
    ):
        return False
    least = most = 0.0
    seen = []
    for element in tariff.elements:
        if element.restrictions:
            return False
        for component in element.price_components:
            kind, price, step = component.type, component.price, component.step_size
            if kind in seen or step < 0 or price < 0:
                return False
            seen.append(kind)
            if kind == "FLAT":
                least += price
                most += price
                continue
            amount = measured if kind == "ENERGY" else charged if kind == "TIME" else stood
            least += price * amount
            unit = _STEPS[kind]
            most += price * (-(-amount * unit // step) * step / unit if step else amount)
    return bool(least - _CENT <= cdr.total_cost.excl_vat <= most + _CENT)


def session_is_fine(session: Any) -> bool:
    """Whether a 2.2.1 session certainly breaks no rule."""
    start, end, cost = session.start_date_time, session.end_date_time, session.total_cost
    kwh, status = session.kwh, session.status
    until = end or session.last_updated
    return bool(
        start <= until
        and 0 <= kwh <= (until - start).total_seconds() / 3600 * _KW
        and (end or status == "ACTIVE")
        and not (kwh and (status == "PENDING" or status == "RESERVATION"))
        and session.currency in CURRENCIES
        and session.country_code in COUNTRIES
        and session.cdr_token.country_code in COUNTRIES
        and (not cost or (cost.excl_vat >= 0 and _vat_is_fine(cost)))
        and _sums(session, start, end, None) is not None
    )


def location_is_fine(location: Any) -> bool:
    """Whether a location of 2.2.1 or later certainly breaks no rule."""
    point = location.coordinates
    if not (
        location.country_code in COUNTRIES
        and location.country in COUNTRIES_ALPHA_3
        and location.time_zone in TIME_ZONES
        and -90 <= float(point.latitude) <= 90
        and -180 <= float(point.longitude) <= 180
        and not location.related_locations
    ):
        return False
    hours = location.opening_times
    if hours and (hours.exceptional_openings or hours.exceptional_closings):
        return False
    seen = set()
    for evse in location.evses or ():
        seen.add(evse.uid.lower())
        if evse.status_schedule or evse.coordinates:
            return False
        connectors = evse.connectors
        if len(connectors) > 1 and len({one.id.lower() for one in connectors}) < len(connectors):
            return False
    return not seen or len(seen) == len(location.evses)


SWIFT: Mapping[tuple[str, str], Callable[[Any], bool]] = {
    ("2.2.1", "CDR"): cdr_is_fine,
    ("2.2.1", "Session"): session_is_fine,
    ("2.2.1", "Location"): location_is_fine,
    ("2.3.0", "Location"): location_is_fine,
}
