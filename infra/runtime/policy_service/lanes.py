"""One partner's costly bodies never hold up another partner: each partner has a share of a worker's time.

A decision on a hostile body takes some tens of milliseconds of the only event loop, and a long body that
long again to be read. What a partner has had more than its share, it waits for: before a long body is
read, and before any body is decided. Who calls more often than was contracted waits for each refusal.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable

from hardening.requests.policy import Decision, decide, decide_as_agreed
from hardening.requests.request import Request

# A partner in debt has a fourth of a worker's time.
_SHARE = 0.25
# What it may have at once.
_BURST_SECONDS = 0.1
# Who would wait longer is refused at once (OWASP API4:2023). Envoy waits 3 s for an answer.
_MOST_WAIT_SECONDS = 2.0
# A decision that takes no longer is nobody's burden: that of a CDR takes a tenth of this.
_CHEAP_SECONDS = 0.001
# How long a refusal of too many calls is held, and how many of one partner: each is a connection of Envoy's.
_HOLD_SECONDS = 1.0
_MOST_HELD = 500
# To receive a body, here and in Envoy.
_BYTES_A_SECOND = 8 * 1024 * 1024


class LaneFull(Exception):
    """The bodies of one partner cost more time than it has: the call is refused."""


class PartnerLanes:
    """For one event loop. A caller who is cancelled while waiting leaves nothing undecided behind."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds since some moment."""
        self._clock = clock
        # When each partner will have paid for what it has had.
        self._paid: dict[str, float] = {}
        self._held: Counter[str] = Counter()
        self.waiting = 0

    def owes(self, partner: str) -> bool:
        """Whether the partner has had more than its share."""
        return self._debt(partner) > _BURST_SECONDS

    async def turn(self, partner: str, announced_bytes: int = 0) -> None:
        """Wait until the partner is out of debt; what is about to be read is charged. Raises LaneFull."""
        deadline = self._clock() + _MOST_WAIT_SECONDS
        self.waiting += 1
        try:
            # Of those who wake together the first may take the turn of the others.
            while (wait := self._debt(partner) - _BURST_SECONDS) > 0:
                if self._clock() + wait > deadline:
                    raise LaneFull
                await asyncio.sleep(wait)
        finally:
            self.waiting -= 1
        self._charge(partner, announced_bytes / _BYTES_A_SECOND)

    async def hold(self, partner: str, already: float = 0.0) -> None:
        """Wait before a call too many is refused: who sends one after the other sends fewer.

        `already`: the seconds that it has taken, so all of them take the same.
        """
        if self._held[partner] < _MOST_HELD:
            self._held[partner] += 1
            try:
                await asyncio.sleep(_HOLD_SECONDS - already)
            finally:
                self._held[partner] -= 1

    def decide(self, partner: str, request: Request, *, as_agreed: bool = False) -> tuple[Request, Decision]:
        """The decision on a call with a body, and the call that it is on; the time that it took is charged.

        `as_agreed`: what its contract lets be written otherwise is read so (`decide_as_agreed`).
        """
        begin = time.thread_time()
        judged = decide_as_agreed(request) if as_agreed else (request, decide(request))
        took = time.thread_time() - begin
        if took > _CHEAP_SECONDS:
            self._charge(partner, took)
        return judged

    def _charge(self, partner: str, seconds: float) -> None:
        self._paid[partner] = self._clock() + self._debt(partner) + seconds / _SHARE

    def _debt(self, partner: str) -> float:
        paid = self._paid.get(partner)
        return 0.0 if paid is None else max(0.0, paid - self._clock())
