"""A worker of the policy service: the registry that it follows, what it counts, says and keeps to itself."""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hardening.requests import tokens
from hardening.requests.header_names import CERTIFICATE_HEADER, LENGTH_HEADER, SOURCE_HEADER
from hardening.requests.samples import CPO, EMSP, ENVIRONMENT, NOW, PARTNERS, SOURCES, call, sample_token
from hardening.requests.trace import TRACE_HEADER, trace_id
from infra.lab.ports import free_port
from infra.runtime.functions.partners_file import dump
from infra.runtime.guard.registry import replace_file
from infra.runtime.http_service import HttpRequest, HttpResponse
from infra.runtime.policy_service.asked_call import call_of
from infra.runtime.policy_service.current_policy import REFUSED_FILE, CurrentPolicy
from infra.runtime.policy_service.followers import FollowerEnded, followed
from infra.runtime.policy_service.lanes import LaneFull
from infra.runtime.policy_service.rate_limits import RateLimits
from infra.runtime.policy_service.service import Policy, answer
from infra.runtime.policy_service.stores import MemoryTokenStore, TokenRecord
from infra.runtime.policy_service.token_cache import StoreBusy, TokenCache

EXPIRES = int((NOW + timedelta(days=1)).timestamp())
RECORD = TokenRecord(tokens.digest(sample_token(EMSP)), EMSP.name, "C", "active", ENVIRONMENT, EXPIRES)
GOOD = call("GET", "/ocpi/2.2.1/sender/locations")
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
ASKED = HttpRequest("GET", GOOD.path, {**GOOD.headers, SOURCE_HEADER: SOURCES[EMSP.name]}, b"")


def policy(store: MemoryTokenStore | None = None) -> Policy:
    """That of a worker of the samples' partners."""
    cache = TokenCache(store or MemoryTokenStore([RECORD]))
    by_name = {one.name: one for one in PARTNERS}
    return Policy(ENVIRONMENT, cache, by_name, RateLimits(PARTNERS), clock=lambda: NOW)


def test_it_follows_the_published_registry_and_alarms_while_a_newer_one_is_refused(tmp_path: Path) -> None:
    published = tmp_path / "partners.json"
    published.write_text(dump(PARTNERS), encoding="utf-8")

    async def run() -> None:
        own = policy()
        current = CurrentPolicy(own, str(published))
        following = asyncio.create_task(current.follow())

        async def until(holds: Callable[[], bool]) -> None:
            async with asyncio.timeout(20):
                while not holds():
                    await asyncio.sleep(0.05)

        try:
            replace_file(published, "[{}]")
            await until(lambda: own.metrics.registry_refused)
            assert (await current.answer(ASKED)).status == 200, "the one of before is served"
            replace_file(published, dump((CPO,)))
            await until(lambda: not own.metrics.registry_refused)
            assert (await current.answer(ASKED)).status == 401, "its partner has left"
            (tmp_path / REFUSED_FILE).touch()
            await until(lambda: own.metrics.registry_refused)
        finally:
            following.cancel()

    asyncio.run(run())


class _Shedding(TokenCache):
    """A cache that turns every look away."""

    async def find(self, digest: str, *, suspect: bool = False) -> TokenRecord | None:
        raise StoreBusy


class _Crashing(TokenCache):
    async def find(self, digest: str, *, suspect: bool = False) -> TokenRecord | None:
        raise LookupError(digest)


def _with(cache: type[TokenCache]) -> Policy:
    return replace(policy(), tokens=cache(MemoryTokenStore([RECORD])))


def _answers(own: Policy, asked: HttpRequest, times: int = 1) -> HttpResponse:
    async def run() -> HttpResponse:
        for _ in range(times - 1):
            await answer(own, asked)
        return await answer(own, asked)

    return asyncio.run(run())


def _counted(own: Policy) -> str:
    return own.metrics.text(store_reads=0, cache_hits=0, long_bodies=0).decode()


def test_calls_that_are_turned_away_are_told_when_to_come_again_and_counted() -> None:
    own = _with(_Shedding)
    busy = _answers(own, ASKED, times=3)
    assert (busy.status, busy.headers["retry-after"]) == (503, "1")
    assert 'rampart_guard_shed_total{reason="StoreBusy"} 3\n' in _counted(own)


def test_a_partner_whose_bodies_cost_too_much_is_told_when_to_come_again_and_counted() -> None:
    own = policy()

    async def full(partner: str, announced_bytes: int = 0) -> None:
        raise LaneFull

    own.lanes.turn = full  # type: ignore[method-assign]  # its lane is full
    put = call("PUT", "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-1", EMSP, {})
    headers = {**put.headers, SOURCE_HEADER: SOURCES[EMSP.name], LENGTH_HEADER: "100000"}
    refused = _answers(own, HttpRequest("PUT", put.path, headers, b""), times=2)
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    assert 'rampart_guard_shed_total{reason="LaneFull"} 2\n' in _counted(own)


def test_a_crash_is_a_refusal_whose_line_names_the_path_and_nothing_of_the_call(
    capsys: pytest.CaptureFixture[str],
) -> None:
    own = _with(_Crashing)
    asked = replace(ASKED, target="/ocpi/2.2.1/sender/locations?limit=5")
    assert _answers(own, asked).status == 500
    crash, decided = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (crash["event"], crash["kind"]) == ("crash", "LookupError")
    assert crash["path"] == "/ocpi/2.2.1/sender/locations"
    assert decided["http_request"]["url"] == {"path": "/ocpi/2.2.1/sender/locations"}
    assert "rampart_guard_crashes_total 1\n" in _counted(own)


def test_a_token_counts_with_its_partners_encoding_and_client_certificate_alone() -> None:
    held = replace(EMSP, client_certificate_in=("A" * 43 + "=",))
    needs = replace(policy(), partners={EMSP.name: held}, limits=RateLimits([held]))
    assert _answers(needs, ASKED).status == 401
    raw = {**ASKED.headers, "authorization": f"Token {sample_token(EMSP)}"}
    assert _answers(policy(), replace(ASKED, headers=raw)).status == 401
    own = replace(EMSP, auth_encoding="raw")
    takes_raw = replace(policy(), partners={EMSP.name: own}, limits=RateLimits([own]))
    assert _answers(takes_raw, replace(ASKED, headers=raw)).status == 200


def test_a_client_certificate_and_the_source_are_no_headers_of_the_call_that_is_judged() -> None:
    headers = {**ASKED.headers, CERTIFICATE_HEADER: "a-certificate", TRACE_HEADER: TRACE}
    judged = call_of(replace(ASKED, headers=headers), "test", NOW)
    assert judged.source == SOURCES[EMSP.name]
    assert dict(judged.headers) == {
        TRACE_HEADER: TRACE,
        **{name: value for name, value in ASKED.headers.items() if name != SOURCE_HEADER},
    }


def test_the_service_is_told_a_trace_that_began_here_and_no_other() -> None:
    own = policy()
    begun = _answers(own, ASKED).headers
    assert trace_id(begun)
    given = replace(ASKED, headers={**ASKED.headers, TRACE_HEADER: TRACE})
    assert TRACE_HEADER not in _answers(own, given).headers


@pytest.mark.parametrize("module", ["infra.runtime.policy_service.worker", "infra.runtime.policy_service"])
def test_a_wrong_setting_ends_it_with_2(
    module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAMPART_POLICY_PORT", "http")
    monkeypatch.setenv("RAMPART_ENVIRONMENT", "")
    name = module if module.endswith("worker") else f"{module}.__main__"
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(name, run_name="__main__")
    assert ended.value.code == 2
    assert json.loads(capsys.readouterr().out)["event"] == "settings"


_ENDS = """
import asyncio, sys
from infra.runtime.policy_service import worker

class Ends(worker.CurrentPolicy):
    async def follow(self):
        await asyncio.sleep(0.2)
        raise AttributeError("a defect")

worker.CurrentPolicy = Ends
sys.exit(worker.main())
"""


def test_a_worker_that_no_longer_follows_the_registry_says_so_and_ends(tmp_path: Path) -> None:
    published = tmp_path / "partners.json"
    published.write_text(dump(PARTNERS), encoding="utf-8")
    settings = {
        "RAMPART_ENVIRONMENT": ENVIRONMENT,
        "RAMPART_PARTNERS_FILE": str(published),
        "RAMPART_TOKEN_FILE": str(tmp_path / "tokens.sqlite"),
        "RAMPART_POLICY_PORT": str(free_port()),
    }
    ended = subprocess.run(
        [sys.executable, "-c", _ENDS],
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1
    said = [json.loads(line) for line in ended.stdout.splitlines()]
    assert said[-1] == {
        "level": "error",
        "event": "follower-ended",
        "follower": "registry",
        "kind": "AttributeError",
    }
    assert "Traceback" not in ended.stderr


def test_a_worker_whose_reports_fail_says_so_and_serves_on(capsys: pytest.CaptureFixture[str]) -> None:
    async def fails() -> None:
        raise OverflowError

    asyncio.run(followed("reports", fails(), ends_all=False))
    assert json.loads(capsys.readouterr().out)["event"] == "follower-ended"
    with pytest.raises(FollowerEnded):
        asyncio.run(followed("registry", fails()))
