"""Once a minute, a worker writes its metrics into the log, from which CloudWatch takes them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from hardening.envoy.statistics import EVERY
from infra.runtime.http_messages import log, write_line
from infra.runtime.policy_service.embedded_metrics import EmbeddedMetrics, line
from infra.runtime.policy_service.environment import NAMESPACE, STATISTICS_PORT, port_of
from infra.runtime.policy_service.envoy_statistics import EnvoyStatistics
from infra.runtime.policy_service.service import Policy


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """`namespace` of CloudWatch ("": nothing is reported); `port` for Envoy's statistics (0: none)."""

    namespace: str = ""
    port: int = 0


def report_settings(environment: Mapping[str, str]) -> ReportSettings:
    """From the environment. Raises ConfigError for a wrong port."""
    port = port_of(environment, STATISTICS_PORT) if environment.get(STATISTICS_PORT) else 0
    return ReportSettings(environment.get(NAMESPACE, ""), port)


class Reports:
    """What is written about the policy of now."""

    def __init__(self, settings: ReportSettings, policy: Callable[[], Policy]) -> None:
        self._settings, self._policy = settings, policy
        self._own = EmbeddedMetrics(settings.namespace, policy().metrics)
        self._envoy = EnvoyStatistics()
        self._told: Counter[str] = Counter()

    async def write(self, every: float = EVERY) -> None:
        """Write a report every so many seconds, and the last one at the end, until cancelled."""
        if not self._settings.namespace:
            return
        receiving = await self._receiving()
        try:
            while True:
                await asyncio.sleep(every)
                self._report()
        finally:
            self._report()
            if receiving is not None:
                receiving.close()

    def _report(self) -> None:
        for one in self.lines(datetime.now(UTC)):
            write_line(one)

    def lines(self, now: datetime) -> Iterator[str]:
        """What has happened since the last lines."""
        policy = self._policy()
        total = Counter({"StoreReads": policy.tokens.reads, "CacheHits": policy.tokens.hits})
        since = {name: total[name] - self._told[name] for name in total}
        self._told = total
        others = {**since, "LongBodiesWaiting": policy.lanes.waiting, "TokensKnown": policy.tokens.known}
        yield from self._own.lines(now, policy.partners, others)
        envoy = self._envoy.take()
        if envoy:
            yield line(self._settings.namespace, now, {"Part": "envoy"}, envoy)

    async def _receiving(self) -> asyncio.DatagramTransport | None:
        if not self._settings.port:
            return None
        loop, place = asyncio.get_running_loop(), ("127.0.0.1", self._settings.port)
        try:
            transport, _ = await loop.create_datagram_endpoint(lambda: self._envoy, local_addr=place)
        except OSError as error:
            # Calls are decided without it.
            log(level="error", event="no-envoy-statistics", kind=type(error).__name__)
            return None
        return transport
