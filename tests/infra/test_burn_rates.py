"""Burn rates: simulated minute by minute, they fire when the budget goes too fast, and not otherwise."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hardening.objectives import agreed
from infra.observability.burn_rates import burn_rates
from infra.observability.cloudwatch import Alarm, BurnRate
from tests.own_stack import own_stack

RATES = {one.name: one for one in burn_rates(agreed(), "ocpi")}
HOUR, DAY = 60, 24 * 60  # minutes
GOOD = [0] * DAY


def part_fires(part: Alarm, bad: Sequence[int], minute: int) -> bool:
    """Whether a part is an alarm after `minute`, of how many calls of a thousand were bad in each.

    CloudWatch looks at the last period each minute. A percentile is over the limit where more than the rest
    of the calls are.
    """
    length = part.seconds // 60
    share = sum(bad[max(0, minute - length + 1) : minute + 1]) / (1000 * length)
    if part.statistic == "Average":
        return share > part.threshold
    return share > round(1 - float(part.statistic.removeprefix("p")) / 100, 6)


def fires(rate: BurnRate, bad: Sequence[int]) -> list[int]:
    """The minutes after which the burn rate is an alarm."""
    return [minute for minute in range(len(bad)) if all(part_fires(one, bad, minute) for one in rate.parts)]


def fired(bad: Sequence[int], objective: str = "availability") -> dict[str, tuple[int, int]]:
    """Each burn rate that fired: after how many minutes from midnight on, and the last minute of it."""
    found = {name: fires(rate, [*GOOD, *bad]) for name, rate in RATES.items() if name.startswith(objective)}
    return {
        name.rpartition("-")[2]: (when[0] - DAY + 1, when[-1] - DAY + 1)
        for name, when in found.items()
        if when
    }


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        # An outage fires at once, and ends with the short windows.
        ([1000] * 10 + [0] * DAY, {"fast": (1, 14), "slowly": (3, 39)}),
        # 2 % for two hours: after 44 minutes an hour has more than 1.44 % of bad calls.
        ([20] * 2 * HOUR + [0] * DAY, {"fast": (44, 121), "slowly": (109, 140)}),
        # 1 % is too little for the fast one: after 217 minutes six hours have more than 0.6 %.
        ([10] * 6 * HOUR + [0] * DAY, {"slowly": (217, 371)}),
        # What the objective lets be bad, five times as much, and half a bad minute.
        ([1] * DAY, {}),
        ([5] * DAY, {}),
        ([500] + [0] * DAY, {}),
        (GOOD, {}),
    ],
)
def test_availability_burns(bad: list[int], expected: dict[str, tuple[int, int]]) -> None:
    assert fired(bad) == expected


def test_latency_burns_by_the_share_of_slow_calls() -> None:
    assert fired([200] * 2 * HOUR, "latency")["fast"] == (44, 2 * HOUR)
    assert fired([100] * 6 * HOUR, "latency") == {"slowly": (217, 6 * HOUR)}
    assert fired([50] * DAY, "latency") == {}
    assert {one.statistic for one in RATES["latency-burns-fast"].parts} == {"p85.6"}
    assert {one.threshold for one in RATES["latency-burns-fast"].parts} == {1000}


def test_other_terms_give_other_alarms_and_none_that_cannot_fire() -> None:
    terms = {"availability": {"percent": 99.0}, "latency": {"limit": 300.0, "percent": 50.0}}
    changed = {one.name: one for one in burn_rates(agreed(terms), "ocpi")}
    assert changed["availability-burns-fast"].parts[0].threshold == pytest.approx(0.144)
    assert [one.statistic for one in changed["latency-burns-slowly"].parts] == ["p50", "p50"]
    strict = {one.name: one for one in burn_rates(agreed({"availability": {"percent": 100}}), "ocpi")}
    assert fires(strict["availability-burns-fast"], [0, 1]) == [1]


def test_the_stack_declares_each_burn_rate_over_its_own_parts() -> None:
    stack = own_stack("test")
    declared = {one.name: one for one in stack.of_type("aws:cloudwatch/compositeAlarm:CompositeAlarm")}
    alarms = {one.name: one.inputs for one in stack.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")}
    assert set(declared) == set(RATES)
    for name, rate in RATES.items():
        rule = " AND ".join(f'ALARM("rampart-test-{part.name}")' for part in rate.parts)
        assert declared[name].inputs["alarmRule"] == rule
        assert len(declared[name].inputs["alarmActions"]) == 1
        for part in rate.parts:
            one = alarms[part.name]
            assert (one["period"], one["threshold"], one["alarmActions"]) == (
                part.seconds,
                part.threshold,
                [],
            )
            assert part.statistic in (one.get("statistic"), one.get("extendedStatistic"))
