"""The cost of a CDR by its tariff: what is five percent off on any part is found."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from hardening.ocpi import validate
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
