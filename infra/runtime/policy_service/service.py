"""From Envoy's question (HTTP ext_authz) to `hardening`'s decision, and back.

Envoy sends the call itself: its method, its path as sent, the headers that `envoy.yaml.j2` allows, its
body, and the address that it came from. Status 200 lets the call through; anything else is the answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from hardening import redact
from hardening.registry.partners import Partner
from hardening.requests import tokens
from hardening.requests.checks.body import LONG_BODY_BYTES, MOST_BODY_BYTES
from hardening.requests.client_key import client_key
from hardening.requests.decision import CALLER_CONTROLS
from hardening.requests.header_names import (
    ADMITTED_HEADER,
    CERTIFICATE_HEADER,
    LENGTH_HEADER,
    SOURCE_HEADER,
)
from hardening.requests.paths import without_stage
from hardening.requests.policy import Decision, decide, decide_call, refuse_crash
from hardening.requests.request import Credentials, Request
from hardening.requests.routes import match
from hardening.requests.trace import TRACE_HEADER
from hardening.rotation.records import OFFERED
from infra.runtime.http_service import HttpRequest, HttpResponse, log
from infra.runtime.policy_service import limits_reached
from infra.runtime.policy_service.asked_call import call_of
from infra.runtime.policy_service.decision_log import log_decision
from infra.runtime.policy_service.environment import HEALTH, METRICS
from infra.runtime.policy_service.hop_headers import hop_headers
from infra.runtime.policy_service.lanes import LaneFull, PartnerLanes
from infra.runtime.policy_service.metrics import Metrics
from infra.runtime.policy_service.rate_limits import RateLimits
from infra.runtime.policy_service.refusals import refused
from infra.runtime.policy_service.stores import credentials
from infra.runtime.policy_service.strangers import SourceBusy, Strangers
from infra.runtime.policy_service.token_cache import StoreBusy, TokenCache
from infra.runtime.policy_service.token_use import keep_first_use, note_use

# Those whose refusals are held together: who is nobody's partner.
_STRANGERS = ""
# Seconds until whoever was not recognised is answered: longer than the store takes.
_STRANGERS_WAIT = 0.05


class NoHopKey(Exception):
    """The key that proves to the service that a call came through the guard is not there yet."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The environment, its tokens, partners and strangers with their limits, lanes of bodies, a clock (UTC).

    `hop_key` signs what the service is told (`hardening.requests.hop_signature`); empty: nothing is signed,
    and nobody let through where it `must_sign`.
    `stage` is that of the API Gateway before the guard (`without_stage`); empty: there is none.
    """

    environment: str
    tokens: TokenCache
    partners: Mapping[str, Partner]
    limits: RateLimits
    lanes: PartnerLanes = field(default_factory=PartnerLanes)
    strangers: Strangers = field(default_factory=Strangers)
    metrics: Metrics = field(default_factory=Metrics)
    hop_key: bytes = b""
    must_sign: bool = False
    stage: str = ""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


async def answer(policy: Policy, asked: HttpRequest) -> HttpResponse:
    """The answer to one question of Envoy's: 200 with the partner's name, or a refusal as an OCPI envelope.

    It never raises: what goes wrong is a refusal (Envoy documentation, "External Authorization").
    """
    begin = time.perf_counter()
    if policy.stage:
        asked = replace(asked, target=without_stage(asked.target, policy.stage))
    try:
        if SOURCE_HEADER not in asked.headers:
            return await _own(policy, asked)
        request, decision = await _judged(policy, asked)
    except SourceBusy as busy:
        policy.metrics.shed("SourceBusy")
        # An issued token needs no look, another waits for one: neither shows, also where none is held.
        await policy.lanes.hold(_STRANGERS, time.perf_counter() - begin)
        await asyncio.sleep(begin + _STRANGERS_WAIT - time.perf_counter())
        return _refused_unknown(policy, asked, limits_reached.too_many_of_source(busy.seconds), begin)
    except StoreBusy:
        policy.metrics.shed("StoreBusy")
        log(level="warning", event="shed", kind="StoreBusy", path=_shown_path(asked))
        return _refused_unknown(policy, asked, limits_reached.STORE_BUSY, begin)
    except Exception as crash:  # the outer edge of this process: whatever happened, the call is refused
        return _crashed(policy, asked, crash, begin)
    if decision.allowed and LENGTH_HEADER in asked.headers:
        return HttpResponse(200, headers={ADMITTED_HEADER: "1"})
    took = time.perf_counter() - begin
    _count(policy, request, decision, took)
    log_decision(request, decision, took, policy.hop_key)
    if decision.allowed and request.credentials is not None:
        return await _let_through(policy, asked, request, request.credentials)
    if decision.http_status == 401:
        # An issued token may be in the cache, an unknown one is two reads: neither shows.
        await asyncio.sleep(begin + _STRANGERS_WAIT - time.perf_counter())
    elif decision.retry_after and request.credentials is not None:
        await policy.lanes.hold(request.credentials.partner.name)
    return refused(asked, decision)


async def _judged(policy: Policy, asked: HttpRequest) -> tuple[Request, Decision]:
    if policy.must_sign and not policy.hop_key:
        raise NoHopKey
    request = await _request(policy, asked)
    try:
        request, decision = await _decision(policy, asked, request)
    except LaneFull:
        policy.metrics.shed("LaneFull")
        decision = limits_reached.LANE_FULL
    if decision.http_status == 401:
        policy.strangers.count(request.source)
    return request, decision


async def _let_through(
    policy: Policy, asked: HttpRequest, request: Request, caller: Credentials
) -> HttpResponse:
    if caller.state == OFFERED:
        await keep_first_use(policy.tokens, request)
    note_use(policy.tokens, request)
    judged = replace(asked, body=request.body)
    told = hop_headers(policy.hop_key, judged, caller, policy.clock())
    if request.headers[TRACE_HEADER] != asked.headers.get(TRACE_HEADER):
        told[TRACE_HEADER] = request.headers[TRACE_HEADER]
    return HttpResponse(200, headers=told)


def _count(policy: Policy, request: Request, decision: Decision, seconds: float) -> None:
    partner = request.credentials.partner.name if request.credentials else ""
    policy.metrics.decided(partner, _module(request), decision.control, seconds)
    policy.metrics.read_as_agreed(partner, request.leniencies)


def _module(request: Request) -> str:
    """What a call is about; "" where its path is none of OCPI's."""
    found = match(request.method, request.path)
    return found.route.module if found else ""


async def _own(policy: Policy, asked: HttpRequest) -> HttpResponse:
    """What is asked of the service itself, not about a call: Envoy names the source of every call."""
    if (asked.method, asked.target) == ("GET", METRICS):
        counted = policy.metrics.text(
            store_reads=policy.tokens.reads,
            cache_hits=policy.tokens.hits,
            long_bodies=policy.lanes.waiting,
        )
        return HttpResponse(200, counted, {"content-type": "text/plain; version=0.0.4"})
    if (asked.method, asked.target) != ("GET", HEALTH):
        return HttpResponse(404)
    await policy.tokens.check()
    return HttpResponse(200, b'{"status":"serving"}')


async def _decision(policy: Policy, asked: HttpRequest, request: Request) -> tuple[Request, Decision]:
    """A call is counted once, and its body is not read for a caller who may not send it, or not now.

    With the decision comes the call that it is on: its body may be one that its contract made of what came.
    """
    if request.credentials is None:
        return request, decide_call(request)
    partner, module = request.credentials.partner, _module(request)
    admitted = ADMITTED_HEADER in asked.headers
    announced = asked.headers.get(LENGTH_HEADER)
    wait = 0 if admitted else policy.limits.seconds_until_next(partner, module)
    if wait or announced is not None:
        decision = decide_call(request)
    elif request.body:
        if policy.lanes.owes(partner.name):
            await policy.lanes.turn(partner.name)
        # Who stands behind us knows what was judged by its signature alone.
        request, decision = policy.lanes.decide(partner.name, request, as_agreed=bool(policy.hop_key))
    else:
        decision = decide(request)
    if admitted or decision.control in CALLER_CONTROLS:
        return request, decision
    # Refused calls of a known partner count too: each costs as much.
    wait = wait or policy.limits.seconds_to_wait(partner, module)
    if wait:
        return request, limits_reached.too_many_of_partner(wait)
    if announced is not None and decision.allowed:
        length = int(announced) or LONG_BODY_BYTES
        if length > MOST_BODY_BYTES:
            return request, limits_reached.BODY_TOO_LARGE
        await policy.lanes.turn(partner.name, length)
    return request, decision


async def _credentials(policy: Policy, authorization: str, key: str, source: str) -> Credentials | None:
    """See `tokens.credentials_of`, whose store does not wait. `key`: the client certificate's, or ""."""
    for reading in tokens.presented(authorization):
        digest = tokens.digest(reading.token)
        suspect = not policy.tokens.is_known(digest) and policy.strangers.is_busy(source)
        try:
            record = await policy.tokens.find(digest, suspect=suspect)
        except StoreBusy:
            # Where it is the source that asks for too much, it hears that.
            policy.strangers.look(source)
            raise
        found = credentials(record, policy.partners)
        if tokens.is_partners_own(reading, found, key):
            return found
    return None


def _crashed(policy: Policy, asked: HttpRequest, crash: Exception, begin: float) -> HttpResponse:
    log(level="error", event="crash", kind=type(crash).__name__, path=_shown_path(asked))
    if SOURCE_HEADER not in asked.headers:
        # A question about ourselves is no call, and no decision.
        return HttpResponse(503)
    policy.metrics.crashed()
    return _refused_unknown(policy, asked, refuse_crash(), begin)


def _refused_unknown(policy: Policy, asked: HttpRequest, decision: Decision, begin: float) -> HttpResponse:
    """Refuse a caller who was not looked up; the log of decisions has the call without a name."""
    call = call_of(asked, policy.environment, policy.clock())
    log_decision(call, decision, time.perf_counter() - begin, policy.hop_key)
    return refused(asked, decision)


async def _request(policy: Policy, asked: HttpRequest) -> Request:
    headers = asked.headers
    key = client_key(headers.get(CERTIFICATE_HEADER, ""))
    found = await _credentials(policy, headers.get("authorization", ""), key, headers[SOURCE_HEADER])
    return call_of(asked, policy.environment, policy.clock(), found)


def _shown_path(asked: HttpRequest) -> str:
    return redact.path(asked.target.partition("?")[0])
