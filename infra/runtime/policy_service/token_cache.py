"""What the token store said a moment ago: the guard asks it at most once a second for a token.

The promise of a revocation is "refused within `STALE_SECONDS`". A store that does not answer is a refusal as
soon as what is known is older than that.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from enum import Enum, auto

from hardening.rotation.records import first_use
from infra.runtime.policy_service.stores import TokenRecord, TokenStore

STALE_SECONDS = 1.0
# Answers that are kept: of tokens that exist, and of texts that are nobody's token.
_MOST_KNOWN = 10_000
_MOST_UNKNOWN = 2_000
# No digest is this: a look for it says only that the store answers.
_NOBODYS = "0"


class Lane(Enum):
    """Who waits for whom: no flood of guesses holds up a partner, nor that of one source another source."""

    KNOWN = auto()
    UNKNOWN = auto()
    SUSPECT = auto()


# Reads at once.
_READS = {Lane.KNOWN: 16, Lane.UNKNOWN: 4, Lane.SUSPECT: 1}
# Guesses that are read or wait for their lane; more are refused without a read.
_MOST_WAITING = {Lane.UNKNOWN: 200, Lane.SUSPECT: 20}
# The use of a token is noted in its record so often at most: one write an hour is cheap.
NOTED_EVERY = 3600


class StoreBusy(Exception):
    """More unknown tokens wait for the store than it is asked for: the call is refused."""


class TokenCache:
    """Answers of a store, each used for at most `STALE_SECONDS` from the moment it was asked for.

    For one event loop. Two calls with one token at the same time are one read.
    """

    def __init__(self, store: TokenStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        # digest -> (when it was asked, the answer)
        self._known: OrderedDict[str, tuple[float, TokenRecord]] = OrderedDict()
        self._unknown: OrderedDict[str, float] = OrderedDict()
        self._reads: dict[str, asyncio.Task[TokenRecord | None]] = {}
        self._lanes = {lane: asyncio.Semaphore(reads) for lane, reads in _READS.items()}
        self._threads = ThreadPoolExecutor(sum(_READS.values()), "store")
        # digest -> when its use was written down
        self._noted: OrderedDict[str, int] = OrderedDict()
        self._waiting: Counter[Lane] = Counter()
        self._checked = float("-inf")
        self.reads = 0
        self.hits = 0

    @property
    def known(self) -> int:
        """How many tokens' records are kept."""
        return len(self._known)

    def is_known(self, digest: str) -> bool:
        """Whether this was a token when the store was last asked, however long ago."""
        return digest in self._known

    def fresh(self, digest: str) -> tuple[bool, TokenRecord | None]:
        """Whether an answer is fresh, and the answer."""
        oldest = self._clock() - STALE_SECONDS
        asked, record = self._known.get(digest, (oldest, None))
        if asked > oldest:
            return True, record
        return self._unknown.get(digest, oldest) > oldest, None

    async def check(self) -> None:
        """Ask the store something, at most once in `STALE_SECONDS`. Raises what the store raises."""
        if self._clock() - self._checked >= STALE_SECONDS:
            asked = self._clock()
            async with self._lanes[Lane.KNOWN]:
                await self._ask(_NOBODYS)
            self._checked = asked

    async def _ask(self, digest: str) -> TokenRecord | None:
        self.reads += 1
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._store.find, digest)

    async def find(self, digest: str, *, suspect: bool = False) -> TokenRecord | None:
        """See `TokenStore`. Raises what the store raises, and StoreBusy.

        `suspect`: what was no token when the store was last asked, however long ago, waits apart.
        """
        fresh, record = self.fresh(digest)
        if fresh:
            self.hits += 1
            return record
        read = self._reads.get(digest)
        if read is None:
            guessed = Lane.SUSPECT if suspect else Lane.UNKNOWN
            lane = Lane.KNOWN if digest in self._known else guessed
            read = asyncio.get_running_loop().create_task(self._read(digest, lane))
            self._reads[digest] = read
            read.add_done_callback(lambda done: self._ended(digest, done))
        # Shielded: one caller that hangs up does not take the answer from the others.
        return await asyncio.shield(read)

    async def used(self, digest: str, now: datetime) -> None:
        """A call with an offered token was let through: the one before retires. Raises as the store does."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, first_use, self._store, digest, now)

    def note_use(self, digest: str, now: datetime) -> asyncio.Future[None] | None:
        """A call was let in with a token: its record says so, where it has not said so within the hour.

        The call does not wait for it. None where there is nothing to write.
        """
        at = int(now.timestamp())
        _, record = self._known.get(digest, (0.0, None))
        if record is None or at - max(record.used, self._noted.get(digest, 0)) < NOTED_EVERY:
            return None
        self._noted[digest] = at
        while len(self._noted) > _MOST_KNOWN:
            self._noted.popitem(last=False)
        return asyncio.get_running_loop().run_in_executor(self._threads, self._store.note_use, digest, at)

    def _ended(self, digest: str, read: asyncio.Task[TokenRecord | None]) -> None:
        del self._reads[digest]
        if not read.cancelled():
            read.exception()  # looked at, also where every caller has gone

    async def _read(self, digest: str, lane: Lane) -> TokenRecord | None:
        if self._waiting[lane] >= _MOST_WAITING.get(lane, math.inf):
            raise StoreBusy
        self._waiting[lane] += 1
        try:
            async with self._lanes[lane]:
                asked = self._clock()
                record = await self._ask(digest)
        finally:
            self._waiting[lane] -= 1
        self._keep(digest, asked, record)
        return record

    def _keep(self, digest: str, asked: float, record: TokenRecord | None) -> None:
        self._known.pop(digest, None)
        self._unknown.pop(digest, None)
        if record is None:
            self._unknown[digest] = asked
        else:
            self._known[digest] = (asked, record)
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        while len(self._unknown) > _MOST_UNKNOWN:
            self._unknown.popitem(last=False)
