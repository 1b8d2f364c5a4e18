"""How fast AWS is asked: in each region no faster than its low quotas, however many threads ask.

A quota is the account's: what an audit takes of it, somebody else lacks. Where AWS throttles all the same,
botocore's adaptive retries slow that client down, and it is asked again for as long as patience lasts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from scanners.drift.unanswered import throttles

# Requests a second, and how many at once, for a service or one operation of it: four fifths of the quota.
_PACES: Final = {
    # API Gateway quotas: the management operations of an account together, 10 a second and 40 at once.
    "apigateway": (8.0, 32),
    # Amazon Route 53 quotas: all requests of an account together, 5 a second.
    "route53": (4.0, 4),
    # AWS Secrets Manager quotas: the operations on resource policies together, 50 a second.
    "secretsmanager.GetResourcePolicy": (40.0, 40),
}
# Seconds for which an operation may do nothing but throttle, and of the longest pause between two tries.
_PATIENCE: Final = 180.0
_LONGEST_PAUSE: Final = 5.0


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


@dataclass(slots=True)
class Patience:
    """How long one client asks again while AWS throttles it.

    An operation is given up that did nothing but throttle for `limit` seconds, and for the next ones of this
    client it is botocore that decides: the whole audit does not wait again and again.
    """

    limit: float
    now: Callable[[], float] = time.monotonic
    _since: dict[str, float] = field(default_factory=dict)
    _spent: bool = False

    def needs_retry(
        self, event_name: str, attempts: int, response: tuple[Any, Any] | None, **_: Any
    ) -> float | bool | None:
        """For botocore's `needs-retry`: seconds to the next try, False: none, None: another decides.

        A request that met no answer at all says nothing of throttling.
        """
        if response is None:
            return None
        if not throttles(response[1]):
            self._since.pop(event_name, None)
            return None
        since = self._since.setdefault(event_name, self.now())
        if self.now() - since >= self.limit:
            self._spent = True
            return False
        return None if self._spent else min(2.0 ** (attempts - 2), _LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class Pace:
    """The buckets of one account; `paces` has the rates and sizes, `patience` the limit of each client."""

    paces: Mapping[str, tuple[float, int]] = field(default_factory=lambda: _PACES)
    patience: float = _PATIENCE
    buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def keep(self, client: Any, service: str, region: str) -> None:
        """Ask by this client no faster than its service answers, and with patience."""
        client.meta.events.register_first("before-send", self.before_send(service, region))
        # The first that answers decides, and botocore's own retries stand at the service.
        name = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"needs-retry.{name}", Patience(self.patience).needs_retry)

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
