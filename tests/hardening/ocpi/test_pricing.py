"""The cost of a CDR by its tariff: what is five percent off on any part is found."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hardening.ocpi import validate
from hardening.ocpi.rules.rule import Related, decode
from hardening.ocpi.rules.samples import changed

PARTS = {"ENERGY": "total_energy_cost", "TIME": "total_time_cost", "FLAT": "total_fixed_cost"}
PRICES = st.fixed_dictionaries(
    {"ENERGY": st.integers(10, 99), "TIME": st.integers(50, 900), "FLAT": st.integers(60, 500)}
)
# The sample: 12 kWh and an hour and a half of charging, half an hour of parking that costs nothing here.
VOLUMES = {"ENERGY": 12.0, "TIME": 1.5, "FLAT": 1.0}


def _cdr(prices: dict[str, int], factors: dict[str, float], total: float) -> dict[str, Any]:
    costs = {kind: price / 100 * VOLUMES[kind] for kind, price in prices.items()}
    said = {
        PARTS[kind]: {"excl_vat": round(cost * (factors.get(kind) or 1.0), 4)} for kind, cost in costs.items()
    }
    components = [{"type": kind, "price": price / 100, "step_size": 1} for kind, price in prices.items()]
    whole = {"excl_vat": round(sum(costs.values()) * total, 4)}
    elements = [{"price_components": components}]
    return changed("CDR", {"tariffs/0/elements": elements, "total_cost": whole, **said})


def _broken(cdr: dict[str, Any]) -> set[str]:
    return {one.rule for one in validate(json.dumps(cdr).encode(), version="2.2.1", object_type="CDR")}


@given(PRICES)
def test_a_cdr_whose_parts_are_those_of_its_tariff_is_accepted(prices: dict[str, int]) -> None:
    assert _broken(_cdr(prices, {}, 1.0)) == set()


@given(PRICES, st.sampled_from(sorted(PARTS)), st.sampled_from([0.95, 1.05]))
def test_any_part_that_is_five_percent_off_is_found(prices: dict[str, int], kind: str, factor: float) -> None:
    assume(prices[kind] / 100 * VOLUMES[kind] * 0.05 > 0.025)  # more than periods are rounded by
    assert "parts-of-the-cost-match-the-tariff" in _broken(_cdr(prices, {kind: factor}, 1.0))


@given(PRICES, st.sampled_from([0.95, 1.05]))
def test_any_total_that_is_five_percent_off_is_found(prices: dict[str, int], factor: float) -> None:
    assert "totals-match-the-tariff" in _broken(_cdr(prices, {}, factor))


STEPS = {"ENERGY": 1000, "TIME": 900}
# How parties read a step: not at all, on the whole volume, or in each period. Volumes of two periods.
TWO = {"ENERGY": (4.3, 7.1), "TIME": (0.61, 0.93)}
READINGS: dict[str, Callable[[tuple[float, ...], float], float]] = {
    "none": lambda volumes, step: sum(volumes),
    "whole": lambda volumes, step: math.ceil(round(sum(volumes) / step, 6)) * step,
    "each": lambda volumes, step: sum(math.ceil(round(one / step, 6)) * step for one in volumes),
}


def _with_steps(prices: dict[str, int], costs: dict[str, float], vat: int) -> dict[str, Any]:
    """A CDR of two periods in whose tariff each kind has a step and a VAT, with what it charges by kind."""
    components = [
        {"type": kind, "price": prices[kind] / 100, "vat": vat, "step_size": STEPS[kind]} for kind in STEPS
    ]
    periods = [
        {
            "start_date_time": at,
            "dimensions": [{"type": kind, "volume": TWO[kind][number]} for kind in STEPS],
        }
        for number, at in enumerate(("2026-03-01T10:00:00Z", "2026-03-01T10:40:00Z"))
    ]

    def cost(amount: float) -> dict[str, float]:
        return {"excl_vat": round(amount, 4), "incl_vat": round(amount * (1 + vat / 100), 4)}

    parts = {PARTS[kind]: cost(costs[kind]) for kind in STEPS}
    changes = {
        "tariffs/0/elements": [{"price_components": components}],
        "charging_periods": periods,
        "total_energy": 11.4,
        "total_parking_time": None,
        "total_cost": cost(sum(costs.values())),
        **parts,
    }
    return changed("CDR", changes)


def _costs(prices: dict[str, int], reading: str) -> dict[str, float]:
    units = {"ENERGY": 1000, "TIME": 3600}
    return {
        kind: prices[kind] / 100 * READINGS[reading](TWO[kind], STEPS[kind] / units[kind]) for kind in STEPS
    }


@given(PRICES, st.sampled_from(sorted(READINGS)), st.integers(1, 25))
def test_every_reading_of_a_step_is_accepted(prices: dict[str, int], reading: str, vat: int) -> None:
    assert _broken(_with_steps(prices, _costs(prices, reading), vat)) == set()


@given(
    PRICES,
    st.sampled_from(sorted(READINGS)),
    st.sampled_from(sorted(STEPS)),
    st.floats(0.9, 0.95) | st.floats(1.05, 1.1),
)
def test_what_no_reading_of_a_step_makes_is_found(
    prices: dict[str, int], reading: str, kind: str, factor: float
) -> None:
    costs = _costs(prices, reading)
    costs[kind] *= factor
    others = [_costs(prices, one)[kind] for one in READINGS]
    assume(all(abs(costs[kind] - one) > 0.03 + 0.002 * one for one in others))
    assert "parts-of-the-cost-match-the-tariff" in _broken(_with_steps(prices, costs, 20))


@given(PRICES, st.integers(5, 25), st.sampled_from([0.95, 1.05]))
def test_a_vat_that_is_not_the_tariffs_is_found(prices: dict[str, int], vat: int, factor: float) -> None:
    cdr = _with_steps(prices, _costs(prices, "whole"), vat)
    cdr["total_cost"]["incl_vat"] = round(cdr["total_cost"]["incl_vat"] * factor, 4)
    broken = _broken(cdr)
    assert broken & {"totals-match-the-tariff", "vat-is-consistent"}


def test_a_cost_without_its_vat_is_accepted_as_a_reverse_charge() -> None:
    cdr = _with_steps({"ENERGY": 40, "TIME": 100}, _costs({"ENERGY": 40, "TIME": 100}, "none"), 21)
    cdr["total_cost"]["incl_vat"] = cdr["total_cost"]["excl_vat"]
    assert _broken(cdr) == set()


def _judged(changes: dict[str, Any], **known: Any) -> set[str]:
    body = json.dumps(changed("CDR", changes)).encode()
    related = Related(**known) if known else None
    return {one.rule for one in validate(body, version="2.2.1", object_type="CDR", related=related)}


@pytest.mark.parametrize(
    ("limits", "total", "including", "sound"),
    [
        ({"min_price": {"excl_vat": 9.0, "incl_vat": 10.89}}, 9.0, 10.89, True),
        ({"min_price": {"excl_vat": 9.0, "incl_vat": 10.89}}, 5.3, 6.41, False),
        ({"min_price": {"excl_vat": 9.0, "incl_vat": 10.89}}, 9.5, 11.5, False),
        ({"max_price": {"excl_vat": 4.0, "incl_vat": 4.84}}, 4.0, 4.84, True),
        ({"max_price": {"excl_vat": 4.0, "incl_vat": 4.84}}, 5.3, 6.41, False),
        ({"max_price": {"excl_vat": 4.0, "incl_vat": 4.84}}, 4.0, 5.2, False),
        ({"max_price": {"excl_vat": 9.0}}, 5.3, 6.41, True),
    ],
)
def test_the_lowest_and_the_highest_price_count_exactly(
    limits: dict[str, Any], total: float, including: float, sound: bool
) -> None:
    changes = {f"tariffs/0/{name}": limit for name, limit in limits.items()}
    broken = _judged({**changes, "total_cost": {"excl_vat": total, "incl_vat": including}})
    assert ("totals-match-the-tariff" not in broken) == sound


RESERVED = {
    "tariffs/0/elements": [
        {"price_components": [{"type": "ENERGY", "price": 0.4, "step_size": 1}]},
        {
            "price_components": [
                {"type": "TIME", "price": 6.0, "step_size": 60},
                {"type": "FLAT", "price": 2.0, "step_size": 1},
            ],
            "restrictions": {"reservation": "RESERVATION"},
        },
        {
            "price_components": [{"type": "TIME", "price": 10.0, "step_size": 60}],
            "restrictions": {"reservation": "RESERVATION_EXPIRES"},
        },
    ],
}
BOOKED = {
    "start_date_time": "2026-03-01T10:00:00Z",
    "dimensions": [{"type": "RESERVATION_TIME", "volume": 0.5}],
}
CHARGED = {"start_date_time": "2026-03-01T10:30:00Z", "dimensions": [{"type": "ENERGY", "volume": 12.0}]}


@pytest.mark.parametrize(
    ("periods", "total", "reserved", "sound"),
    [
        ([BOOKED, CHARGED], 9.8, 5.0, True),
        ([BOOKED, CHARGED], 9.8, 5.25, False),
        ([BOOKED, CHARGED], 10.3, 5.0, False),
        ([BOOKED], 7.0, 7.0, True),
        ([BOOKED], 5.0, 5.0, False),
    ],
)
def test_a_reservation_has_its_own_prices_and_others_where_it_expired(
    periods: list[dict[str, Any]], total: float, reserved: float, sound: bool
) -> None:
    energy = 12.0 if CHARGED in periods else 0.0
    changes = {
        **RESERVED,
        "charging_periods": periods,
        "total_energy": energy,
        "total_parking_time": None,
        "total_cost": {"excl_vat": total},
        "total_reservation_cost": {"excl_vat": reserved},
    }
    found = _judged(changes) & {"totals-match-the-tariff", "parts-of-the-cost-match-the-tariff"}
    assert (found == set()) == sound


def test_a_wrong_charge_can_be_credited_as_it_was_charged() -> None:
    wrong = {"total_cost": {"excl_vat": 5.6}, "total_energy_cost": {"excl_vat": 5.1}}
    assert {"totals-match-the-tariff", "parts-of-the-cost-match-the-tariff"} <= _judged(wrong)
    credit = {"credit": True, "credit_reference_id": "cdr-0", "total_cost": {"excl_vat": -5.6}}
    assert _judged({**wrong, **credit}) == set()


def test_the_night_begins_by_the_clock_of_the_location() -> None:
    night = {"start_time": "22:00", "end_time": "06:00"}
    elements = [
        {"price_components": [{"type": "ENERGY", "price": 0.2, "step_size": 1}], "restrictions": night},
        {"price_components": [{"type": "ENERGY", "price": 0.4, "step_size": 1}]},
    ]
    period = {
        "start_date_time": "2026-03-01T21:30:00Z",
        "dimensions": [{"type": "ENERGY", "volume": 12.0}],
    }
    tariff = decode("2.2.1", "Tariff", changed("Tariff", {"elements": elements}))
    for zone, price in (("Europe/Amsterdam", 2.4), ("UTC", 4.8)):
        location = decode("2.2.1", "Location", changed("Location", {"time_zone": zone}))
        for total in (2.4, 4.8):
            changes = {
                "tariffs": None,
                "start_date_time": "2026-03-01T21:30:00Z",
                "end_date_time": "2026-03-01T22:30:00Z",
                "last_updated": "2026-03-01T22:35:00Z",
                "charging_periods": [period],
                "total_cost": {"excl_vat": total},
                "total_time": 1.0,
                "total_parking_time": None,
            }
            found = _judged(changes, tariff=tariff, location=location)
            assert ("totals-match-the-known-tariff" in found) == (total != price), (zone, total)
