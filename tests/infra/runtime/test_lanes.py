"""A partner whose bodies cost much waits for its own share of a worker's time, and nobody else does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest

from hardening.requests.sample_messages import TOKEN
from hardening.requests.samples import EMSP, call
from infra.runtime.policy_service.lanes import LaneFull, PartnerLanes

MEGABYTE = 1024 * 1024
PUT = call("PUT", "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-1", EMSP, TOKEN)
HOSTILE = b'{"x":[' + b",".join([b"{}"] * 19_000) + b"]}"


def _at_once(turn: Coroutine[Any, Any, None]) -> bool:
    """Whether it ends without waiting for anything: no clock is asked, so a busy machine changes nothing."""
    try:
        turn.send(None)
    except StopIteration:
        return True
    turn.close()
    return False


def test_who_owes_nothing_waits_for_nothing() -> None:
    lanes = PartnerLanes()
    assert all(_at_once(lanes.turn("cpo")) for _ in range(1000))


def test_a_partner_waits_for_what_it_announced_and_another_does_not() -> None:
    lanes = PartnerLanes()
    assert _at_once(lanes.turn("cpo", MEGABYTE))
    assert _at_once(lanes.turn("emsp"))
    begin = time.monotonic()
    asyncio.run(lanes.turn("cpo"))
    assert time.monotonic() - begin > 0.1
    assert _at_once(lanes.turn("cpo"))


def test_costly_decisions_are_paid_for_and_cheap_ones_are_not() -> None:
    # Its clock stands still: on a busy machine, a debt would be paid while the next body is decided.
    lanes = PartnerLanes(lambda: 0.0)
    for _ in range(1000):
        assert lanes.decide("emsp", PUT)[1].allowed
    assert not lanes.owes("emsp")
    for number in range(20):  # no two bodies are one: what was read of one would serve another
        assert not lanes.decide("cpo", replace(PUT, body=HOSTILE + b" " * number))[1].allowed
    assert lanes.owes("cpo")


def test_who_would_wait_too_long_is_refused_at_once() -> None:
    lanes = PartnerLanes()
    assert _at_once(lanes.turn("cpo", 32 * MEGABYTE))
    with pytest.raises(LaneFull):
        _at_once(lanes.turn("cpo"))
    assert lanes.waiting == 0
    assert _at_once(lanes.turn("emsp"))


def test_of_those_who_wait_together_one_comes_after_the_other() -> None:
    async def run() -> float:
        lanes = PartnerLanes()

        async def one() -> None:
            await lanes.turn("cpo", MEGABYTE // 4)

        begin = time.monotonic()
        await asyncio.gather(*(one() for _ in range(8)))
        return time.monotonic() - begin

    assert asyncio.run(run()) > 0.5


def test_refusals_of_calls_too_many_are_held_but_not_without_end() -> None:
    async def run() -> tuple[float, int]:
        lanes = PartnerLanes()
        begin = time.monotonic()
        held = [asyncio.create_task(lanes.hold("cpo")) for _ in range(600)]
        await asyncio.sleep(0)  # each begins
        at_once = sum(one.done() for one in held)
        await asyncio.gather(*held)
        return time.monotonic() - begin, at_once

    took, at_once = asyncio.run(run())
    assert took > 0.9
    assert at_once == 100


def test_a_refusal_that_took_long_already_is_held_for_the_rest_alone() -> None:
    async def run() -> float:
        begin = time.perf_counter()
        await PartnerLanes().hold("", already=10.0)
        return time.perf_counter() - begin

    assert asyncio.run(run()) < 1.0
