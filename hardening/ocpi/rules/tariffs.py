"""The cost of a CDR against its tariff, recomputed where the message tells enough."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

from hardening.ocpi.rules import pricing
from hardening.ocpi.rules.costs import gross, net
from hardening.ocpi.rules.likely_costs import cost_faults, within_limits
from hardening.ocpi.rules.parts_of_cost import CENT, EACH, tariff_holds
from hardening.ocpi.rules.rule import Faults, Message, rule
from hardening.ocpi.rules.samples import beside, many_steps, sample
from hardening.ocpi.time_zones import TIME_ZONES, time_zone


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
        "more readings than are tried": sample("CDR", many_steps(13)),
        "more elements than are looked at": sample("CDR", many_steps(250)),
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
    holds={"CDR": tariff_holds},
)
def totals_match_the_tariff(value: Any) -> Faults | None:
    """The total cost is what the CDR's own tariffs make of its periods.

    Restrictions by the clock need the location's time zone: `totals-match-the-tariff-at-the-location`.
    """
    return _faults(value, value.tariffs, None) if value.tariffs else None


@rule(
    "totals-match-the-known-tariff",
    "CDR",
    good={
        "the tariff alone": sample("CDR", {"tariffs": None}, tariff=beside("Tariff")),
        "and the location": sample(
            "CDR", {"tariffs": None}, tariff=beside("Tariff"), location=beside("Location")
        ),
    },
    bad=sample("CDR", {"tariffs": None, "total_cost": {"excl_vat": 1.0}}, tariff=beside("Tariff")),
    needs=("tariff", "location"),
)
def totals_match_the_known_tariff(value: Any, tariff: Any, location: Any) -> Faults | None:
    """The total cost is what the tariff that we know makes of the periods, where the CDR has none.

    Where the location is known too, restrictions by day and hour count in its time zone.
    """
    return None if value.tariffs else _faults(value, [tariff], _zone_of(location) if location else None)


def _zone_of(location: Any) -> tzinfo | None:
    # A name that is not of the database is a fault of the location: `time-zone-is-iana`.
    return time_zone(location.time_zone) if location.time_zone in TIME_ZONES else None


@rule(
    "totals-match-the-tariff-at-the-location",
    "CDR",
    good=sample("CDR", location=beside("Location")),
    bad=sample("CDR", {"total_cost": {"excl_vat": 53.0, "incl_vat": 64.13}}, location=beside("Location")),
    needs="location",
)
def totals_match_the_tariff_at_the_location(value: Any, location: Any) -> Faults | None:
    """As `totals-match-the-tariff`, with restrictions by day and hour in the location's time zone."""
    zone = _zone_of(location)
    return _faults(value, value.tariffs, zone) if value.tariffs and zone else None


def _faults(value: Any, tariffs: Iterable[Any], zone: tzinfo | None) -> Faults | None:
    """The fault of the total; None where the message does not tell enough.

    A credit CDR gives back what its original took, right or wrong (2.2.1, 10.3.1.1):
    `credit-cdr-mirrors-its-original` judges it. Else a wrong charge could never be put right.
    """
    if value.credit:
        return None
    known = {tariff.id.lower(): tariff for tariff in tariffs}
    try:
        found = pricing.bounds(value, known, zone)
    except pricing.CannotTell:
        return None
    named = {period.tariff_id.lower() for period in value.charging_periods if period.tariff_id}
    applied = [tariff for name, tariff in known.items() if name in named] or list(known.values())
    limited = [one for one in applied if one.min_price or one.max_price]
    totals = found.totals() if found.decided and not (limited and len(applied) > 1) else ()
    slack = CENT + EACH * len(value.charging_periods)
    if totals:
        likely = [within_limits(one, applied) for one in totals]
        return cost_faults("total_cost", value.total_cost, likely, slack)
    return _faults_between(value, found, known.values(), slack)


def _faults_between(value: Any, found: pricing.Bounds, known: Iterable[Any], slack: float) -> Faults | None:
    """A total that no price makes; between the cheapest and the dearest it cannot be told."""
    least, most = found.least, found.most
    limits = [limit for tariff in known for limit in (tariff.min_price, tariff.max_price) if limit]
    amounts = [amount for limit in limits for amount in (net(limit), gross(limit)) if amount is not None]
    least, most = min(least, *amounts, least), max(most, *amounts, most)
    slack += 0.001 * abs(most)
    included = any(tariff.tax_included == "YES" for tariff in known)
    totals = [net(value.total_cost)]
    if included:  # 2.3.0: such prices make the cost with its taxes
        totals.append(gross(value.total_cost) or 0.0)
    if any(least - slack <= total <= most + slack for total in totals):
        return None
    return [("/total_cost", f"{least:.4f} to {most:.4f}, by the tariff", net(value.total_cost))]
