"""A contract in calls a minute becomes a rate in calls a second, without rounding it away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.requests.samples import EMSP
from infra.edge.throttling import burst, calls_per_second, plan_burst
from infra.edge.waf import _calls_in_window


@pytest.mark.parametrize(
    ("per_minute", "rate", "at_once"),
    [(6, 0.1, 1), (30, 0.5, 1), (60, 1.0, 2), (90, 1.5, 3), (600, 10.0, 20)],
)
def test_a_contract_is_metered_as_it_is(per_minute: int, rate: float, at_once: int) -> None:
    assert calls_per_second(replace(EMSP, requests_per_minute=per_minute)) == rate
    assert burst(rate) == at_once


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=50))
def test_all_partners_together_get_the_sum_of_their_contracts(contracts: list[int]) -> None:
    partners = [replace(EMSP, requests_per_minute=each) for each in contracts]
    assert calls_per_second(*partners) == pytest.approx(sum(contracts) / 60, abs=0.0001)


def test_without_partners_the_rate_is_no_zero() -> None:
    assert calls_per_second() > 0
    assert burst(calls_per_second()) == 1


def test_a_contracted_burst_is_the_plans_and_the_stage_lets_it_through() -> None:
    partner = replace(EMSP, requests_per_minute=60, requests_burst=500)
    assert plan_burst(partner) == 500
    assert plan_burst(replace(partner, requests_burst=1)) == 1, "fewer than two seconds' worth"
    assert plan_burst(replace(partner, requests_burst=0)) == 2
    assert burst(1.0, partner, EMSP) == 500
    assert burst(1.0, EMSP) == 2


def test_the_firewall_lets_the_fastest_contract_and_its_burst_through() -> None:
    fast = replace(EMSP, requests_per_minute=600, requests_burst=500)
    assert _calls_in_window((fast, EMSP)) >= 600 + 500
    assert _calls_in_window((EMSP,)) < _calls_in_window((fast,))
    assert _calls_in_window(()) == 10
