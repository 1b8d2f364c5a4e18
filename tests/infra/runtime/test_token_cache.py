"""The cache of token records: never older than its bound, one read for many, no flood of reads."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from infra.runtime.policy_service import token_cache
from infra.runtime.policy_service.stores import MemoryTokenStore, TokenRecord
from infra.runtime.policy_service.token_cache import STALE_SECONDS, Lane, StoreBusy, TokenCache

RECORD = TokenRecord("a" * 64, "example-emsp", "C", "active", "test", 1_900_000_000)


class Clock:
    """Seconds that only the test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Gate(MemoryTokenStore):
    """A store that answers once it is opened, and counts what it was asked."""

    def __init__(self) -> None:
        super().__init__([RECORD])
        self.opened = threading.Event()
        self.asked: list[str] = []

    def find(self, digest: str) -> TokenRecord | None:
        self.asked.append(digest)
        assert self.opened.wait(10)
        return super().find(digest)


async def _until(condition: Callable[[], bool]) -> None:
    """Wait until it is so. Raises TimeoutError after ten seconds."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


def test_a_revocation_counts_as_soon_as_the_bound_has_passed() -> None:
    async def run() -> None:
        clock, store = Clock(), MemoryTokenStore([RECORD])
        cache = TokenCache(store, clock)
        assert await cache.find(RECORD.digest) == RECORD
        store.put(replace(RECORD, state="revoked"))
        clock.now = STALE_SECONDS - 0.001
        assert await cache.find(RECORD.digest) == RECORD
        clock.now = STALE_SECONDS
        found = await cache.find(RECORD.digest)
        assert found is not None
        assert found.state == "revoked"

    asyncio.run(run())


def test_a_use_is_noted_once_an_hour_however_many_calls_come() -> None:
    noted: list[int] = []

    class Noting(MemoryTokenStore):
        def note_use(self, digest: str, at: int) -> None:
            noted.append(at)
            super().note_use(digest, at)

    async def run() -> None:
        clock = Clock()
        cache = TokenCache(Noting([RECORD]), clock)
        begin = datetime(2026, 1, 1, tzinfo=UTC)
        for minutes in (0, 1, 59, 60, 61, 119, 120):
            clock.now = minutes * 60.0
            await cache.find(RECORD.digest)
            write = cache.note_use(RECORD.digest, begin + timedelta(minutes=minutes))
            if write is not None:
                await write
        # Another worker knows it from the record.
        other = TokenCache(Noting([replace(RECORD, used=int(begin.timestamp()))]), clock)
        await other.find(RECORD.digest)
        assert other.note_use(RECORD.digest, begin + timedelta(minutes=30)) is None
        assert other.note_use("b" * 64, begin) is None
        assert noted == [int((begin + timedelta(hours=hour)).timestamp()) for hour in range(3)]

    asyncio.run(run())


def test_a_new_token_is_known_as_soon_as_the_bound_has_passed() -> None:
    async def run() -> None:
        clock, store = Clock(), MemoryTokenStore()
        cache = TokenCache(store, clock)
        assert await cache.find(RECORD.digest) is None
        store.put(RECORD)
        assert await cache.find(RECORD.digest) is None
        clock.now = STALE_SECONDS
        assert await cache.find(RECORD.digest) == RECORD

    asyncio.run(run())


def test_many_calls_with_one_token_are_one_read() -> None:
    async def run() -> None:
        store = Gate()
        cache = TokenCache(store, Clock())
        calls = [asyncio.create_task(cache.find(RECORD.digest)) for _ in range(50)]
        await _until(lambda: bool(store.asked))
        calls[0].cancel()
        store.opened.set()
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert isinstance(answers[0], asyncio.CancelledError)
        assert answers[1:] == [RECORD] * 49
        assert store.asked == [RECORD.digest]

    asyncio.run(run())


def test_a_store_that_fails_is_an_error_even_where_the_token_was_known() -> None:
    class Broken(MemoryTokenStore):
        gone = False

        def find(self, digest: str) -> TokenRecord | None:
            if self.gone:
                raise ConnectionError
            return super().find(digest)

    async def run() -> None:
        clock, store = Clock(), Broken([RECORD])
        cache = TokenCache(store, clock)
        assert await cache.find(RECORD.digest) == RECORD
        store.gone, clock.now = True, STALE_SECONDS
        for _ in range(2):
            with pytest.raises(ConnectionError):
                await cache.find(RECORD.digest)
        store.gone = False
        assert await cache.find(RECORD.digest) == RECORD

    asyncio.run(run())


def test_a_flood_of_guesses_is_refused_and_does_not_hold_up_a_known_token() -> None:
    async def run() -> None:
        clock, store = Clock(), Gate()
        store.opened.set()
        cache = TokenCache(store, clock)
        await cache.find(RECORD.digest)
        store.opened.clear()
        clock.now = STALE_SECONDS
        guesses = [asyncio.create_task(cache.find(f"guess-{number}")) for number in range(1000)]
        known = asyncio.create_task(cache.find(RECORD.digest))
        # The first read, the guesses that are read at once, and the one that did not wait behind them.
        await _until(lambda: store.asked[1:].count(RECORD.digest) == 1)
        assert len(store.asked) <= 2 + token_cache._READS[Lane.UNKNOWN]
        store.opened.set()
        assert await known == RECORD
        outcomes = await asyncio.gather(*guesses, return_exceptions=True)
        refused = sum(isinstance(one, StoreBusy) for one in outcomes)
        assert refused == 1000 - token_cache._MOST_WAITING[Lane.UNKNOWN]

    asyncio.run(run())


def test_what_it_remembers_is_bounded() -> None:
    async def run() -> None:
        cache = TokenCache(MemoryTokenStore(), Clock())
        for number in range(token_cache._MOST_UNKNOWN + 50):
            assert await cache.find(str(number)) is None
        assert len(cache._unknown) == token_cache._MOST_UNKNOWN
        assert not cache._reads

    asyncio.run(run())


def test_a_use_is_noted_again_after_exactly_an_hour() -> None:
    noted: list[int] = []

    class Noting(MemoryTokenStore):
        def note_use(self, digest: str, at: int) -> None:
            noted.append(at)

    async def run() -> None:
        cache = TokenCache(Noting([RECORD]), Clock())
        await cache.find(RECORD.digest)
        begin = datetime(2026, 3, 1, tzinfo=UTC)
        for seconds in (0, 3599, 3600):
            written = cache.note_use(RECORD.digest, begin + timedelta(seconds=seconds))
            if written is not None:
                await written
        assert cache.note_use("nobody's", begin) is None

    asyncio.run(run())
    assert [at - noted[0] for at in noted] == [0, 3600]


def test_a_failure_that_no_caller_waits_for_any_more_is_nobodys_crash() -> None:
    said: list[object] = []

    class Failing(Gate):
        def find(self, digest: str) -> TokenRecord | None:
            super().find(digest)
            raise ConnectionError

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
        store = Failing()
        cache = TokenCache(store, Clock())
        caller = asyncio.create_task(cache.find(RECORD.digest))
        while not store.asked:
            await asyncio.sleep(0.01)
        caller.cancel()
        store.opened.set()
        while cache._reads:
            await asyncio.sleep(0.01)
        gc.collect()
        await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(run(), 10))
    assert said == []


def test_of_tokens_that_exist_it_remembers_only_so_many_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_cache, "_MOST_KNOWN", 20)
    records = [replace(RECORD, digest=f"{number:064}") for number in range(25)]

    async def run() -> None:
        cache = TokenCache(MemoryTokenStore(records), Clock())
        for one in records:
            assert await cache.find(one.digest) == one
        assert list(cache._known) == [one.digest for one in records[5:]]

    asyncio.run(run())
