"""The memory of a policy service's worker over many calls, no two of them alike.

uv run pytest tests/benchmarks/test_guard_memory.py -s
RAMPART_CALLS=100000 uv run pytest tests/benchmarks/test_guard_memory.py -s      (a million take many minutes)
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from hardening.requests import tokens
from hardening.requests.header_names import SOURCE_HEADER
from hardening.requests.request import Request
from hardening.requests.sample_messages import CDR
from hardening.requests.samples import CPO, EMSP, SOURCES, call, sample_token
from infra.runtime.http_messages import HttpRequest
from infra.runtime.policy_service.rate_limits import RateLimits
from infra.runtime.policy_service.service import Policy, answer
from infra.runtime.policy_service.stores import MemoryTokenStore, TokenRecord
from infra.runtime.policy_service.token_cache import TokenCache

CALLS = int(os.environ.get("RAMPART_CALLS", "1000000"))
AT_ONCE = 1000
# What a worker may have grown by between the first tenth of the calls and the last.
MOST_GROWTH = 8 * 1024 * 1024


def _policy() -> Policy:
    partners = [replace(one, requests_per_minute=600_000, requests_per_day=50_000_000) for one in (EMSP, CPO)]
    records = [
        TokenRecord(tokens.digest(sample_token(one)), one.name, "C", "active", "test", 4_000_000_000)
        for one in partners
    ]
    named = {one.name: one for one in partners}
    return Policy("test", TokenCache(MemoryTokenStore(records)), named, RateLimits(partners))


def _asked(number: int) -> HttpRequest:
    """A list, an object, a CDR, a call that was not contracted, or a guess, each with its own ids.

    Each guess comes from a source of its own, as a source has a limit of them.
    """
    kind = number % 10
    if kind < 5:
        request = call("GET", f"/ocpi/2.2.1/sender/locations?offset={number}")
    elif kind < 7:
        request = call("GET", f"/ocpi/2.2.1/sender/locations/LOC-{number}")
    elif kind == 7:
        request = call("POST", "/ocpi/2.2.1/receiver/cdrs", CPO, {**CDR, "id": f"CDR-{number}"})
    else:
        request = call("GET", f"/ocpi/2.2.1/receiver/cdrs/CDR-{number}")
    headers = {**request.headers, SOURCE_HEADER: _source(request), "x-request-id": f"request-{number}"}
    if kind == 9:
        headers["authorization"] = tokens.header(f"guess-{number}")
        headers[SOURCE_HEADER] = str(ipaddress.IPv4Address(0x0A000000 + number % 2**24))
    target = f"{request.path}?{request.query}" if request.query else request.path
    return HttpRequest(request.method, target, headers, request.body)


def _source(request: Request) -> str:
    assert request.credentials is not None
    return SOURCES[request.credentials.partner.name]


# A million calls take longer than a test may.
@pytest.mark.timeout(7200)
def test_the_memory_of_a_worker_is_flat() -> None:
    process, seen, statuses = psutil.Process(), [], dict.fromkeys((200, 401, 403, 503), 0)

    async def run() -> None:
        policy = _policy()
        for begin in range(0, CALLS, AT_ONCE):
            asked = [answer(policy, _asked(number)) for number in range(begin, begin + AT_ONCE)]
            for one in await asyncio.gather(*asked):
                statuses[one.status] += 1
            if begin % (CALLS // 10) == 0:
                seen.append(process.memory_info().rss)

    # A million lines are a gigabyte.
    with Path(os.devnull).open("w") as log, contextlib.redirect_stdout(log):
        asyncio.run(run())
    shown = ", ".join(f"{size / 2**20:.0f}" for size in seen)
    print(f"\n{CALLS} calls ({statuses}): {shown} MiB resident after each tenth")
    assert statuses[200] >= CALLS * 0.7
    assert seen[-1] - seen[1] < MOST_GROWTH
