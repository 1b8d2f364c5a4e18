"""The keys of our callers in Secrets Manager, which the rotation function makes and rotates."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from typing import Any

from hardening.egress.callers import CHANGE_TOKENS, Caller, key_secret
from infra.runtime.functions.caller_keys import key_at

# The one in use, and the one that takes its place: a caller may have it a moment before we look again.
_STAGES = ("AWSCURRENT", "AWSPENDING")
# How long a replaced key counts at most; how often we look for whoever has a wrong one, or after a failure.
_FRESH_SECONDS, _LEAST_SECONDS = 60.0, 1.0


class SecretKeys:
    """The callers with their keys as they are now."""

    def __init__(self, client: Any, environment: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`client`: a client of Secrets Manager."""
        self._client, self._environment, self._clock = client, environment, clock
        # When what is known was asked for, and when it was last tried, with the failure.
        self._read = self._tried = -math.inf
        self._failure: Exception | None = None
        self._known: Mapping[str, Caller] = {}
        # Two calls at once are one look.
        self._turn = asyncio.Lock()

    async def __call__(self, newer: bool) -> Mapping[str, Caller]:
        """The callers by name; `newer`: what is known may be too old. Raises what Secrets Manager raises."""
        async with self._turn:
            now = self._clock()
            fresh = now - self._read < (_LEAST_SECONDS if newer else _FRESH_SECONDS)
            if not fresh and now - self._tried >= _LEAST_SECONDS:
                await self._try(now)
            elif not fresh and self._failure is not None:
                raise self._failure
            return self._known

    async def _try(self, now: float) -> None:
        self._tried = now
        try:
            self._known = await asyncio.to_thread(self._look)
        except Exception as failure:  # whatever it is: it is raised, and stands until the next try
            self._failure = failure
            raise
        self._read, self._failure = now, None

    def _look(self) -> Mapping[str, Caller]:
        keys = {name: self._keys(name) for name in CHANGE_TOKENS}
        return {name: Caller(name, found, changes_tokens=True) for name, found in keys.items() if found}

    def _keys(self, caller: str) -> tuple[bytes, ...]:
        """None where the rotation has made none yet: nobody can be this caller."""
        secret = key_secret(self._environment, caller)
        found = (key_at(self._client, secret, stage) for stage in _STAGES)
        return tuple(dict.fromkeys(key for key in found if key))
