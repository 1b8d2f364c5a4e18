"""The partners of one environment as they are published now: for services that a reload does not restart."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from hardening.errors import ConfigError
from hardening.registry.object_version import PLACE
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from infra.runtime.functions.partners_file import digest
from infra.runtime.functions.registry_object import declared_registry
from infra.runtime.http_service import log
from infra.runtime.policy_service.environment import setting
from infra.runtime.policy_service.settings import published_partners, served_partners

# Seconds between two looks at the file.
_EVERY = 0.5


class PublishedRegistry(Mapping[str, Partner]):
    """Partners by name. A file that takes the place of the published one is read; a broken one is not."""

    def __init__(self, file: Path, environment: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises ConfigError for a file that is no registry."""
        self._file, self._environment, self._clock = file, environment, clock
        self._seen = self._stamp()
        self._looked = clock()
        self._partners = published_partners(file, environment)

    def __getitem__(self, name: str) -> Partner:
        return self._now()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def _now(self) -> Mapping[str, Partner]:
        if self._clock() - self._looked < _EVERY:
            return self._partners
        self._looked, seen = self._clock(), self._stamp()
        if seen != self._seen:
            self._seen = seen
            try:
                self._partners = published_partners(self._file, self._environment)
                log(level="info", event="registry", digest=digest(self._partners.values()))
            except ConfigError as error:
                log(level="error", event="registry-refused", detail=error.message)
        return self._partners

    def _stamp(self) -> tuple[int, int]:
        try:
            found = self._file.stat()
        except OSError:
            return (0, 0)
        return found.st_ino, found.st_mtime_ns


def partners_from(environment: Mapping[str, str], served: str) -> Mapping[str, Partner]:
    """From RAMPART_REGISTRY (an object's version), RAMPART_PARTNERS_FILE (followed) or RAMPART_PARTNERS.

    Raises ConfigError.
    """
    if PLACE in environment:
        return served_partners(declared_registry(environment), served)
    file = environment.get("RAMPART_PARTNERS_FILE", "")
    if file:
        return PublishedRegistry(Path(file), served)
    return served_partners(read_registry(Path(setting(environment, "RAMPART_PARTNERS"))), served)
