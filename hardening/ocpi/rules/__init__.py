"""The business rules: what the field tables cannot say. Each is a control, and may only warn a partner."""

from __future__ import annotations

from functools import cache

from hardening.checks import checks_in
from hardening.ocpi.rules import (
    codes,
    costs,
    credit,
    cross_object,
    identifiers,
    location_parts,
    locations,
    parts_of_cost,
    quantities,
    tariff_parts,
    tariffs,
    times,
    totals,
    urls,
)
from hardening.ocpi.rules.rule import Rule, rule_of

CHECKS = checks_in(
    *(times, quantities, costs, credit, codes, identifiers, urls, locations, location_parts, tariff_parts),
    *(totals, tariffs, parts_of_cost, cross_object),
)
RULES: tuple[Rule, ...] = tuple(rule_of(one) for one in CHECKS)


@cache
def rules_for(version: str, object_type: str, partial: bool = False) -> tuple[Rule, ...]:
    """The rules for an object, in the order in which they are written. `partial`: it is a PATCH."""
    return tuple(one for one in RULES if one.applies(version, object_type, partial))
