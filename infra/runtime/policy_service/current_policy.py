"""The policy of now: when another registry is published, the calls that begin after it are decided by it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hardening.errors import ConfigError
from infra.runtime.functions.partners_file import digest
from infra.runtime.http_service import HttpRequest, HttpResponse, log
from infra.runtime.policy_service.service import Policy, answer
from infra.runtime.policy_service.settings import published_partners

# Seconds between two looks at the published registry.
_EVERY = 0.5
# And between two looks at the key of the hop, which changes monthly.
_KEY_EVERY = 60.0
# Beside the published registry while a newer one is refused: the guard serves the old one, and alarms.
REFUSED_FILE = "registry-refused"


class CurrentPolicy:
    """Answers by the policy that was read last. A call that has begun keeps the policy that it began with."""

    def __init__(
        self, policy: Policy, partners_file: str, hop_key: Callable[[], bytes] | None = None
    ) -> None:
        """`partners_file`: where registries are published, each moved into its place; "" for nowhere.

        `hop_key` reads the key of the hop that is current now; None: it stays as it is.
        """
        self._hop_key = hop_key
        self._policy = policy
        self._file = Path(partners_file) if partners_file else None
        self._seen = self._stamp()
        self._broken = False

    @property
    def policy(self) -> Policy:
        """What calls that begin now are decided by."""
        return self._policy

    async def answer(self, asked: HttpRequest) -> HttpResponse:
        """See `infra.runtime.policy_service.service.answer`."""
        return await answer(self._policy, asked)

    async def follow(self) -> None:
        """Take each registry over that is published, until cancelled."""
        while self._file is not None:
            await asyncio.sleep(_EVERY)
            stamp = self._stamp()
            if stamp != self._seen:
                self._seen = stamp
                self._broken = not await self._takes(self._file)
            refused = self._broken or self._file.with_name(REFUSED_FILE).exists()
            self._policy.metrics.registry_refused = refused

    async def follow_key(self) -> None:
        """Take the key of the hop over that is current, until cancelled. One that cannot be read stays."""
        while self._hop_key is not None:
            try:
                key = await asyncio.get_running_loop().run_in_executor(None, self._hop_key)
                if key and key != self._policy.hop_key:
                    self._policy = replace(self._policy, hop_key=key)
                    log(level="info", event="hop-key")
            except Exception as failure:  # whatever it is, calls go on under the key that is known
                log(level="error", event="hop-key-not-read", kind=type(failure).__name__)
            await asyncio.sleep(_KEY_EVERY if self._policy.hop_key else _EVERY)

    async def _takes(self, file: Path) -> bool:
        """Whether the registry of `file` is served from now on."""
        loop = asyncio.get_running_loop()
        try:
            # In a thread: thousands of partners take longer than a call may wait.
            served = self._policy.environment
            partners = await loop.run_in_executor(None, published_partners, file, served)
            limits = self._policy.limits.of(partners.values())
        except (ConfigError, OSError, OverflowError) as error:
            log(level="error", event="registry-refused", detail=str(error))
            return False
        self._policy = replace(self._policy, partners=partners, limits=limits)
        log(level="info", event="registry", digest=digest(partners.values()), partners=len(partners))
        return True

    def _stamp(self) -> tuple[int, int]:
        """What differs between two files of one name."""
        if self._file is None:
            return 0, 0
        try:
            found = self._file.stat()
        except OSError:
            return 0, 0
        return found.st_ino, found.st_mtime_ns
