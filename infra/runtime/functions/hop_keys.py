"""The keys of the hop from guard to service in Secrets Manager, made and renewed by the rotation function.

The guard signs with the current one. The service takes the one before and the next one too, as each of them
may be what a task of the guard has read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from hardening.requests.hop_signature import Hop, is_genuine
from infra.runtime.functions.caller_keys import key_at

_CURRENT = "AWSCURRENT"
_STAGES = (_CURRENT, "AWSPENDING", "AWSPREVIOUS")
# How long a retired key counts at most, and how often somebody with a wrong signature can make us look.
_FRESH_SECONDS, _LEAST_SECONDS = 60.0, 1.0


def current_hop_key(client: Any, secret: str) -> bytes:
    """The key to sign with; empty where no rotation has made one. Raises what Secrets Manager raises."""
    return key_at(client, secret, _CURRENT)


class HopKeys:
    """The keys that count, read again when they are a minute old, or a signature is by none of them."""

    def __init__(self, client: Any, secret: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`client`: a client of Secrets Manager; `secret`: the name of the secret."""
        self._client, self._secret, self._clock = client, secret, clock
        self._turn = threading.Lock()
        self._known: tuple[bytes, ...] = ()
        self._read: float | None = None

    def made(self, hop: Hop, shown: str, now: int) -> bool:
        """Whether one of the keys made this signature of `hop`. Raises what Secrets Manager raises."""
        return any(
            is_genuine(key, hop, shown, now)
            for age in (_FRESH_SECONDS, _LEAST_SECONDS)
            for key in self._younger_than(age)
        )

    def _younger_than(self, seconds: float) -> tuple[bytes, ...]:
        with self._turn:
            if self._read is None or self._clock() - self._read >= seconds:
                found = [key_at(self._client, self._secret, stage) for stage in _STAGES]
                self._known = tuple(dict.fromkeys(key for key in found if key))
                self._read = self._clock()
            return self._known
