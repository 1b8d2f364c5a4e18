"""The cost of a CDR against its tariff, recomputed where the message tells enough."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

from hardening.ocpi.rules import pricing
from hardening.ocpi.rules.costs import net
from hardening.ocpi.rules.facts import Charging
from hardening.ocpi.rules.rule import Fault, Faults, Message, rule
from hardening.ocpi.rules.samples import beside, sample
from hardening.ocpi.time_zones import TIME_ZONES, time_zone

# Each period may be rounded by itself, to the cent.
_CENT = 0.01
_EACH = 0.005
_FEE = {"type": "FLAT", "price": 0.5, "step_size": 1}
_PARKING = {"type": "PARKING_TIME", "price": 1.0, "step_size": 1}


def _tariff_holds(value: Any, facts: Charging) -> bool:
    components = facts.components
    if not components:
        return components is not None
    if not facts.plain or value.credit:
        return False
    kinds = pricing.unrestricted(components, facts.energy, facts.charging, facts.parking)
    least = most = 0.0
    for low, high in kinds.values():
        least += low
        most += high
    if not least - _CENT <= value.total_cost.excl_vat <= most + _CENT:
        return False
    # The total alone, or parts that are what they would be if parking had no fee of its own.
    return len(facts.costs) == 1 or not _odd_parts(value, kinds, _CENT)


def _with_taxes(before: float) -> Message:
    """A CDR of 2.3.0 whose tariff has the taxes in its prices, which make 5.30."""
    cost = {"before_taxes": before, "taxes": [{"name": "VAT", "amount": 0.92}]}
    return sample("CDR", {"total_cost": cost, "tariffs/0/tax_included": "YES"}, version="2.3.0")


@rule(
    "totals-match-the-tariff",
    "CDR",
    good={
        "as it should be": sample("CDR"),
        "no tariff": sample("CDR", {"tariffs": None}),
        "a tariff that it does not have": sample("CDR", {"charging_periods/0/tariff_id": "night"}),
        "prices with their taxes": _with_taxes(4.38),
    },
    bad={
        "too much": sample("CDR", {"total_cost": {"excl_vat": 53.0, "incl_vat": 64.13}}),
        "more than any price that may apply": sample(
            "CDR",
            {"tariffs/0/elements/0/restrictions": {"max_power": 11.0}, "total_cost": {"excl_vat": 9999.0}},
        ),
        "too much with its taxes": _with_taxes(9.38),
        "too little with its taxes": _with_taxes(1.38),
    },
    holds={"CDR": _tariff_holds},
)
def totals_match_the_tariff(value: Any) -> Faults | None:
    """The total cost is what the CDR's own tariffs make of its periods.

    Restrictions by the clock need the location's time zone: `totals-match-the-tariff-at-the-location`.
    """
    return _faults(value, value.tariffs, None) if value.tariffs else None


@rule(
    "totals-match-the-known-tariff",
    "CDR",
    good=sample("CDR", {"tariffs": None}, tariff=beside("Tariff")),
    bad=sample("CDR", {"tariffs": None, "total_cost": {"excl_vat": 1.0}}, tariff=beside("Tariff")),
    needs="tariff",
)
def totals_match_the_known_tariff(value: Any, tariff: Any) -> Faults | None:
    """The total cost is what the tariff that we know makes of the periods, where the CDR has none."""
    return None if value.tariffs else _faults(value, [tariff], None)


@rule(
    "totals-match-the-tariff-at-the-location",
    "CDR",
    good=sample("CDR", location=beside("Location")),
    bad=sample("CDR", {"total_cost": {"excl_vat": 53.0, "incl_vat": 64.13}}, location=beside("Location")),
    needs="location",
)
def totals_match_the_tariff_at_the_location(value: Any, location: Any) -> Faults | None:
    """As `totals-match-the-tariff`, with restrictions by day and hour in the location's time zone."""
    # A name that is not of the database is a fault of the location: `time-zone-is-iana`.
    if not value.tariffs or location.time_zone not in TIME_ZONES:
        return None
    return _faults(value, value.tariffs, time_zone(location.time_zone))


def _faults(value: Any, tariffs: Iterable[Any], zone: tzinfo | None) -> Faults | None:
    """The fault of the total; None for a credit CDR, and where the message does not tell enough."""
    if value.credit:
        return None
    known = {tariff.id.lower(): tariff for tariff in tariffs}
    try:
        found = pricing.bounds(value, known, zone)
    except pricing.CannotTell:
        return None
    least, most = found.least, found.most
    for tariff in known.values():
        low, high = tariff.min_price, tariff.max_price
        if low:
            most = max(most, net(low))
            least = max(least, net(low)) if len(known) == 1 else least
        if high:
            least = min(least, net(high))
            most = min(most, net(high)) if len(known) == 1 else most
    total = net(value.total_cost)
    slack = _CENT + _EACH * len(value.charging_periods) + 0.001 * abs(most)
    if least - slack <= total <= most + slack or _taxes_are_included(
        value, known.values(), least, most, slack
    ):
        # Between the cheapest and the dearest price is not right: it cannot be told.
        return () if found.decided else None
    return [("/total_cost", f"{least:.4f} to {most:.4f}, by the tariff", total)]


_PARTS = (
    ("total_energy_cost", "ENERGY"),
    ("total_time_cost", "TIME"),
    ("total_parking_cost", "PARKING_TIME"),
    ("total_fixed_cost", "FLAT"),
)
_NOTHING = (0.0, 0.0)


@rule(
    "parts-of-the-cost-match-the-tariff",
    "CDR",
    good={
        "as it should be": sample("CDR", {"total_energy_cost": {"excl_vat": 4.8}}),
        "all parts": sample(
            "CDR", {"total_energy_cost": {"excl_vat": 4.8}, "total_fixed_cost": {"excl_vat": 0.5}}
        ),
        "a fee of parking": sample(
            "CDR",
            {
                "total_fixed_cost": {"excl_vat": 0.0},
                "total_parking_cost": {"excl_vat": 0.5},
                "tariffs/0/elements/1/price_components": [_FEE, _PARKING],
                "total_cost": {"excl_vat": 5.8},
            },
        ),
    },
    bad={
        "energy": sample("CDR", {"total_energy_cost": {"excl_vat": 4.5}}),
        "fees": sample("CDR", {"total_fixed_cost": {"excl_vat": 0.6}}),
        "time": sample("CDR", {"total_time_cost": {"excl_vat": 0.3}}),
        "parking": sample("CDR", {"total_parking_cost": {"excl_vat": 0.6}}),
    },
    versions=("2.2.1", "2.3.0"),
    holds={"CDR": _tariff_holds},
)
def parts_of_the_cost_match_the_tariff(value: Any) -> Faults | None:
    """Energy, time, parking and fees each cost what the CDR's own tariffs make of its periods."""
    if value.credit or not value.tariffs or not any(getattr(value, name) for name, _ in _PARTS):
        return None
    # Limits and taxes are those of the whole: nothing says which part bears them.
    if any(one.min_price or one.max_price or one.tax_included == "YES" for one in value.tariffs):
        return None
    try:
        found = pricing.bounds(value, {tariff.id.lower(): tariff for tariff in value.tariffs}, None)
    except pricing.CannotTell:
        return None
    kinds = dict(found.kinds)
    fees = kinds["FLAT"]
    parking = kinds.get("PARKING_TIME")
    if parking:  # the fee of parking is a part of its cost, and no fixed cost (10.3.1)
        kinds["PARKING_TIME"] = parking[0], parking[1] + max(fees[1], 0.0)
        kinds["FLAT"] = min(fees[0], 0.0), fees[1]
    faults = _odd_parts(value, kinds, _CENT + _EACH * len(value.charging_periods))
    return faults if faults or found.decided else None


def _odd_parts(value: Any, kinds: pricing.Ranges, slack: float) -> Faults:
    """The parts of the cost that are not within their range; rounding is a thousandth more."""
    faults: list[Fault] = []
    for name, kind in _PARTS:
        cost = getattr(value, name)
        if cost:
            low, high = kinds.get(kind) or _NOTHING
            if not low - slack - 0.001 * abs(high) <= cost.excl_vat <= high + slack + 0.001 * abs(high):
                faults.append((f"/{name}", f"{low:.4f} to {high:.4f}, by the tariff", cost.excl_vat))
    return faults


def _taxes_are_included(value: Any, tariffs: Iterable[Any], least: float, most: float, slack: float) -> bool:
    """2.3.0: prices of a tariff that says `tax_included: YES` make the cost with its taxes."""
    if not any(tariff.tax_included == "YES" for tariff in tariffs):
        return False
    taxes = value.total_cost.taxes or ()
    total = net(value.total_cost) + sum(tax.amount for tax in taxes)
    return bool(least - slack <= total <= most + slack)
