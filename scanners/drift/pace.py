"""How fast AWS is asked: in each region no faster than its low quotas, however many threads ask.

A quota is the account's: what an audit takes of it, somebody else lacks. Where AWS throttles all the same,
botocore's adaptive retries slow that client down.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

# Requests a second, and how many at once, for a service or one operation of it: four fifths of the quota.
_PACES: Final = {
    # API Gateway quotas: the management operations of an account together, 10 a second and 40 at once.
    "apigateway": (8.0, 32),
    # Amazon Route 53 quotas: all requests of an account together, 5 a second.
    "route53": (4.0, 4),
    # AWS Secrets Manager quotas: the operations on resource policies together, 50 a second.
    "secretsmanager.GetResourcePolicy": (40.0, 40),
}


@dataclass(slots=True)
class Bucket:
    """Tokens that come back at `rate` a second, at most `size` of them; a request takes one."""

    rate: float
    size: int
    now: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep
    _free_at: float = float("-inf")  # when the last token that was taken will have come back
    _lock: Lock = field(default_factory=Lock)

    def take(self) -> None:
        """Return when there is a token. Those who wait are served in turn."""
        with self._lock:
            now = self.now()
            self._free_at = max(self._free_at, now) + 1 / self.rate
            late = self._free_at - now - self.size / self.rate
        if late > 0:
            self.wait(late)


@dataclass(frozen=True, slots=True)
class Pace:
    """The buckets of one account; `paces` has the rates and sizes."""

    paces: Mapping[str, tuple[float, int]] = field(default_factory=lambda: _PACES)
    buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def before_send(self, service: str, region: str) -> Callable[..., None]:
        """For botocore's `before-send` of one client: each request waits for its turn, retries too."""

        def paced(event_name: str, **_: Any) -> None:
            operation = f"{service}.{event_name.rpartition('.')[2]}"
            for name in (service, operation):
                if name in self.paces:
                    self._bucket(name, region).take()

        return paced

    def _bucket(self, name: str, region: str) -> Bucket:
        with self.lock:
            if (name, region) not in self.buckets:
                self.buckets[name, region] = Bucket(*self.paces[name])
            return self.buckets[name, region]
