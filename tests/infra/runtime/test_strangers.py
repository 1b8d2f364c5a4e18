"""Guesses of one source cost no other source a look, and tell the guesser nothing about a token."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@given(st.lists(st.integers(0, 20_000), max_size=30, unique=True))
def test_any_number_of_sources_takes_bounded_memory(numbers: list[int]) -> None:
    strangers = Strangers(Clock())
    for number in numbers:
        strangers.count(f"10.1.{number // 256 % 256}.{number % 256}")
    assert len(strangers._paid) <= 10_000


def test_of_very_many_sources_the_oldest_is_forgotten() -> None:
    strangers = Strangers(Clock())
    for number in range(10_050):
        strangers.count(f"10.{number // 65_536}.{number // 256 % 256}.{number % 256}")
    assert len(strangers._paid) == 10_000


def _policy() -> Policy:
    records = [
        TokenRecord(
            tokens.digest(sample_token(one)), one.name, "C", "active", ENVIRONMENT, int(NOW.timestamp()) + 60
        )
        for one in (EMSP, CPO)
    ]
    store = MemoryTokenStore(records)
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


def test_a_partner_behind_the_guessers_address_is_served_once_its_token_is_known() -> None:
    async def run() -> list[int]:
        own, source = _policy(), SOURCES[EMSP.name]
        before = (await answer(own, _asked(source))).status
        for _ in range(AT_ONCE):
            own.strangers.count(source)
        return [before, (await answer(own, _asked(source))).status]

    assert asyncio.run(run()) == [200, 200]
