"""What a partner contracted, call by call: a rate for each minute with a burst, and a number for each day.

The workers of one task count in one file that each of them maps: a rate is the task's, whoever answers.
Tasks do not talk to each other: each has its share of the contract, so together they never admit more.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from hardening.registry.partners import Partner
from infra.runtime.policy_service.rate_slots import RateSlots

_DAY = 86_400.0
# What may come at once: ten seconds of the contracted rate, as after a short outage.
_BURST_SECONDS = 10.0


class RateLimits:
    """The generic cell rate algorithm (ITU-T I.371, A.1): a limit is one moment, and nothing is ever cleared.

    Two workers that count in the same instant may count once: the error is one call for each such meeting.
    """

    def __init__(
        self,
        partners: Iterable[Partner],
        file: Path | None = None,
        tasks: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`file`: shared by the workers of this machine; None: this process alone. `tasks` share a contract.

        Raises OSError where the file cannot be written.
        """
        self._slots = RateSlots((one.name for one in partners), file)
        self._moments = self._slots.moments
        self._file = file
        self._tasks = tasks
        self._clock = clock

    def of(self, partners: Iterable[Partner]) -> RateLimits:
        """The limits of another registry, which count on where these are. Raises OSError."""
        return RateLimits(partners, self._file, self._tasks, self._clock)

    def seconds_to_wait(self, partner: Partner) -> int:
        """0 for a call that is within the contract, and is now counted; else when the next one will be.

        Raises KeyError for a partner of another registry.
        """
        slot, minute, day = self._slots.place(partner.name), self._minute(partner), self._day(partner)
        wait = self.seconds_until_next(partner)
        if not wait:
            now = self._clock()
            self._moments[slot] = max(self._moments[slot], now) + minute
            self._moments[slot + 1] = max(self._moments[slot + 1], now) + day
        return wait

    def seconds_until_next(self, partner: Partner) -> int:
        """0 where a call would be within the contract; else when the next one will be. Nothing is counted."""
        slot, now = self._slots.place(partner.name), self._clock()
        minute, day = self._minute(partner), self._day(partner)
        in_minute, in_day = max(self._moments[slot], now), max(self._moments[slot + 1], now)
        early = max(in_minute + minute - now - max(_BURST_SECONDS, minute), in_day + day - now - _DAY)
        # A rounding error of the moments is no call.
        return math.ceil(early) if early > 1e-6 else 0

    def _minute(self, partner: Partner) -> float:
        """Seconds between two calls at the contracted rate."""
        return 60.0 * self._tasks / partner.requests_per_minute

    def _day(self, partner: Partner) -> float:
        return _DAY * self._tasks / partner.requests_per_day
