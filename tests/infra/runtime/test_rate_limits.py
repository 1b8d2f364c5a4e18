"""The contract's rates: never more than contracted, always as much, one count for all workers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardening.registry.partners import ModuleRate, Partner
from hardening.requests.samples import CPO, EMSP
from infra.runtime.policy_service.rate_limits import RateLimits

PARTNER = replace(EMSP, requests_per_minute=60, requests_per_day=1000)


class Clock:
    """Seconds that only the test moves."""

    now = 5000.0

    def __call__(self) -> float:
        return self.now


def _admitted(limits: RateLimits, count: int) -> int:
    return sum(limits.seconds_to_wait(PARTNER) == 0 for _ in range(count))


def test_a_burst_of_ten_seconds_is_admitted_and_then_the_rate() -> None:
    clock = Clock()
    limits = RateLimits([PARTNER], clock=clock)
    assert _admitted(limits, 50) == 10
    clock.now += 1.0
    assert _admitted(limits, 50) == 1
    clock.now += 3600.0
    assert _admitted(limits, 50) == 10


def test_who_waits_as_long_as_it_is_told_is_admitted() -> None:
    clock = Clock()
    limits = RateLimits([PARTNER], clock=clock)
    while not (wait := limits.seconds_to_wait(PARTNER)):
        pass
    clock.now += wait
    assert limits.seconds_to_wait(PARTNER) == 0


def test_the_day_has_an_end() -> None:
    clock = Clock()
    limits = RateLimits([PARTNER], clock=clock)
    admitted = 0
    for _ in range(1100):
        admitted += limits.seconds_to_wait(PARTNER) == 0
        clock.now += 1.0
    assert 1000 <= admitted <= 1013, "the day's number, and what grew again meanwhile"
    assert limits.seconds_to_wait(PARTNER) > 0


def test_another_partner_is_counted_for_itself() -> None:
    limits = RateLimits([PARTNER, CPO], clock=Clock())
    _admitted(limits, 50)
    assert limits.seconds_to_wait(CPO) == 0


def test_workers_count_together(tmp_path: Path) -> None:
    clock, file = Clock(), tmp_path / "rates"
    one, other = (RateLimits([CPO, PARTNER], file, clock=clock) for _ in range(2))
    assert _admitted(one, 6) == 6
    assert _admitted(other, 50) == 4
    assert _admitted(one, 50) == 0


@pytest.mark.parametrize("tasks", [1, 2, 5])
def test_tasks_share_the_contract(tasks: int) -> None:
    clock = Clock()
    each = [RateLimits([PARTNER], tasks=tasks, clock=clock) for _ in range(tasks)]
    assert sum(_admitted(limits, 50) for limits in each) == 10


@pytest.mark.parametrize(("burst", "tasks", "admitted"), [(3, 1, 3), (40, 1, 40), (40, 4, 10), (1, 4, 1)])
def test_a_burst_that_was_contracted_is_admitted_and_shared_by_tasks(
    burst: int, tasks: int, admitted: int
) -> None:
    clock = Clock()
    limits = RateLimits([replace(PARTNER, requests_burst=burst)], None, tasks, clock)
    assert _admitted(limits, 100) == admitted
    clock.now += 1.0 * tasks
    assert _admitted(limits, 100) == 1, "then the rate"


def test_one_partners_burst_takes_nothing_of_anothers() -> None:
    clock, other = Clock(), replace(CPO, requests_per_minute=60, requests_burst=5)
    limits = RateLimits([PARTNER, other], clock=clock)
    assert _admitted(limits, 1000) == 10
    assert sum(limits.seconds_to_wait(other) == 0 for _ in range(50)) == 5


@settings(max_examples=200, deadline=None)
@given(
    steps=st.lists(st.tuples(st.floats(0, 30), st.integers(1, 30)), max_size=40),
    per_minute=st.integers(1, 600),
)
def test_any_traffic_stays_within_the_minute(steps: list[tuple[float, int]], per_minute: int) -> None:
    clock = Clock()
    partner = replace(PARTNER, requests_per_minute=per_minute, requests_per_day=10**6)
    limits = RateLimits([partner], clock=clock)
    begin, admitted = clock.now, 0
    for pause, calls in steps:
        clock.now += pause
        admitted += sum(limits.seconds_to_wait(partner) == 0 for _ in range(calls))
    interval = 60 / per_minute
    assert admitted <= (clock.now - begin + max(10.0, interval)) / interval + 1e-3


def _of_module(limits: RateLimits, partner: Partner, module: str, count: int) -> int:
    return sum(limits.seconds_to_wait(partner, module) == 0 for _ in range(count))


def test_a_module_has_a_rate_of_its_own_within_the_partners() -> None:
    clock = Clock()
    partner = replace(PARTNER, module_rates=(ModuleRate("cdrs", 3, 30, 100),))
    limits = RateLimits([partner], clock=clock)
    assert _of_module(limits, partner, "cdrs", 20) == 3
    assert _of_module(limits, partner, "locations", 20) == 7, "what is left of the partner's ten"
    clock.now += 2.0
    assert _of_module(limits, partner, "cdrs", 20) == 1, "one every two seconds"


def test_a_module_has_a_day_of_its_own() -> None:
    clock = Clock()
    partner = replace(PARTNER, module_rates=(ModuleRate("cdrs", 50, 6000, 10),))
    limits = RateLimits([partner], clock=clock)
    admitted = 0
    for _ in range(40):
        admitted += _of_module(limits, partner, "cdrs", 1)
        clock.now += 1.0
    assert admitted == 10
    assert limits.seconds_to_wait(partner, "cdrs") > 3600


@pytest.mark.parametrize("tasks", [1, 2, 5])
def test_tasks_share_a_modules_burst(tasks: int) -> None:
    clock = Clock()
    partner = replace(PARTNER, module_rates=(ModuleRate("cdrs", 5, 60, 100),))
    each = [RateLimits([partner], tasks=tasks, clock=clock) for _ in range(tasks)]
    assert sum(_of_module(limits, partner, "cdrs", 50) for limits in each) <= 5


@pytest.mark.parametrize("tasks", [2, 5])
def test_tasks_share_the_day_of_a_partner_and_of_a_module(tasks: int) -> None:
    clock = Clock()
    by_day = replace(PARTNER, requests_per_minute=6000, requests_per_day=100)
    by_module = replace(by_day, requests_per_day=90_000, module_rates=(ModuleRate("cdrs", 50, 6000, 100),))
    for partner, module in ((by_day, ""), (by_module, "cdrs")):
        limits = RateLimits([partner], tasks=tasks, clock=clock)
        admitted = 0
        for _ in range(200):
            admitted += _of_module(limits, partner, module, 1)
            clock.now += 1.0
        assert admitted == 100 // tasks, module


def test_another_registry_counts_on(tmp_path: Path) -> None:
    clock = Clock()
    before = RateLimits([CPO, PARTNER], tmp_path / "rates", clock=clock)
    assert _admitted(before, 50) == 10
    after = before.of([PARTNER])
    assert _admitted(after, 50) == 0
    assert _admitted(before.of([replace(PARTNER, name="another"), PARTNER]), 50) == 0
