"""The partners folder as the guard serves it: its last state without a fault, published for the workers.

A folder is taken over once two looks in a row have seen the same files, so one that is being written is
left alone. A broken one changes nothing: the old one is served, and the workers' metric says so. An entry
that wants an onboarding and has no valid attestation is left out, and the others are served, if any. Where
one ends by the clock, its partner is taken out at once, whatever the folder says. Where the clock is set, the
folder is judged anew.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from hardening.errors import ConfigError
from hardening.registry.onboarding import FOLDER as ONBOARDING
from hardening.registry.onboarding_files import not_onboarded, onboarding_ends
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from infra.runtime.functions.partners_file import digest, dump
from infra.runtime.http_service import log
from infra.runtime.policy_service.current_policy import REFUSED_FILE
from infra.runtime.policy_service.settings import served_partners

# Seconds between two looks.
_EVERY = 1.0
# Seconds by which no clock moves between two looks, unless it is set.
_JUMP = 60.0
_NEVER = datetime.max.replace(tzinfo=UTC)
# name, inode, time and size of each file.
_Stamp = tuple[tuple[str, int, int, int], ...]


class PartnersFolder:
    """Publishes `folder` in `published` (JSON), and calls `took_over` with its partners each time."""

    def __init__(
        self,
        folder: Path,
        environment: str,
        published: Path,
        took_over: Callable[[tuple[Partner, ...]], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = folder
        self._environment = environment
        self._published = published
        self._refused = published.with_name(REFUSED_FILE)
        self._took_over = took_over
        self._clock = clock
        self._partners: tuple[Partner, ...] = ()
        # When the onboarding of a partner ends.
        self._ends: dict[str, datetime] = {}
        self._served: _Stamp | None = None
        self._last_seen: _Stamp | None = None
        self._looked = clock()

    def take_over(self) -> None:
        """Read and publish the folder. Raises ConfigError, and nothing has changed then."""
        self._served, now = self._stamp(), self._clock()
        known = served_partners(read_registry(self._folder), self._environment)
        outside = not_onboarded(self._folder, now)
        ends = onboarding_ends(self._folder, now)
        for file, fault in outside.items():
            log(level="error", event="not-onboarded", partner=file.stem, detail=fault)
        left_out = {file.stem for file in outside}
        # Where all are left out, nobody is served: that is meant, and no fault of the folder.
        self._publish(tuple(one for name, one in known.items() if name not in left_out))
        self._ends = ends
        self._refused.unlink(missing_ok=True)

    def _publish(self, partners: tuple[Partner, ...]) -> None:
        self._took_over(partners)
        replace_file(self._published, dump(partners))
        self._partners = partners
        log(level="info", event="registry-published", digest=digest(partners), partners=len(partners))

    def _take_out_ended(self) -> None:
        """Publish what is served without the partners whose onboarding has ended since it was read."""
        ended = {one.name for one in self._partners if self._ends.get(one.name, _NEVER) <= self._clock()}
        if ended:
            for name in sorted(ended):
                log(level="error", event="not-onboarded", partner=name, detail="its onboarding ended")
            self._publish(tuple(one for one in self._partners if one.name not in ended))

    def look(self) -> None:
        """Take the folder over if it has changed, and has not changed since the look before."""
        self._take_out_ended()
        last, self._looked = self._looked, self._clock()
        if abs((self._looked - last).total_seconds()) > _JUMP:
            self._served = None
        seen, before = self._stamp(), self._last_seen
        self._last_seen = seen
        if seen == self._served or seen != before:
            return
        try:
            self.take_over()
        except ConfigError as error:
            log(level="error", event="registry-refused", detail=error.message, faults=len(error.problems))
            self._refused.touch(mode=0o600)

    def watch(self, stopped: threading.Event) -> None:
        """Look until `stopped` is set. Whatever a look ends with, the next one comes; until then, alarm."""
        while not stopped.wait(_EVERY):
            try:
                self.look()
            except Exception as failure:  # the outer edge of this thread: without it nobody would look again
                log(level="error", event="registry-unread", kind=type(failure).__name__)
                # It is not served, so it is taken over at the next look but one.
                self._served = None
                with contextlib.suppress(OSError):
                    self._refused.touch(mode=0o600)

    def _stamp(self) -> _Stamp:
        attested = (self._folder / ONBOARDING).glob("*")
        named = (self._folder.glob(f"*.{kind}") for kind in ("yaml", "yml", "pem"))
        files = sorted((*chain.from_iterable(named), *attested))
        found = ((file.name, file.stat()) for file in files)
        return tuple((name, one.st_ino, one.st_mtime_ns, one.st_size) for name, one in found)


def replace_file(file: Path, text: str) -> None:
    """Move a file with this text into the place of `file`: who reads it sees all of one of them."""
    staged = file.with_suffix(".staged")
    staged.write_text(text, encoding="utf-8")
    staged.replace(file)
