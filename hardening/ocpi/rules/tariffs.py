"""The cost of a CDR against its tariff, recomputed where the message tells enough."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

from hardening.ocpi.rules import pricing
from hardening.ocpi.rules.costs import net
from hardening.ocpi.rules.facts import Charging
from hardening.ocpi.rules.rule import Faults, Message, rule
from hardening.ocpi.rules.samples import beside, sample
from hardening.ocpi.time_zones import TIME_ZONES, time_zone

# Each period may be rounded by itself, to the cent.
_CENT = 0.01
_EACH = 0.005


def _tariff_holds(value: Any, facts: Charging) -> bool:
    components = facts.components
    if not components:
        return components is not None
    if not facts.plain or value.credit:
        return False
    total: float = value.total_cost.excl_vat
    least, most = pricing.unrestricted(components, facts.energy, facts.charging, facts.parking)
    return least - _CENT <= total <= most + _CENT


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
        "a price that may not apply": sample(
            "CDR", {"tariffs/0/elements/0/restrictions": {"max_power": 11.0}, "total_cost": {"excl_vat": 0.5}}
        ),
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
        return ()
    return [("/total_cost", f"{least:.4f} to {most:.4f}, by the tariff", total)]


def _taxes_are_included(value: Any, tariffs: Iterable[Any], least: float, most: float, slack: float) -> bool:
    """2.3.0: prices of a tariff that says `tax_included: YES` make the cost with its taxes."""
    if not any(tariff.tax_included == "YES" for tariff in tariffs):
        return False
    taxes = value.total_cost.taxes or ()
    total = net(value.total_cost) + sum(tax.amount for tax in taxes)
    return bool(least - slack <= total <= most + slack)
