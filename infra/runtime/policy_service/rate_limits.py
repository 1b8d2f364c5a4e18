"""What a partner contracted, call by call: a rate for each minute with a burst, and a number for each day.

The workers of one task count in one file that each of them maps: a rate is the task's, whoever answers.
Tasks do not talk to each other: each has its share of the contract, so at rest all of them admit no more.

Tasks that scaling adds have the same share: while there are `growth` times as many (`infra/sizes.py`), all of
them admit up to `growth` times the contract, and up to twice that while a release replaces them. Before them
the partner's usage plan holds the contract, which API Gateway applies as best it can.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from hardening.registry.partners import Partner
from infra.runtime.policy_service.rate_slots import RateSlots

_DAY = 86_400.0
# What may come at once where no burst was contracted: ten seconds of the rate, as after a short outage.
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
        contracts = {key: contract for partner in partners for key, contract in _contracts(partner, tasks)}
        slots = RateSlots(contracts, file)
        self._moments = slots.moments
        self._rates = {key: (slots.place(key), contract) for key, contract in contracts.items()}
        self._file = file
        self._tasks = tasks
        self._clock = clock

    def of(self, partners: Iterable[Partner]) -> RateLimits:
        """The limits of another registry, which count on where these are. Raises OSError."""
        return RateLimits(partners, self._file, self._tasks, self._clock)

    def seconds_to_wait(self, partner: Partner, module: str = "") -> int:
        """0 for a call that is within the contract, and is now counted; else when the next one will be.

        `module`: what the call is about; "" where it is none. Raises KeyError for a partner of another
        registry.
        """
        wait = self.seconds_until_next(partner, module)
        if not wait:
            now, moments = self._clock(), self._moments
            for slot, contract in self._of(partner, module):
                moments[slot] = max(moments[slot], now) + contract.minute
                moments[slot + 1] = max(moments[slot + 1], now) + contract.day
        return wait

    def seconds_until_next(self, partner: Partner, module: str = "") -> int:
        """0 where a call would be within the contract; else when the next one will be. Nothing is counted."""
        now, moments, early = self._clock(), self._moments, 0.0
        for slot, contract in self._of(partner, module):
            in_minute, in_day = max(moments[slot], now), max(moments[slot + 1], now)
            early = max(
                early,
                in_minute + contract.minute - now - contract.at_once,
                in_day + contract.day - now - _DAY,
            )
        # A rounding error of the moments is no call.
        return math.ceil(early) if early > 1e-6 else 0

    def _of(self, partner: Partner, module: str) -> Iterator[tuple[int, _Contract]]:
        """The partner's own rate, and that of the module where one was contracted."""
        yield self._rates[partner.name]
        own = self._rates.get(_key(partner, module))
        if own is not None:
            yield own


class _Contract(NamedTuple):
    """Seconds between two calls by the minute and by the day, and how many seconds' worth come at once."""

    minute: float
    day: float
    at_once: float


def _contracts(partner: Partner, tasks: int) -> Iterator[tuple[str, _Contract]]:
    minute = 60.0 * tasks / partner.requests_per_minute
    at_once = _at_once(partner.requests_burst, minute, tasks) if partner.requests_burst else _BURST_SECONDS
    yield partner.name, _Contract(minute, _DAY * tasks / partner.requests_per_day, max(at_once, minute))
    for rate in partner.module_rates:
        minute = 60.0 * tasks / rate.per_minute
        at_once = _at_once(rate.burst, minute, tasks)
        yield _key(partner, rate.module), _Contract(minute, _DAY * tasks / rate.per_day, at_once)


def _at_once(burst: int, minute: float, tasks: int) -> float:
    """Tasks share a burst too; a task without a share of it could never let a call through."""
    return max(burst / tasks, 1.0) * minute


def _key(partner: Partner, module: str) -> str:
    return f"{partner.name}/{module}"
