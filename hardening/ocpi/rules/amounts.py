"""Rules about energy, cost and tax of one message."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from hardening.ocpi.rules.rule import Fault, Faults, close, rule
from hardening.ocpi.rules.samples import sample, taxed

# No charger gives more: megawatt charging ends at 3.75 MW (IEC TS 63379).
_MOST_KW = 4000.0
# Energy and time of a session are not read at one instant.
_READING_HOURS = 0.05
_CENT = 0.01

_COSTS = {
    "CDR": (
        "total_cost",
        "total_fixed_cost",
        "total_energy_cost",
        "total_time_cost",
        "total_parking_cost",
        "total_reservation_cost",
    ),
    "Session": ("total_cost",),
    "FinancialAdviceConfirmation": ("total_costs",),
    "Tariff": ("min_price", "max_price"),
}
_costs_of_cdr = attrgetter(*_COSTS["CDR"])


def net(cost: Any) -> float:
    """The amount before taxes: 2.1.1 has plain numbers, later versions a `Price`."""
    return float(cost if isinstance(cost, int | float) else cost.excl_vat)


@rule(
    "energy-is-possible",
    "CDR",
    good=sample("CDR"),
    bad=sample("CDR", {"total_energy": -1.0}),
)
def energy_is_possible(value: Any) -> Faults:
    """Energy is not negative, and not more than any charger gives in that time (kWh)."""
    energy = value.total_energy
    if energy < 0:
        return [("/total_energy", "0 kWh or more", energy)]
    if energy > 0:
        hours = (value.end_date_time - value.start_date_time).total_seconds() / 3600
        most = (max(hours, 0) + _READING_HOURS) * _MOST_KW
        if energy > most:
            return [("/total_energy", f"at most {most:.1f} kWh in {hours:.2f} hours", energy)]
    return ()


@rule(
    "session-energy-is-possible",
    "Session",
    good=sample("Session"),
    bad=sample("Session", {"kwh": -0.5}),
)
def session_energy_is_possible(value: Any) -> Faults:
    """Energy so far is not negative, and not more than any charger gives in that time (kWh)."""
    kwh = value.kwh
    if kwh < 0:
        return [("/kwh", "0 kWh or more", kwh)]
    until = value.end_date_time or value.last_updated
    hours = (until - value.start_date_time).total_seconds() / 3600
    most = (max(hours, 0) + _READING_HOURS) * _MOST_KW
    return [("/kwh", f"at most {most:.1f} kWh in {hours:.2f} hours", kwh)] if kwh > most else ()


# Dimensions that may go below zero: power and current flow both ways (2.2.1, 10.4.2).
_SIGNED = frozenset({"CURRENT", "MIN_CURRENT", "MAX_CURRENT", "POWER", "MIN_POWER", "MAX_POWER"})


@rule(
    "volumes-are-possible",
    "CDR",
    "Session",
    good=sample("CDR"),
    bad=sample("CDR", {"charging_periods/0/dimensions/0/volume": -12.0}),
)
def volumes_are_possible(value: Any) -> Faults:
    """Energy and time of a period are not negative, a state of charge is 0 to 100 percent."""
    for period in value.charging_periods or ():
        for dimension in period.dimensions:
            if dimension.volume < 0 or dimension.type == "STATE_OF_CHARGE":
                return _impossible(value)
    return ()


def _impossible(value: Any) -> Faults:
    faults: list[Fault] = []
    for place, period in enumerate(value.charging_periods):
        for index, one in enumerate(period.dimensions):
            where = f"/charging_periods/{place}/dimensions/{index}/volume"
            if one.type == "STATE_OF_CHARGE" and not 0 <= one.volume <= 100:
                faults.append((where, "0 to 100 percent", one.volume))
            elif one.volume < 0 and one.type not in _SIGNED:
                faults.append((where, f"0 or more for {one.type}", one.volume))
    return faults


@rule(
    "costs-are-not-negative",
    "CDR",
    good=sample("CDR"),
    bad=sample("CDR", {"total_cost": {"excl_vat": -5.3, "incl_vat": -6.41}}),
    versions=("2.2.1", "2.3.0"),
)
def costs_are_not_negative(value: Any) -> Faults:
    """Only the total cost of a credit CDR is below zero (2.2.1, 10.3.1.1)."""
    faults: list[Fault] = []
    for name, cost in zip(_COSTS["CDR"], _costs_of_cdr(value), strict=True):
        if cost and cost.excl_vat < 0 and not value.credit:
            faults.append((f"/{name}", "0 or more, as this is no credit CDR", cost.excl_vat))
    if value.credit and value.total_cost.excl_vat > 0:
        faults.append(("/total_cost", "0 or less, as this is a credit CDR", value.total_cost.excl_vat))
    return faults


@rule(
    "plain-costs-are-not-negative",
    "CDR",
    "Session",
    good=sample("Session"),
    bad=sample("Session", {"total_cost": {"excl_vat": -1.0}}),
)
def plain_costs_are_not_negative(value: Any) -> Faults:
    """A session costs nothing or something (and so does a 2.1.1 CDR, which knows no credit)."""
    cost = value.total_cost
    if not cost or hasattr(value, "credit"):
        return ()
    amount = net(cost)
    return [("/total_cost", "0 or more", amount)] if amount < 0 else ()


@rule(
    "vat-is-consistent",
    "CDR",
    "Session",
    "Tariff",
    good=sample("CDR"),
    bad=sample("CDR", {"total_cost/incl_vat": 4.0}),
    versions=("2.2.1",),
    partial=True,
)
def vat_is_consistent(value: Any) -> Faults:
    """The amount with VAT is not below the one without, and not above twice of it."""
    faults: list[Fault] = []
    for name in _COSTS[type(value).__name__.removesuffix("Patch")]:
        cost = getattr(value, name)
        if not cost:
            continue
        without, including = cost.excl_vat, cost.incl_vat
        if isinstance(including, int | float) and not _is_vat(without, including):
            faults.append((f"/{name}/incl_vat", f"{without} and a VAT of 0 to 100 percent", including))
    return faults


def _is_vat(without: float, including: float) -> bool:
    low, high = (without, 2 * without) if without >= 0 else (2 * without, without)
    return low - _CENT <= including <= high + _CENT


@rule(
    "taxes-are-consistent",
    "CDR",
    "Session",
    "FinancialAdviceConfirmation",
    good=sample("Session", {"total_cost": taxed(21, 1.11)}, version="2.3.0"),
    bad=sample("Session", {"total_cost": taxed(21, 3.11)}, version="2.3.0"),
    versions=("2.3.0",),
    partial=True,
)
def taxes_are_consistent(value: Any) -> Faults:
    """The amount of a tax is its percentage of what it is put on, with the sign of that."""
    faults: list[Fault] = []
    for name in _COSTS[type(value).__name__.removesuffix("Patch")]:
        cost = getattr(value, name)
        for index, tax in enumerate((cost and cost.taxes) or ()):
            where = f"/{name}/taxes/{index}"
            if tax.percentage and not 0 <= tax.percentage <= 100:
                faults.append((f"{where}/percentage", "0 to 100", tax.percentage))
            elif tax.percentage and tax.amount > abs(cost.excl_vat) * tax.percentage / 100 + _CENT:
                # A compound tax is put on less than the whole: less is possible, more is not.
                faults.append(
                    (f"{where}/amount", f"at most {tax.percentage} percent of the cost", tax.amount)
                )
            elif tax.amount * cost.excl_vat < 0:
                faults.append((f"{where}/amount", "the sign of the cost", tax.amount))
    return faults


@rule(
    "credit-cdr-names-its-original",
    "CDR",
    good=sample("CDR", {"credit": True, "credit_reference_id": "cdr-0", "total_cost": {"excl_vat": -5.3}}),
    bad=sample("CDR", {"credit": True, "total_cost": {"excl_vat": -5.3}}),
    versions=("2.2.1", "2.3.0"),
)
def credit_cdr_names_its_original(value: Any) -> Faults:
    """A credit CDR refers to another CDR, and nothing else does; only its id may exceed 36 characters."""
    reference = value.credit_reference_id
    if value.credit:
        if not reference:
            return [("/credit_reference_id", "the id of the CDR that is credited", "nothing")]
        if reference.lower() == value.id.lower():
            return [("/credit_reference_id", "another id than this CDR has", reference)]
        return ()
    if reference:
        return [("/credit", "true, as the CDR refers to another one", "false or nothing")]
    if len(value.id) > 36:
        return [("/id", "at most 36 characters, as this is no credit CDR", f"{len(value.id)} characters")]
    return ()


@rule(
    "credit-cdr-mirrors-its-original",
    "CDR",
    good=sample(
        "CDR",
        {"id": "c", "credit": True, "credit_reference_id": "cdr-1", "total_cost": {"excl_vat": -5.3}},
        previous=sample("CDR").value,
    ),
    bad=sample(
        "CDR",
        {"id": "c", "credit": True, "credit_reference_id": "cdr-1", "total_cost": {"excl_vat": -50.3}},
        previous=sample("CDR").value,
    ),
    versions=("2.2.1", "2.3.0"),
    needs="previous",
)
def credit_cdr_mirrors_its_original(value: Any, original: Any) -> Faults:
    """A credit CDR gives back what its original took, and otherwise says the same (2.2.1, 10.3.1.1)."""
    if not value.credit:
        return ()
    faults: list[Fault] = []
    if value.credit_reference_id and value.credit_reference_id.lower() != original.id.lower():
        faults.append(("/credit_reference_id", "the id of the original", value.credit_reference_id))
    if original.credit:
        faults.append(("/credit_reference_id", "a CDR that is no credit CDR itself", "a credit CDR"))
    if not close(value.total_cost.excl_vat, -original.total_cost.excl_vat, _CENT):
        expected = f"{-original.total_cost.excl_vat}, what the original took"
        faults.append(("/total_cost", expected, value.total_cost.excl_vat))
    if value.cdr_token.uid.lower() != original.cdr_token.uid.lower():
        faults.append(("/cdr_token/uid", "that of the original", "another"))
    for name in ("start_date_time", "end_date_time", "total_energy", "total_time", "currency"):
        if getattr(value, name) != getattr(original, name):
            faults.append((f"/{name}", "the same as in the original", "something else"))
    return faults
