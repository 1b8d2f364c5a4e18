"""Rules about totals: those of a CDR against its charging periods, and the limits of a tariff."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from hardening.ocpi.rules.costs import net
from hardening.ocpi.rules.facts import Charging, tariff_is_plain
from hardening.ocpi.rules.rule import Fault, Faults, close, rule
from hardening.ocpi.rules.samples import sample

# Readings are rounded to a few decimals in each period.
_KWH = 0.05
_HOURS = 0.02
_CENT = 0.01
_PARTS = (
    "total_fixed_cost",
    "total_energy_cost",
    "total_time_cost",
    "total_parking_cost",
    "total_reservation_cost",
)
_parts = attrgetter(*_PARTS)


def _totals_hold(value: Any, facts: Charging) -> bool:
    if facts.metered and abs(facts.energy - value.total_energy) > _KWH:
        return False
    parking, parked = facts.parking, value.total_parking_time
    if parking and (parked or parked == 0) and abs(parking - parked) > _HOURS:
        return False
    total: float = value.total_time
    return facts.charging + parking <= total + _HOURS


@rule(
    "totals-match-the-periods",
    "CDR",
    good=sample("CDR"),
    bad=sample("CDR", {"total_energy": 120.0}),
    holds={"CDR": _totals_hold},
)
def totals_match_the_periods(value: Any) -> Faults:
    """What the periods add up to is what the totals say: energy (kWh), time and parking (hours)."""
    energy = charging = parking = 0.0
    measured = False
    for period in value.charging_periods:
        for dimension in period.dimensions:
            kind = dimension.type
            if kind == "ENERGY":
                energy += dimension.volume
                measured = True
            elif kind == "TIME":
                charging += dimension.volume
            elif kind == "PARKING_TIME":
                parking += dimension.volume
    slack = len(value.charging_periods)
    faults: list[Fault] = []
    if measured and not close(energy, value.total_energy, _KWH * slack):
        faults.append(("/total_energy", f"{energy:.4f} kWh, the sum of the periods", value.total_energy))
    total = value.total_time + _HOURS * slack
    if charging + parking > total and charging > total:
        faults.append(("/total_time", f"{charging:.4f} hours or more, as the periods", value.total_time))
    parked = value.total_parking_time
    if parking and isinstance(parked, int | float) and not close(parking, parked, _HOURS * slack):
        faults.append(("/total_parking_time", f"{parking:.4f} hours, the sum of the periods", parked))
    return faults


def _costs_hold(value: Any, facts: Charging) -> bool:
    total: float = value.total_cost.excl_vat
    return facts.parts <= total + _CENT


@rule(
    "costs-add-up",
    "CDR",
    good=sample("CDR", {"total_energy_cost": {"excl_vat": 4.8}, "total_fixed_cost": {"excl_vat": 0.5}}),
    bad=sample("CDR", {"total_energy_cost": {"excl_vat": 9.8}, "total_fixed_cost": {"excl_vat": 0.5}}),
    versions=("2.2.1", "2.3.0"),
    holds={"CDR": _costs_hold},
)
def costs_add_up(value: Any) -> Faults:
    """The parts of the cost are not more than its total, unless a tariff has a highest price."""
    known = 0.0
    for cost in _parts(value):
        if cost:
            known += cost.excl_vat
    if not known or value.credit:
        return ()
    total = value.total_cost.excl_vat
    if known <= total + max(_CENT * len(_PARTS), total * 0.001):
        return ()
    if any(tariff.max_price for tariff in value.tariffs or ()):
        return ()
    return [("/total_cost", f"at least {known:.4f}, the sum of its parts", total)]


_RANGES = ("kwh", "current", "power", "duration")


@rule(
    "tariff-limits-are-in-order",
    "Tariff",
    "CDR",
    good=sample("Tariff", {"min_price": {"excl_vat": 1.0}, "max_price": {"excl_vat": 9.0}}),
    bad=sample("Tariff", {"min_price": {"excl_vat": 10.0}, "max_price": {"excl_vat": 9.0}}),
    partial=True,
    holds={"CDR": tariff_is_plain},
)
def tariff_limits_are_in_order(value: Any) -> Faults:
    """A lowest price, energy, power, current, duration or date is not above the highest."""
    if not hasattr(value, "tariffs"):
        return _tariff_faults(value)
    faults: list[Fault] = []
    for index, tariff in enumerate(value.tariffs or ()):
        for pointer, expected, found in _tariff_faults(tariff):
            faults.append((f"/tariffs/{index}{pointer}", expected, found))
    return faults


def _tariff_faults(tariff: Any) -> Faults:
    faults: list[Fault] = []
    low, high = tariff.min_price, tariff.max_price
    if low and high and net(low) > net(high):
        faults.append(("/max_price", f"at least the lowest price, {net(low)}", net(high)))
    for place, element in enumerate(tariff.elements or ()):
        if element.restrictions:
            faults += _restriction_faults(element.restrictions, f"/elements/{place}/restrictions")
    return faults


def _restriction_faults(limits: Any, pointer: str) -> list[Fault]:
    faults: list[Fault] = []
    for name in _RANGES:
        least, most = getattr(limits, f"min_{name}", None), getattr(limits, f"max_{name}", None)
        if least and isinstance(most, int | float) and most < least:
            faults.append((f"{pointer}/max_{name}", f"at least {least}", most))
    if limits.start_date and limits.end_date and limits.end_date <= limits.start_date:
        faults.append((f"{pointer}/end_date", f"after {limits.start_date}", limits.end_date))
    return faults
