"""Burn rates: alarms while the error budget of an objective is spent too fast.

Google SRE Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts": at 14.4 times the even rate an hour
takes 2 % of a month's budget, at 6 times six hours take 5 %. The short window, a twelfth of the long one,
ends the alarm soon after the harm has ended.

The gateway's `5XXError` has as its average the share of calls that failed, and a percentile of `Latency` is
over the limit where the share of slow calls is too large (API Gateway Developer Guide, "Amazon API Gateway
dimensions and metrics").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from hardening.objectives import Objective
from infra.observability.cloudwatch import Alarm, BurnRate

_HOUR: Final = 60 * 60  # seconds
# How fast -> times the even rate, and the long window.
_SPEEDS: Final[Mapping[str, tuple[float, int]]] = {"fast": (14.4, _HOUR), "slowly": (6.0, 6 * _HOUR)}
_SHORTER: Final = 12
# More bad calls than this are never waited for, however much the objective lets be bad.
_MOST: Final = 0.5
_METRICS: Final = {"availability": "5XXError", "latency": "Latency"}


def burn_rates(objectives: Mapping[str, Objective], api: str) -> tuple[BurnRate, ...]:
    """The burn rates of those objectives that the API named `api` has metrics for."""
    return tuple(_rate(objectives[name], speed, api) for name in _METRICS for speed in _SPEEDS)


def _rate(objective: Objective, speed: str, api: str) -> BurnRate:
    times, window = _SPEEDS[speed]
    name = f"{objective.name}-burns-{speed}"
    about = f"The error budget of {objective.name} is spent {times:g} times too fast"
    return BurnRate(name, about, tuple(_parts(objective, name, times, window, api)))


def _parts(objective: Objective, rate: str, times: float, window: int, api: str) -> Iterator[Alarm]:
    share = min(_MOST, round(times * objective.spare, 6))
    statistic, threshold = "Average", share
    if objective.limit is not None:
        statistic, threshold = f"p{round(100 * (1 - share), 2):g}", objective.limit
    for length, seconds in (("long", window), ("short", window // _SHORTER)):
        yield Alarm(
            f"{rate}-{length}",
            f"More than {share:.2%} of {seconds // 60} minutes' calls are bad",
            "AWS/ApiGateway",
            _METRICS[objective.name],
            threshold,
            seconds,
            {"ApiName": api},
            statistic,
            "GreaterThanThreshold",
            part_of=rate,
        )
