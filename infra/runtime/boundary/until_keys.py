"""The boundary before it has its keys: on AWS they are made after the first tasks have started.

Until then every call is refused. A task that ended for their lack would end the first deployment.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime

from hardening.answers.alarms import CRASH
from hardening.requests.statuses import BUSY
from infra.runtime.boundary.keys import BoundaryKeys
from infra.runtime.boundary.service import HEALTH, Boundary, envelope
from infra.runtime.http_messages import HttpRequest, HttpResponse, log

_LOOK_SECONDS = 1.0


class UntilKeys:
    """Answers calls with the boundary that `made` makes of what `read` finds. It never raises."""

    def __init__(
        self,
        read: Callable[[], BoundaryKeys | None],
        made: Callable[[BoundaryKeys], Boundary],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read, self._made, self._clock = read, made, clock
        self._boundary: Boundary | None = None
        self._looked = -math.inf
        # Many calls at once are one look.
        self._turn = asyncio.Lock()

    async def answer(self, asked: HttpRequest) -> HttpResponse:
        """The boundary's answer; without keys, a refusal."""
        # Health does not wait for a look: Secrets Manager may take longer than a check of the task.
        looking = self._turn.locked() and (asked.method, asked.target) == ("GET", HEALTH)
        boundary = self._boundary or (None if looking else await self._found())
        if boundary is not None:
            return await boundary.answer(asked)
        body = envelope(BUSY.ocpi_status, "the boundary has no keys yet", datetime.now(UTC))
        return HttpResponse(BUSY.http_status, body)

    async def _found(self) -> Boundary | None:
        async with self._turn:
            if self._boundary is None and self._clock() - self._looked >= _LOOK_SECONDS:
                self._looked = self._clock()
                try:
                    keys = await asyncio.to_thread(self._read)
                    self._boundary = None if keys is None else self._made(keys)
                except Exception as error:  # the outer edge of this process: whatever it is, nothing passes
                    log(level="error", event=CRASH, kind=type(error).__name__, path="")
            return self._boundary
