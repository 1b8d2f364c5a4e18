"""How fast partners may call: contracts say calls a minute, API Gateway counts calls a second.

A rate may be a fraction, a burst is a whole number of calls (API Gateway API Reference, ThrottleSettings).
"""

from __future__ import annotations

import math

from hardening.registry.partners import Partner

_BURST_SECONDS = 2
# Without partners the API refuses everybody; a rate of 0 is not told from one that is not set.
_LEAST_PER_MINUTE = 1


def calls_per_second(*partners: Partner) -> float:
    """The contracts of `partners` together, to four digits. A slow contract is not rounded up."""
    per_minute = max(_LEAST_PER_MINUTE, sum(partner.requests_per_minute for partner in partners))
    return round(per_minute / 60, 4)


def burst(rate: float, *partners: Partner) -> int:
    """How many calls may come at once at `rate` (calls a second): two seconds' worth, at least one, and as
    many as one of the partners contracted.
    """
    return max(1, math.ceil(rate * _BURST_SECONDS), *(partner.requests_burst for partner in partners))


def plan_burst(partner: Partner) -> int:
    """How many calls of one partner may come at once: what it contracted, or two seconds' worth."""
    return partner.requests_burst or burst(calls_per_second(partner))
