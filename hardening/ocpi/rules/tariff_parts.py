"""Rules about what a tariff is made of: its price components, and the days of its restrictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from hardening.ocpi.rules.facts import Charging, tariff_is_plain
from hardening.ocpi.rules.rule import Fault, Faults, rule
from hardening.ocpi.rules.samples import OBJECTS, sample

_ENERGY = OBJECTS["Tariff"]["elements"][0]["price_components"][0]
_PRICES = "elements/0/price_components"
_MOST_VAT = 100


def _of_each_tariff(value: Any, faults_of: Callable[[Any], Iterator[Fault]]) -> list[Fault]:
    """The faults of a tariff, or of all tariffs of a CDR."""
    if not hasattr(value, "tariffs"):
        return list(faults_of(value))
    return [
        (f"/tariffs/{index}{pointer}", expected, found)
        for index, tariff in enumerate(value.tariffs or ())
        for pointer, expected, found in faults_of(tariff)
    ]


def _components_hold(_: Any, facts: Charging) -> bool:
    components = facts.components
    if components is None:
        return False
    last = ""
    for one in components:
        # Of a tariff whose elements repeat a dimension, the rule itself is asked.
        if one.type == last or one.step_size < (one.type != "FLAT") or (one.vat and not 0 <= one.vat <= 100):
            return False
        last = one.type
    return True


@rule(
    "price-components-are-possible",
    *("Tariff", "CDR"),
    good={
        "a tariff": sample("Tariff"),
        "a flat fee has no step": sample("Tariff", {"elements/1/price_components/0/step_size": 0}),
        "a dimension in two elements": sample(
            "Tariff", {"elements": [{"price_components": [_ENERGY]}, {"price_components": [_ENERGY]}]}
        ),
    },
    bad={
        "no step": sample("Tariff", {f"{_PRICES}/0/step_size": 0}),
        "a step back": sample("Tariff", {"elements/1/price_components/0/step_size": -1}),
        "more tax than price": sample("Tariff", {f"{_PRICES}/0/vat": 200}),
        "a negative tax": sample("Tariff", {f"{_PRICES}/0/vat": -1}),
        "a dimension twice": sample("Tariff", {_PRICES: [_ENERGY, {**_ENERGY, "price": 0.5}]}),
        "in a CDR": sample("CDR", {"tariffs/0/elements/0/price_components/0/step_size": 0}),
    },
    partial=True,
    holds={"CDR": _components_hold},
)
def price_components_are_possible(value: Any) -> Faults:
    """What is billed in steps has a step, VAT is 0 to 100 percent, an element prices a dimension once."""
    return _of_each_tariff(value, _component_faults)


def _component_faults(tariff: Any) -> Iterator[Fault]:
    for place, element in enumerate(tariff.elements or ()):
        seen = set()
        for index, one in enumerate(element.price_components):
            where = f"/elements/{place}/price_components/{index}"
            least = 0 if one.type == "FLAT" else 1
            if one.step_size < least:
                yield f"{where}/step_size", f"{least} or more", one.step_size
            if one.vat and not 0 <= one.vat <= _MOST_VAT:
                yield f"{where}/vat", f"0 to {_MOST_VAT} percent", one.vat
            if one.type in seen:
                yield f"{where}/type", "one price of the element for each dimension", one.type
            seen.add(one.type)


@rule(
    "dates-of-restrictions-exist",
    *("Tariff", "CDR"),
    good=sample("Tariff", {"elements/0/restrictions": {"start_date": "2024-02-29"}}),
    bad={
        "the first day": sample("Tariff", {"elements/0/restrictions": {"start_date": "2026-02-30"}}),
        "the day behind the last": sample("Tariff", {"elements/0/restrictions": {"end_date": "2026-04-31"}}),
        "in a CDR": sample("CDR", {"tariffs/0/elements/0/restrictions": {"end_date": "2026-02-29"}}),
    },
    partial=True,
    holds={"CDR": tariff_is_plain},
)
def dates_of_restrictions_exist(value: Any) -> Faults:
    """The first day of a restriction, and the one behind its last, are days of the calendar."""
    return _of_each_tariff(value, _date_faults)


def _date_faults(tariff: Any) -> Iterator[Fault]:
    for place, element in enumerate(tariff.elements or ()):
        for name in ("start_date", "end_date") if element.restrictions else ():
            day = getattr(element.restrictions, name)
            if day and not _exists(day):
                yield f"/elements/{place}/restrictions/{name}", "a day of the calendar", day


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True
