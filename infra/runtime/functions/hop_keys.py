"""The keys of the hop from guard to service in Secrets Manager, made and renewed by the rotation function.

The guard signs with the current one. The service takes the one before and the next one too, as each of them
may be what a task of the guard has read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from hardening.egress.callers import key_of
from hardening.requests.hop_signature import Hop, is_genuine

_CURRENT = "AWSCURRENT"
_STAGES = (_CURRENT, "AWSPENDING", "AWSPREVIOUS")
# How often somebody with a wrong signature can make us look for newer keys.
_LEAST_SECONDS = 1.0


def current_hop_key(client: Any, secret: str) -> bytes:
    """The key to sign with; empty where no rotation has made one. Raises what Secrets Manager raises."""
    return _key(client, secret, _CURRENT)


class HopKeys:
    """The keys that count, read again when a signature is by none of those that are known."""

    def __init__(self, client: Any, secret: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`client`: a client of Secrets Manager; `secret`: the name of the secret."""
        self._client, self._secret, self._clock = client, secret, clock
        self._turn = threading.Lock()
        self._known: tuple[bytes, ...] = ()
        self._read: float | None = None

    def made(self, hop: Hop, shown: str, now: int) -> bool:
        """Whether one of the keys made this signature of `hop`. Raises what Secrets Manager raises."""
        if any(is_genuine(key, hop, shown, now) for key in self._known):
            return True
        with self._turn:
            if self._read is None or self._clock() - self._read >= _LEAST_SECONDS:
                found = (_key(self._client, self._secret, stage) for stage in _STAGES)
                self._known = tuple(dict.fromkeys(key for key in found if key))
                self._read = self._clock()
        return any(is_genuine(key, hop, shown, now) for key in self._known)


def _key(client: Any, secret: str, stage: str) -> bytes:
    try:
        found = client.get_secret_value(SecretId=secret, VersionStage=stage)
        return key_of(found["SecretString"])
    except client.exceptions.ResourceNotFoundException:
        return b""
    except ValueError:
        # What is no key proves nothing.
        return b""
