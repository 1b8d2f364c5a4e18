"""Rules about the cost and the tax of one message."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from hardening.ocpi.rules.facts import Charging
from hardening.ocpi.rules.rule import ALWAYS, Fault, Faults, rule
from hardening.ocpi.rules.samples import sample, taxed

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


def _members(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    only = attrgetter(*names)
    return lambda value: (only(value),)


# Of an object and of its PATCH.
_NAMES = {kind + suffix: names for kind, names in _COSTS.items() for suffix in ("", "Patch")}
_MEMBERS = {kind: _members(names) for kind, names in _NAMES.items()}
_costs_of_cdr = _MEMBERS["CDR"]


def net(cost: Any) -> float:
    """The amount before taxes: 2.1.1 has plain numbers, later versions a `Price`."""
    return float(cost if isinstance(cost, int | float) else cost.excl_vat)


def gross(cost: Any) -> float | None:
    """The amount with its taxes; None where it does not say them, as no plain number does."""
    if isinstance(cost, int | float):
        return None
    if cost.incl_vat:
        return float(cost.incl_vat)
    taxes = getattr(cost, "taxes", None)
    return float(cost.excl_vat + sum(tax.amount for tax in taxes)) if taxes else None


def _no_cost_is_negative(value: Any, facts: Charging) -> bool:
    return facts.least >= 0 and not value.credit


@rule(
    "costs-are-not-negative",
    "CDR",
    good=sample("CDR"),
    bad=sample("CDR", {"total_cost": {"excl_vat": -5.3, "incl_vat": -6.41}}),
    versions=("2.2.1", "2.3.0"),
    holds={"CDR": _no_cost_is_negative},
)
def costs_are_not_negative(value: Any) -> Faults:
    """Only the total cost of a credit CDR is below zero (2.2.1, 10.3.1.1)."""
    if value.credit:
        total = value.total_cost.excl_vat
        return [("/total_cost", "0 or less, as this is a credit CDR", total)] if total > 0 else ()
    faults: list[Fault] = []
    for index, cost in enumerate(_costs_of_cdr(value)):
        if cost and cost.excl_vat < 0:
            where = f"/{_COSTS['CDR'][index]}"
            faults.append((where, "0 or more, as this is no credit CDR", cost.excl_vat))
    return faults


def _plain_cost_holds(_: Any, facts: Charging) -> bool:
    return facts.least >= 0


@rule(
    "plain-costs-are-not-negative",
    "CDR",
    "Session",
    good=sample("Session"),
    bad=sample("Session", {"total_cost": {"excl_vat": -1.0}}),
    holds={"CDR": ALWAYS, "Session": _plain_cost_holds},
)
def plain_costs_are_not_negative(value: Any) -> Faults:
    """A session costs nothing or something (and so does a 2.1.1 CDR, which knows no credit)."""
    cost = value.total_cost
    if not cost or "credit" in value.__struct_fields__:
        return ()
    amount = net(cost)
    return [("/total_cost", "0 or more", amount)] if amount < 0 else ()


def _vat_holds(_: Any, facts: Charging) -> bool:
    for cost in facts.costs:
        including = cost.incl_vat
        if (including or including == 0) and not cost.excl_vat <= including <= 2 * cost.excl_vat:
            return False
    return True


@rule(
    "vat-is-consistent",
    "CDR",
    "Session",
    "Tariff",
    good=sample("CDR"),
    bad=sample("CDR", {"total_cost/incl_vat": 4.0}),
    versions=("2.2.1",),
    partial=True,
    holds={"CDR": _vat_holds, "Session": _vat_holds},
)
def vat_is_consistent(value: Any) -> Faults:
    """The amount with VAT is not below the one without, and not above twice of it."""
    faults: list[Fault] = []
    kind = type(value).__name__
    for index, cost in enumerate(_MEMBERS[kind](value)):
        if not cost:
            continue
        without, including = cost.excl_vat, cost.incl_vat
        if (including or including == 0) and not _is_vat(without, including):
            where = f"/{_NAMES[kind][index]}/incl_vat"
            faults.append((where, f"{without} and a VAT of 0 to 100 percent", including))
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
    kind = type(value).__name__
    for name, cost in zip(_NAMES[kind], _MEMBERS[kind](value), strict=True):
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
