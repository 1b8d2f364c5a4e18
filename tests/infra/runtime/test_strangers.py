"""Guesses of one source cost no other source a look, and tell the guesser nothing about a token."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import pytest

from hardening.requests import tokens
from hardening.requests.header_names import SOURCE_HEADER
from hardening.requests.samples import CPO, EMSP, ENVIRONMENT, NOW, PARTNERS, SOURCES, call, sample_token
from infra.runtime.http_service import HttpRequest, HttpResponse
from infra.runtime.policy_service.rate_limits import RateLimits
from infra.runtime.policy_service.service import Policy, answer
from infra.runtime.policy_service.stores import MemoryTokenStore, TokenRecord
from infra.runtime.policy_service.strangers import SourceBusy, Strangers
from infra.runtime.policy_service.token_cache import TokenCache

AT_ONCE = 500
STRANGER = "192.0.2.1"


class Clock:
    """Seconds that only the test moves."""

    now = 5000.0

    def __call__(self) -> float:
        return self.now


def _counted(strangers: Strangers, source: str, calls: int) -> int:
    counted = 0
    for _ in range(calls):
        try:
            strangers.count(source)
        except SourceBusy:
            break
        counted += 1
    return counted


def test_a_source_has_a_burst_and_then_a_rate() -> None:
    clock = Clock()
    strangers = Strangers(clock)
    assert _counted(strangers, STRANGER, 1000) == AT_ONCE
    with pytest.raises(SourceBusy) as busy:
        strangers.look(STRANGER)
    assert busy.value.seconds == 1
    clock.now += 1.0
    assert _counted(strangers, STRANGER, 1000) == 20
    clock.now += 3600.0
    assert _counted(strangers, STRANGER, 1000) == AT_ONCE


@pytest.mark.parametrize("other", ["192.0.2.2", "2001:db8:0:2::1", "", "no address"])
def test_another_source_is_not_held_to_it(other: str) -> None:
    strangers = Strangers(Clock())
    _counted(strangers, STRANGER, 1000)
    strangers.look(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("2001:db8:0:1::1", "2001:db8:0:1:ffff::2"), ("::ffff:192.0.2.1", STRANGER), ("no address", "none")],
)
def test_a_source_is_what_one_machine_has(one: str, other: str) -> None:
    strangers = Strangers(Clock())
    _counted(strangers, one, 1000)
    with pytest.raises(SourceBusy):
        strangers.look(other)


def test_a_site_with_many_networks_is_held_to_ten_sources_worth() -> None:
    clock = Clock()
    strangers = Strangers(clock)
    counted = sum(_counted(strangers, f"2001:db8:7:{number:x}::1", 250) for number in range(200))
    assert counted == 10 * AT_ONCE
    strangers.look("2001:db8:8:1::1")
    clock.now += 1.0
    assert sum(_counted(strangers, f"2001:db8:7:{number:x}::1", 100) for number in range(200)) == 200


def test_of_very_many_sources_the_oldest_is_forgotten() -> None:
    strangers = Strangers(Clock())
    for number in range(10_050):
        strangers.count(f"10.{number // 65_536}.{number // 256 % 256}.{number % 256}")
    assert len(strangers._paid) == 10_000


RECORDS = [
    TokenRecord(
        tokens.digest(sample_token(one)), one.name, "C", "active", ENVIRONMENT, int(NOW.timestamp()) + 60
    )
    for one in (EMSP, CPO)
]


def _policy() -> Policy:
    store = MemoryTokenStore(RECORDS)
    named = {one.name: one for one in PARTNERS}
    limits, strangers = RateLimits(PARTNERS), Strangers(Clock())
    return Policy(ENVIRONMENT, TokenCache(store), named, limits, strangers=strangers, clock=lambda: NOW)


def _asked(source: str, token: str = "") -> HttpRequest:
    sample = call("GET", "/ocpi/2.2.1/sender/locations")
    headers = {**sample.headers, SOURCE_HEADER: source}
    if token:
        headers["authorization"] = tokens.header(token)
    return HttpRequest("GET", sample.path, headers, b"")


def _after_a_flood(*asked: HttpRequest) -> tuple[Counter[int], list[HttpResponse], Policy]:
    """The answers to a flood of guesses from one source, and those to what is asked after it."""

    async def run() -> tuple[Counter[int], list[HttpResponse], Policy]:
        own = _policy()
        # The partner's token is known, as after its first call.
        assert (await answer(own, _asked(SOURCES[EMSP.name]))).status == 200
        guesses = [answer(own, _asked(STRANGER, f"guess-{number}-of-a-token")) for number in range(199)]
        found = Counter(response.status for response in await asyncio.gather(*guesses))
        plain = _asked(STRANGER)
        nobodys = {name: value for name, value in plain.headers.items() if name != "authorization"}
        more = await asyncio.gather(*(answer(own, replace(plain, headers=nobodys)) for _ in range(310)))
        found.update(response.status for response in more)
        return found, list(await asyncio.gather(*(answer(own, one) for one in asked))), own

    return asyncio.run(run())


def test_a_flood_costs_its_source_alone_and_tells_no_token() -> None:
    issued, unknown = sample_token(EMSP), "nobodys-token-at-all"
    flood, answers, own = _after_a_flood(
        _asked(STRANGER, issued),
        _asked(STRANGER, unknown),
        _asked(SOURCES[EMSP.name]),
        _asked("198.51.100.77", unknown),
    )
    assert flood == {401: AT_ONCE, 429: 9}
    stolen, guessed, partner, elsewhere = answers
    assert (stolen.status, stolen.headers["retry-after"]) == (429, "1")
    strip = ("timestamp", "x-request-id")
    same = [
        {name: value for name, value in json.loads(one.body).items() if name not in strip}
        for one in (stolen, guessed)
    ]
    assert same[0] == same[1]
    assert partner.status == 200
    assert elsewhere.status == 401
    assert b"SourceBusy" in own.metrics.text(store_reads=0, cache_hits=0, long_bodies=0)


class _Gate(MemoryTokenStore):
    """A store that answers once it is opened, and counts what it was asked."""

    def __init__(self, records: Iterable[TokenRecord]) -> None:
        super().__init__(records)
        self.opened = threading.Event()
        self.asked: list[str] = []

    def find(self, digest: str) -> TokenRecord | None:
        self.asked.append(digest)
        assert self.opened.wait(10)
        return super().find(digest)


async def _until_asked(store: _Gate, times: int) -> None:
    """Raises TimeoutError after ten seconds."""
    async with asyncio.timeout(10):
        while len(store.asked) < times:
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("known", [True, False])
def test_a_partner_behind_the_guessers_address_is_served(known: bool) -> None:
    async def run() -> int:
        own, source = _policy(), SOURCES[EMSP.name]
        if known:
            assert (await answer(own, _asked(source))).status == 200
        for _ in range(AT_ONCE):
            own.strangers.count(source)
        return (await answer(own, _asked(source))).status

    assert asyncio.run(run()) == 200


def test_a_flood_of_a_busy_source_holds_up_no_other_sources_look() -> None:
    store = _Gate(RECORDS)

    async def run() -> tuple[list[HttpResponse], HttpResponse, int]:
        own = replace(_policy(), tokens=TokenCache(store))
        for _ in range(AT_ONCE):
            own.strangers.count(STRANGER)
        flood = [asyncio.create_task(answer(own, _asked(STRANGER, f"guess-{one}"))) for one in range(100)]
        await _until_asked(store, 1)
        partner = asyncio.create_task(answer(own, _asked(SOURCES[EMSP.name])))
        await _until_asked(store, 2)
        asked = len(store.asked)
        store.opened.set()
        return list(await asyncio.gather(*flood)), await partner, asked

    flood, partner, asked = asyncio.run(run())
    assert partner.status == 200
    assert asked == 2, "one look for the busy source, one for the partner that nobody knew yet"
    assert {one.status for one in flood} == {429}
    assert len(store.asked) <= 1 + 2 * 20, "of the busy source twenty wait, each with two readings"


def test_who_asks_for_more_looks_than_wait_is_told_to_come_again() -> None:
    store = _Gate(RECORDS)

    async def run() -> list[int]:
        own = replace(_policy(), tokens=TokenCache(store))
        calls = [asyncio.create_task(answer(own, _asked(STRANGER, f"guess-{one}"))) for one in range(300)]
        await _until_asked(store, 1)
        store.opened.set()
        return [one.status for one in await asyncio.gather(*calls)]

    found = Counter(asyncio.run(run()))
    assert found == {401: 200, 503: 100}, "a source that is not busy hears that the store is"
