"""What several rules ask of one message, worked out in one pass: the input of their `holds` predicates.

Walking the periods, costs and tariffs of a CDR for each rule anew costs more than parsing it. Facts are
made for the objects that come in numbers (2.2.1 and 2.3.0); other objects are judged by the rules alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

import msgspec

# 2.2.1, 10.4.2. Of these dimensions a rule has to look at each period.
_SPECIAL = frozenset({"STATE_OF_CHARGE", "RESERVATION_TIME", "RESERVATION_EXPIRES", "RESERVATION_OVERTIME"})
_parts_of_cost = attrgetter(
    "total_fixed_cost",
    "total_energy_cost",
    "total_time_cost",
    "total_parking_cost",
    "total_reservation_cost",
)


class Charging(msgspec.Struct, gc=False):
    """Facts of a CDR or a session.

    `hours` from start to end (session: or last update). `ordered`: its times follow each other. `plain`: no
    volume is negative, and none is of a special dimension. `energy` (kWh), `charging` and `parking` (hours)
    are the sums of the periods; `metered`: a period has energy. `costs` are the prices that it has, `least`
    the lowest of them and `parts` the sum of those that are parts of the total, before taxes.
    `components` are the price components of its only tariff, if that has its ids, no restriction, limit or
    validity, and every period uses it; empty: it has no tariff; None: its tariffs have to be looked at.
    """

    hours: float
    ordered: bool
    plain: bool
    energy: float
    charging: float
    parking: float
    metered: bool
    costs: list[Any]
    least: float
    parts: float
    components: list[Any] | None


def charging_facts(value: Any) -> Charging:
    """The facts of a CDR or a session."""
    start, end = value.start_date_time, value.end_date_time
    is_cdr = hasattr(value, "tariffs")
    components, name = _components(value.tariffs) if is_cdr and value.tariffs else ([], "")
    energy = charging = parking = 0.0
    metered, ordered, plain = False, True, True
    last = start
    for period in value.charging_periods or ():
        at = period.start_date_time
        if at < last:
            ordered = False
        last = at
        if name and period.tariff_id and period.tariff_id != name:
            components = None
        for dimension in period.dimensions:
            kind, volume = dimension.type, dimension.volume
            if volume < 0:
                plain = False
            if kind == "ENERGY":
                energy += volume
                metered = True
            elif kind == "TIME":
                charging += volume
            elif kind == "PARKING_TIME":
                parking += volume
            elif kind in _SPECIAL:
                plain = False
    if end and last > end:
        ordered = False
    hours = ((end or value.last_updated) - start).total_seconds() / 3600
    costs, least, parts = _costs(value.total_cost, _parts_of_cost(value) if is_cdr else ())
    return Charging(
        hours, ordered, plain, energy, charging, parking, metered, costs, least, parts, components
    )


def _costs(total: Any, others: Iterable[Any]) -> tuple[list[Any], float, float]:
    costs, least, parts = ([total], total.excl_vat, 0.0) if total else ([], 0.0, 0.0)
    for cost in others:
        if cost:
            net = cost.excl_vat
            costs.append(cost)
            parts += net
            if net < least:
                least = net
    return costs, least, parts


def _components(tariffs: list[Any]) -> tuple[list[Any] | None, str]:
    tariff = tariffs[0]
    if "" in (tariff.id, tariff.party_id):
        return None, ""
    if len(tariffs) > 1 or tariff.min_price or tariff.max_price or tariff.start_date_time:
        return None, ""
    if tariff.tax_included == "YES":
        return None, ""
    components: list[Any] = []
    for element in tariff.elements:
        if element.restrictions:
            return None, ""
        components += element.price_components
    return components, tariff.id


def tariff_is_plain(_: Any, facts: Charging) -> bool:
    """The predicate of what only restrictions, limits, validity or a second tariff can break."""
    return facts.components is not None


class LocationFacts(msgspec.Struct, gc=False):
    """Facts of a location.

    `plain`: it has one point, and no exceptional hours or status schedules. `unique`: no uid of an EVSE and
    no id of a connector within its EVSE is there a second time; `named`: each has one. `rated`: voltage and
    current of every connector are above zero. `without_urls`: its EVSEs have none.
    """

    plain: bool
    unique: bool
    named: bool
    rated: bool
    without_urls: bool


def location_facts(value: Any) -> LocationFacts:
    """The facts of a location."""
    hours = value.opening_times
    plain = not (
        value.related_locations or (hours and (hours.exceptional_openings or hours.exceptional_closings))
    )
    unique = named = rated = without_urls = True
    uids = set()
    evses = value.evses or ()
    for evse in evses:
        uids.add(evse.uid.lower())
        if evse.status_schedule or evse.coordinates:
            plain = False
        if evse.images:
            without_urls = False
        connectors = evse.connectors
        if len(connectors) > 1 and len({one.id.lower() for one in connectors}) < len(connectors):
            unique = False
        for one in connectors:
            if not one.id:
                named = False
            if one.max_voltage <= 0 or one.max_amperage <= 0 or (one.max_electric_power or 0) < 0:
                rated = False
            if one.terms_and_conditions:
                without_urls = False
    unique = unique and len(uids) == len(evses)
    return LocationFacts(plain, unique, named and "" not in uids, rated, without_urls)


FACTS: Mapping[tuple[str, str], Callable[[Any], Any]] = {
    (version, kind): facts
    for version in ("2.2.1", "2.3.0")
    for kind, facts in (("CDR", charging_facts), ("Session", charging_facts), ("Location", location_facts))
}
