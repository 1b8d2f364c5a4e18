"""One partner's long bodies never hold up another partner: each partner has a lane of its own.

A decision on a long body takes up to some tens of milliseconds of the only event loop. A partner's are
decided one after the other, and between two of them everybody else has a turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

# A decision on any shorter body takes less than 2 ms.
LONG_BODY_BYTES = 16 * 1024
# Long bodies of one partner that wait in one worker; more are refused at once (OWASP API4:2023).
MOST_WAITING = 8


class LaneFull(Exception):
    """Too many long bodies of one partner wait already."""


class PartnerLanes:
    """For one event loop. A caller who is cancelled while waiting leaves the lane undecided."""

    def __init__(self) -> None:
        self._lanes: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, int] = {}

    @property
    def waiting(self) -> int:
        """Long bodies that wait or are being decided, of all partners."""
        return sum(self._waiting.values())

    @asynccontextmanager
    async def of(self, partner: str) -> AsyncIterator[None]:
        """A partner's turn. Raises LaneFull."""
        waiting = self._waiting.get(partner, 0)
        if waiting >= MOST_WAITING:
            raise LaneFull
        self._waiting[partner] = waiting + 1
        try:
            async with self._lanes.setdefault(partner, asyncio.Lock()):
                # What came in meanwhile is answered first.
                await asyncio.sleep(0)
                yield
        finally:
            self._waiting[partner] -= 1
