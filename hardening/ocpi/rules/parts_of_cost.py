"""The parts of a CDR's cost against its tariff, and what certainly keeps both them and the total."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

from hardening.ocpi.rules import pricing
from hardening.ocpi.rules.facts import Charging
from hardening.ocpi.rules.likely_costs import cost_faults, priced
from hardening.ocpi.rules.rule import Fault, Faults, rule
from hardening.ocpi.rules.samples import sample

# Each period may be rounded by itself, to the cent.
CENT = 0.01
EACH = 0.005
# What is nearer than this to a whole number of steps is that number.
_ROUNDED = 1e-6
_FEE = {"type": "FLAT", "price": 0.5, "step_size": 1}
_PARKING = {"type": "PARKING_TIME", "price": 1.0, "step_size": 1}
_PARTS = (
    ("total_energy_cost", "ENERGY"),
    ("total_time_cost", "TIME"),
    ("total_parking_cost", "PARKING_TIME"),
    ("total_fixed_cost", "FLAT"),
    ("total_reservation_cost", "RESERVATION"),
)
_NOTHING = (0.0, 0.0)


def tariff_holds(value: Any, facts: Charging) -> bool:
    """Whether total and parts are certainly what a tariff without restrictions makes."""
    components = facts.components
    if not components:
        return components is not None
    if not facts.plain or value.credit:
        return False
    kinds = _unrestricted(components, facts.energy, facts.charging, facts.parking)
    least = most = 0.0
    for low, high in kinds.values():
        least += low
        most += high
    cost = value.total_cost
    if min(abs(cost.excl_vat - least), abs(cost.excl_vat - most)) > CENT:
        return False
    vat = components[0].vat
    for component in components:
        if component.vat != vat:
            return False
    return _vat_fits(cost, vat) and (len(facts.costs) == 1 or _quick_parts_hold(value, kinds, vat))


def _unrestricted(
    components: Iterable[Any], energy: float, charging: float, parking: float
) -> pricing.Ranges:
    """What each kind costs by a tariff without restrictions: without rounding, and in whole steps.

    Each kind then has one price throughout. `energy` in kWh, `charging` and `parking` in hours, none
    negative.
    """
    kinds: pricing.Ranges = {}
    for component in components:
        kind, price = component.type, component.price
        if kind in kinds:
            continue
        if kind == "FLAT":
            kinds[kind] = price, price
            continue
        volume = energy if kind == "ENERGY" else charging if kind == "TIME" else parking
        exact = most = price * volume
        if component.step_size > 1:  # a step of one Wh or second does not show in the cost
            step = component.step_size * pricing.STEP_UNIT[kind]
            rounded = -((_ROUNDED - volume / step) // 1) * step * price
            most = rounded if rounded > exact else exact
        kinds[kind] = exact, most
    return kinds


def _vat_fits(cost: Any, vat: Any) -> bool:
    """Whether an amount has the VAT of its price; certain where it says none, or the price says none."""
    including = cost.incl_vat
    if not including:
        if not cost.taxes:
            return True
        including = cost.excl_vat + sum(tax.amount for tax in cost.taxes)
    if not isinstance(vat, int | float):
        return True
    return bool(-CENT <= including - cost.excl_vat * (1 + vat / 100) <= CENT)


def _quick_parts_hold(value: Any, kinds: pricing.Ranges, vat: Any) -> bool:
    """Whether each part is what it would be if parking had no fee of its own, all with one VAT."""
    for name, kind in _PARTS:
        cost = getattr(value, name)
        if cost:
            low, high = kinds.get(kind) or _NOTHING
            net_cost = cost.excl_vat
            if min(abs(net_cost - low), abs(net_cost - high)) > CENT:
                return False
            if not _vat_fits(cost, vat):
                return False
    return True


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
    holds={"CDR": tariff_holds},
)
def parts_of_the_cost_match_the_tariff(value: Any) -> Faults | None:
    """Energy, time, parking and fees each cost what the CDR's own tariffs make of its periods."""
    # A credit CDR says what its original said, right or wrong: that is judged by its own rule.
    if value.credit or not value.tariffs or not any(getattr(value, name) for name, _ in _PARTS):
        return None
    # Limits are those of the whole: nothing says which part bears them.
    if any(one.min_price or one.max_price for one in value.tariffs):
        return None
    known = {tariff.id.lower(): tariff for tariff in value.tariffs}
    try:
        found = pricing.bounds(value, known, None)
    except pricing.CannotTell:
        return None
    slack = CENT + EACH * len(value.charging_periods)
    if not found.decided and any(one.tax_included == "YES" for one in value.tariffs):
        return None
    if not found.decided:
        return _parts_between(value, found.kinds, slack) or None
    amounts = dict(found.amounts)
    fees, parking = amounts.get("FLAT"), amounts.get("PARKING_TIME")
    if fees and parking:  # the fee of parking is a part of its cost, and no fixed cost (10.3.1)
        amounts["PARKING_TIME"] = (*parking, *map(pricing.sum_of, product(parking, fees)))
        amounts["FLAT"] = (*fees, _NOTHING)
    faults: list[Fault] = []
    for name, kind in _PARTS:
        cost = getattr(value, name)
        if cost:
            likely = [priced(one, list(known.values())) for one in amounts.get(kind) or (_NOTHING,)]
            faults += cost_faults(name, cost, likely, slack) or ()
    return faults


def _parts_between(value: Any, kinds: pricing.Ranges, slack: float) -> Faults:
    """The parts of the cost that no price makes."""
    kinds = dict(kinds)
    fees, parking = kinds["FLAT"], kinds.get("PARKING_TIME")
    if parking:
        kinds["PARKING_TIME"] = parking[0], parking[1] + max(fees[1], 0.0)
        kinds["FLAT"] = min(fees[0], 0.0), fees[1]
    faults: list[Fault] = []
    for name, kind in _PARTS:
        cost = getattr(value, name)
        if cost:
            low, high = kinds.get(kind) or _NOTHING
            slack_of_kind = slack + 0.001 * abs(high)
            if max(low - cost.excl_vat, cost.excl_vat - high) > slack_of_kind:
                faults.append((f"/{name}", f"{low:.4f} to {high:.4f}, by the tariff", cost.excl_vat))
    return faults
