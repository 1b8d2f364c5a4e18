"""The policy service answers every question of Envoy's, and whatever goes wrong is a refusal."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardening.filter_patterns import matches
from hardening.registry.partners import ModuleRate
from hardening.requests import tokens
from hardening.requests.header_names import (
    ADMITTED_HEADER,
    HOP_SIGNATURE_HEADER,
    KIND_HEADER,
    OCPI_ERROR_MARK,
    PARTNER_HEADER,
    SOURCE_HEADER,
)
from hardening.requests.sample_messages import TOKEN
from hardening.requests.samples import CPO, EMSP, ENVIRONMENT, NOW, PARTNERS, SOURCES, call, sample_token
from hardening.requests.trace import TRACE_HEADER
from hardening.rotation.records import Change
from infra.lab.ports import free_port
from infra.observability.log_filters import task_filters
from infra.runtime.http_service import HttpRequest, HttpResponse
from infra.runtime.policy_service.current_policy import CurrentPolicy
from infra.runtime.policy_service.rate_limits import RateLimits
from infra.runtime.policy_service.service import Policy, answer
from infra.runtime.policy_service.stores import MemoryTokenStore, TokenRecord, TokenStore
from infra.runtime.policy_service.token_cache import TokenCache

RECORD = TokenRecord(
    digest=tokens.digest(sample_token(EMSP)),
    partner=EMSP.name,
    kind="C",
    state="active",
    environment=ENVIRONMENT,
    expires=int((NOW + timedelta(days=1)).timestamp()),
)
BY_NAME = {partner.name: partner for partner in PARTNERS}


def policy(store: TokenStore | None = None) -> Policy:
    """A policy service of its own: what it remembers is its event loop's."""
    return Policy(
        ENVIRONMENT,
        TokenCache(store or MemoryTokenStore([RECORD])),
        BY_NAME,
        RateLimits(PARTNERS),
        clock=lambda: NOW,
    )


GOOD = call("GET", "/ocpi/2.2.1/sender/locations")
ASKED = HttpRequest("GET", GOOD.path, {**GOOD.headers, SOURCE_HEADER: SOURCES[EMSP.name]}, b"")


def _answer(asked: HttpRequest, store: TokenStore | None = None) -> HttpResponse:
    return asyncio.run(answer(policy(store), asked))


def test_a_contracted_call_is_let_through_under_the_partners_name() -> None:
    response = _answer(ASKED)
    assert response.status == 200
    assert set(response.headers) == {PARTNER_HEADER, KIND_HEADER, TRACE_HEADER}
    assert (response.headers[PARTNER_HEADER], response.headers[KIND_HEADER]) == (EMSP.name, "C")


def test_the_source_is_what_envoy_says_and_nothing_else() -> None:
    elsewhere = replace(ASKED, headers={**ASKED.headers, SOURCE_HEADER: "192.0.2.1"})
    unsaid = replace(ASKED, headers={k: v for k, v in ASKED.headers.items() if k != SOURCE_HEADER})
    assert _answer(elsewhere).status == 401
    assert _answer(unsaid).status == 404, "a question that is not about a call"


def test_a_refusal_is_an_envelope_that_repeats_the_ids() -> None:
    refused = _answer(replace(ASKED, target="/ocpi/2.2.1/sender/hubclientinfo"))
    body = json.loads(refused.body)
    assert refused.status == 403
    assert body["status_code"] == 2000
    assert body["status_message"] == "refused: module-contracted"
    assert refused.headers["x-request-id"] == GOOD.headers["x-request-id"]


def test_who_has_no_token_does_not_learn_which_control_refused() -> None:
    for authorization in ("", "Bearer x", tokens.header("unknown")):
        headers = {**ASKED.headers, "authorization": authorization}
        refused = _answer(replace(ASKED, headers=headers))
        assert refused.status == 401
        assert json.loads(refused.body)["status_message"] == "authentication required"


def test_an_ocpi_error_is_never_200_towards_envoy() -> None:
    put = call("PUT", "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-1", EMSP, {"uid": "CARD-1"})
    asked = HttpRequest("PUT", put.path, {**put.headers, SOURCE_HEADER: SOURCES[EMSP.name]}, put.body)
    assert _answer(asked).status == OCPI_ERROR_MARK


class _Broken:
    """A store that cannot be reached."""

    def find(self, digest: str) -> TokenRecord | None:
        raise ConnectionError(f"no route to the store while looking for {digest}")

    def put(self, record: TokenRecord) -> None:
        raise ConnectionError

    def apply(self, changes: Iterable[Change]) -> None:
        raise ConnectionError

    def note_use(self, digest: str, at: int) -> None:
        raise ConnectionError


def test_the_first_call_with_an_offered_token_retires_the_one_before() -> None:
    old = replace(RECORD, digest="0" * 64)
    store = MemoryTokenStore([old, replace(RECORD, state="offered", replaces=old.digest)])
    assert _answer(ASKED, store).status == 200
    new, before = store.find(RECORD.digest), store.find(old.digest)
    assert new is not None
    assert before is not None
    assert (new.state, before.state) == ("active", "retiring")


def test_a_partner_that_reads_our_versions_with_a_token_need_not_have_kept_it() -> None:
    """It does so amid our PUT, and may answer 500 then: it holds the old token alone."""
    old = replace(RECORD, digest="0" * 64)
    for path in ("/ocpi/versions", "/ocpi/2.2.1"):
        store = MemoryTokenStore([old, replace(RECORD, state="offered", replaces=old.digest)])
        made = call("GET", path, EMSP)
        asked = HttpRequest("GET", made.path, {**made.headers, SOURCE_HEADER: SOURCES[EMSP.name]}, b"")
        assert _answer(asked, store).status == 200
        assert store.find(old.digest) == old


class _ReadOnly(MemoryTokenStore):
    def apply(self, changes: Iterable[Change]) -> None:
        raise ConnectionError


def test_a_store_that_cannot_keep_the_first_use_costs_no_call(capsys: pytest.CaptureFixture[str]) -> None:
    old = replace(RECORD, digest="0" * 64)
    store = _ReadOnly([old, replace(RECORD, state="offered", replaces=old.digest)])
    assert _answer(ASKED, store).status == 200
    assert '"event":"first-use-not-kept"' in capsys.readouterr().out


def test_a_call_that_is_let_in_is_noted_and_one_that_is_refused_is_not() -> None:
    for asked, noted in ((ASKED, True), (HttpRequest("PUT", ASKED.target, ASKED.headers, b""), False)):
        store = MemoryTokenStore([RECORD])
        _answer(asked, store)
        # The call did not wait for it.
        end = time.monotonic() + (5.0 if noted else 0.2)
        while _used(store) is not noted and time.monotonic() < end:
            time.sleep(0.01)
        assert _used(store) is noted


def _used(store: MemoryTokenStore) -> bool:
    found = store.find(RECORD.digest)
    return found is not None and bool(found.used)


def test_a_store_that_does_not_answer_refuses_the_call(capsys: pytest.CaptureFixture[str]) -> None:
    refused = _answer(ASKED, _Broken())
    assert refused.status == 500
    assert json.loads(refused.body)["status_code"] == 3000
    crash, decision = map(json.loads, capsys.readouterr().out.splitlines())
    assert crash["event"] == "crash"
    group: Any = None
    assert [one.name for one in task_filters(group, group) if matches(one.pattern, crash)] == ["guard-crash"]
    assert not [one.name for one in task_filters(group, group) if matches(one.pattern, decision)]
    assert (decision["class_uid"], decision["api"]["response"]["code"]) == (6003, 500)
    assert decision["actor"] == {"user": {"name": "", "type_id": 0}}
    assert tokens.digest(sample_token(EMSP)) not in str((crash, decision))


def test_a_refusal_is_logged_with_its_control_and_without_a_secret(
    capsys: pytest.CaptureFixture[str],
) -> None:
    put = call("PUT", "/ocpi/2.2.1/receiver/tokens/NL/ZZZ/04A2B3C4", EMSP, {})
    asked = HttpRequest("PUT", put.path, {**put.headers, SOURCE_HEADER: SOURCES[EMSP.name]}, put.body)
    _answer(asked)
    line = capsys.readouterr().out
    logged = json.loads(line)
    assert logged["policy"] == {"uid": "url-party-belongs-to-partner"}
    assert logged["actor"]["user"]["name"] == EMSP.name
    assert "04A2B3C4" not in line, "a card is a person's"
    for secret in (sample_token(EMSP), tokens.encoded(sample_token(EMSP))):
        assert secret not in line


def test_more_calls_of_one_module_than_contracted_are_429() -> None:
    partner = replace(EMSP, module_rates=(ModuleRate("locations", 2, 60, 1000),))
    one = replace(policy(), partners={partner.name: partner}, limits=RateLimits([partner]))

    async def ask(path: str) -> int:
        return (await answer(one, replace(ASKED, target=path))).status

    async def run() -> list[int]:
        locations = ["/ocpi/2.2.1/sender/locations"] * 3
        return [await ask(path) for path in (*locations, "/ocpi/2.2.1/sender/tariffs")]

    assert asyncio.run(run()) == [200, 200, 429, 200]


def test_more_calls_than_contracted_are_429_until_the_time_that_it_says() -> None:
    own = policy()

    async def ask(asked: HttpRequest) -> HttpResponse:
        return await answer(own, asked)

    async def run() -> None:
        burst = EMSP.requests_per_minute // 6
        refused = replace(ASKED, target="/ocpi/2.2.1/sender/hubclientinfo")
        assert [(await ask(refused)).status for _ in range(10)] == [403] * 10
        answers = await asyncio.gather(*(ask(ASKED) for _ in range(burst + 20)))
        assert [one.status for one in answers[: burst - 10]] == [200] * (burst - 10)
        last = answers[-1]
        assert (last.status, last.headers["retry-after"]) == (429, "1")
        assert json.loads(last.body)["status_message"] == "refused: plan-per-partner"
        elsewhere = replace(ASKED, headers={**ASKED.headers, SOURCE_HEADER: "192.0.2.1"})
        assert (await ask(elsewhere)).status == 401, "a stranger learns nothing of the partner's rate"

    asyncio.run(run())


def _post(**headers: str) -> HttpRequest:
    body = call("PUT", "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-1", EMSP, TOKEN)
    own = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpRequest(
        "PUT", body.path, {**body.headers, SOURCE_HEADER: SOURCES[EMSP.name], **own}, body.body
    )


def test_a_long_body_is_admitted_before_it_is_read_and_the_call_is_counted_once() -> None:
    own = policy()

    async def run() -> None:
        before = own.limits.seconds_until_next(EMSP)
        for _ in range(EMSP.requests_per_minute // 6 - 5):
            first = await answer(own, replace(_post(x_rampart_length="20000"), body=b""))
            assert (first.status, first.headers) == (200, {ADMITTED_HEADER: "1"})
            second = await answer(own, _post(x_rampart_admitted="1"))
            assert second.headers[PARTNER_HEADER] == EMSP.name
        assert before == own.limits.seconds_until_next(EMSP) == 0

    asyncio.run(run())


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"x_rampart_length": "0600000"}, 413),
        ({"x_rampart_length": "20000", "authorization": ""}, 401),
        ({"x_rampart_length": "20000", "content_type": "text/xml"}, 415),
        ({"x_rampart_length": "20000", "x_http_method": "GET"}, 400),
    ],
)
def test_who_may_not_send_a_long_body_is_refused_before_it_is_read(
    changes: dict[str, str], status: int
) -> None:
    assert _answer(replace(_post(**changes), body=b"")).status == status


def test_an_admitted_body_is_judged_like_any_other() -> None:
    broken = replace(_post(x_rampart_admitted="1"), body=b'{"uid":')
    assert _answer(broken).status == 400
    stranger = replace(_post(x_rampart_admitted="1", authorization="Token eA=="))
    assert _answer(stranger).status == 401


def test_who_calls_too_often_has_no_body_read() -> None:
    own = replace(policy(), limits=RateLimits(PARTNERS, clock=lambda: 0.0))
    hostile = replace(_post(), body=b'{"x":[' + b",".join([b"{}"] * 3000) + b"]}")

    async def run() -> float:
        await asyncio.gather(*(answer(own, ASKED) for _ in range(EMSP.requests_per_minute // 6 + 5)))
        begin = time.process_time()
        answers = await asyncio.gather(*(answer(own, hostile) for _ in range(100)))
        assert {one.status for one in answers} == {429}
        return time.process_time() - begin

    assert asyncio.run(run()) < 0.2


def test_strangers_with_a_partners_token_use_up_nothing_of_its_rate() -> None:
    own = policy()
    elsewhere = replace(ASKED, headers={**ASKED.headers, SOURCE_HEADER: "192.0.2.1"})

    async def run() -> None:
        answers = await asyncio.gather(*(answer(own, elsewhere) for _ in range(300)))
        assert {one.status for one in answers} == {401}
        assert (await answer(own, ASKED)).status == 200

    asyncio.run(run())


def test_it_counts_decisions_by_partner_module_and_control() -> None:
    own = policy()
    nobody = replace(ASKED, headers={**ASKED.headers, "authorization": 'Token x"} 1'})

    async def run() -> str:
        for asked in (ASKED, ASKED, nobody, replace(ASKED, target="/ocpi/2.2.1/sender/hubclientinfo")):
            await answer(own, asked)
        counted = await answer(own, HttpRequest("GET", "/metrics", {}, b""))
        assert counted.headers["content-type"] == "text/plain; version=0.0.4"
        return counted.body.decode()

    text = asyncio.run(run())
    name = "rampart_guard_decisions_total"
    assert f'{name}{{partner="example-emsp",module="locations",control=""}} 2\n' in text
    assert f'{name}{{partner="example-emsp",module="hubclientinfo",control="module-contracted"}} 1\n' in text
    assert f'{name}{{partner="",module="locations",control="token-' in text
    assert "rampart_guard_decision_seconds_count 4\n" in text
    assert 'rampart_guard_decision_seconds_bucket{le="+Inf"} 4\n' in text
    assert sample_token(EMSP) not in text


def test_what_is_not_counted_yet_is_zero() -> None:
    counted = _answer(HttpRequest("GET", "/metrics", {}, b"")).body.decode()
    assert "rampart_guard_crashes_total 0\n" in counted
    assert "rampart_guard_long_bodies 0\n" in counted


def test_it_says_that_it_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert _answer(HttpRequest("GET", "/healthz", {}, b"")).status == 200
    capsys.readouterr()
    assert _answer(HttpRequest("GET", "/healthz", {}, b""), _Broken()).status == 503
    assert "class_uid" not in capsys.readouterr().out, "a question about the service is no decision on a call"


@pytest.mark.parametrize("target", ["/healthz", "/metrics"])
def test_a_call_is_never_taken_for_a_question_about_health(target: str) -> None:
    assert _answer(replace(ASKED, target=target)).status == 404
    assert _answer(HttpRequest("GET", target, {SOURCE_HEADER: ""}, b"")).status == 403


@settings(max_examples=150, deadline=None)
@given(
    method=st.text(max_size=8),
    target=st.text(max_size=40),
    headers=st.dictionaries(st.sampled_from([*ASKED.headers, "x-other"]), st.text(max_size=30)),
    body=st.binary(max_size=60),
)
def test_any_question_gets_an_answer_and_none_but_a_known_caller_gets_through(
    method: str, target: str, headers: dict[str, str], body: bytes
) -> None:
    response = _answer(HttpRequest(method, target, {SOURCE_HEADER: SOURCES[EMSP.name], **headers}, body))
    assert response.status >= 400


def test_nobody_is_let_through_before_there_is_a_key_to_sign_with() -> None:
    async def asked() -> list[HttpResponse]:
        keys = [b"", b"", bytes(range(32))]
        waiting = replace(policy(), must_sign=True)
        current = CurrentPolicy(waiting, "", lambda: keys.pop(0) if len(keys) > 1 else keys[0])
        refused = await current.answer(ASKED)
        following = asyncio.create_task(current.follow_key())
        async with asyncio.timeout(10):
            while (served := await current.answer(ASKED)).status != 200:
                await asyncio.sleep(0.05)
        following.cancel()
        return [refused, served]

    refused, served = asyncio.run(asked())
    assert refused.status >= 500
    assert HOP_SIGNATURE_HEADER in served.headers


def test_a_key_that_cannot_be_read_leaves_the_one_that_is_known() -> None:
    def unreadable() -> bytes:
        raise OSError("no way to Secrets Manager")

    async def asked() -> HttpResponse:
        signing = replace(policy(), must_sign=True, hop_key=bytes(range(32)))
        current = CurrentPolicy(signing, "", unreadable)
        following = asyncio.create_task(current.follow_key())
        await asyncio.sleep(0.1)
        assert not following.done()
        following.cancel()
        return await current.answer(ASKED)

    assert asyncio.run(asked()).status == 200


def test_a_record_of_a_partner_who_left_the_registry_is_nobodys_token() -> None:
    assert _answer(ASKED, MemoryTokenStore([replace(RECORD, partner="somebody-who-left")])).status == 401


def _started(changes: dict[str, str]) -> subprocess.CompletedProcess[str]:
    settings = {
        "RAMPART_ENVIRONMENT": "test",
        "RAMPART_PARTNERS": "partners",
        "RAMPART_TOKEN_TABLE": "tokens",
        "RAMPART_POLICY_PORT": str(free_port()),
        "AWS_REGION": "eu-central-1",
    }
    return subprocess.run(
        [sys.executable, "-m", "infra.runtime.policy_service"],
        env={**os.environ, **settings, **changes},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"RAMPART_ENVIRONMENT": ""}, "RAMPART_ENVIRONMENT: expected a value"),
        ({"RAMPART_ENVIRONMENT": "production"}, "no partner of the environment 'production'"),
        ({"RAMPART_PARTNERS": "nowhere"}, "at least one partner file"),
        ({"RAMPART_POLICY_PORT": "http"}, "expected a port number"),
        ({"RAMPART_POLICY_WORKERS": "0"}, "RAMPART_POLICY_WORKERS: expected 1 to 64"),
        ({"RAMPART_TOKEN_TABLE": ""}, "RAMPART_TOKEN_TABLE: expected a value"),
        ({"RAMPART_TOKEN_FILE": "nowhere/tokens"}, "no token store"),
        ({"RAMPART_REGISTRY": ""}, "RAMPART_REGISTRY: expected s3://BUCKET/KEY?versionId=VERSION"),
        ({"RAMPART_REGISTRY": "s3://registry/partners.json"}, "?versionId=VERSION"),
        ({"RAMPART_GUARD_TASKS": "none"}, "the number of guard tasks"),
    ],
)
def test_a_wrong_setting_is_one_line_and_exit_code_2(changes: dict[str, str], expected: str) -> None:
    ended = _started(changes)
    assert ended.returncode == 2
    assert expected in json.loads(ended.stdout)["detail"]
    assert "Traceback" not in ended.stderr


def test_the_other_example_partner_has_no_token_here() -> None:
    headers = {**ASKED.headers, "authorization": tokens.header(sample_token(CPO))}
    assert _answer(replace(ASKED, headers=headers)).status == 401
    assert Path("partners", f"{CPO.name}.yaml").exists()
