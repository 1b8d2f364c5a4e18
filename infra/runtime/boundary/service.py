"""From a call that the guard let through to the service's answer: counted once, and judged before it leaves.

It fails closed, both ways: without the ledger no message is delivered, and what cannot be judged stays here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, TypeVar

from hardening import redact
from hardening.answers.alarms import ALARM, CRASH, ONCE, OWN_SESSIONS
from hardening.answers.answered import Answered
from hardening.answers.commanded import Commanded, commanded_by
from hardening.answers.passing import Passed, passed_on
from hardening.answers.pseudonyms import Pseudonyms
from hardening.ledger.entry import Answer
from hardening.ledger.messages import Message, message_of
from hardening.ledger.steps import Contradiction, Repeat, Wait
from hardening.registry.partners import Partner
from hardening.requests.agreed_body import agreed_body
from hardening.requests.header_names import HOP_SIGNATURE_HEADER, IDEMPOTENCY_HEADER, PARTNER_HEADER
from hardening.requests.hop_signature import Hop, hop_of
from hardening.requests.statuses import (
    BUSY,
    OCPI_ERROR,
    SERVER_ERROR,
    UNAUTHENTICATED,
    Refusal,
)
from infra.runtime.boundary.deliveries import Deliveries, Reservation
from infra.runtime.boundary.own_sessions import OwnSessions, SessionsUnknown
from infra.runtime.boundary.service_client import ServiceClient, ServiceSilent
from infra.runtime.http_messages import HttpRequest, HttpResponse, log

_Done = TypeVar("_Done")
HEALTH: Final = "/healthz"
# Of a connection, not of a call (RFC 9110, 7.6.1).
_OF_THE_HOP = ("connection", "keep-alive", "transfer-encoding", "content-length", "te", "upgrade", "trailer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """`is_genuine` knows the guard's signature; `ledger_threads` are where steps of the ledger wait.

    `our_hosts` are the gateway's names. `pseudonyms` stand for our drivers where they are closed to a
    partner. `remove_foreign`: a list passes without foreign objects, instead of not at all.
    """

    partners: Mapping[str, Partner]
    is_genuine: Callable[[Hop, str, int], bool]
    service: ServiceClient
    deliveries: Deliveries
    ledger_threads: Executor
    our_hosts: frozenset[str]
    pseudonyms: Pseudonyms
    own_sessions: OwnSessions
    remove_foreign: bool = False
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def answer(self, asked: HttpRequest) -> HttpResponse:
        """The answer to one call. It never raises: what goes wrong is a refusal."""
        try:
            if (asked.method, asked.target) == ("GET", HEALTH):
                return HttpResponse(200 if await self.service.is_there() else 503)
            return await self._served(asked)
        except ServiceSilent as silent:
            path = redact.path(asked.target.partition("?")[0])
            log(level="error", event="service-silent", detail=str(silent), path=path)
            return self._refused(BUSY, "the service gave no answer")
        except Exception as crash:  # the outer edge of this process: whatever happened, nothing is passed on
            path = redact.path(asked.target.partition("?")[0])
            log(level="error", event=CRASH, kind=type(crash).__name__, path=path)
            return self._refused(BUSY, "the call could not be served")

    async def _served(self, asked: HttpRequest) -> HttpResponse:
        partner = self.partners.get(asked.headers.get(PARTNER_HEADER, ""))
        judged = self._as_judged(partner, asked) if partner is not None else None
        if partner is None or judged is None:
            return self._refused(UNAUTHENTICATED, "not called by the guard")
        asked = judged
        path, again = asked.target.partition("?")[0], asked.headers.get(IDEMPOTENCY_HEADER, "")
        wanted = commanded_by(asked.method, path, asked.body)
        if wanted is not None:
            refused = await self._not_its_session(partner, asked, wanted)
            if refused is not None:
                return refused
        message = message_of(partner.name, asked.method, path, asked.body, again)
        if message is None:
            return _response(await self._delivered(partner, asked))
        return await self._once(partner, asked, message)

    def _as_judged(self, partner: Partner, asked: HttpRequest) -> HttpRequest | None:
        """The call that the guard signed: as it came, or with the body that the contract makes of it.

        None: neither. Nothing but what was judged is counted and delivered.
        """
        if self._is_genuine(asked):
            return asked
        path = asked.target.partition("?")[0]
        agreed = agreed_body(partner, asked.method, path, asked.body)
        read = replace(asked, body=agreed.body) if agreed else asked
        return read if agreed and self._is_genuine(read) else None

    def _is_genuine(self, asked: HttpRequest) -> bool:
        hop = hop_of(asked.method, asked.target, asked.headers, asked.body)
        shown = asked.headers.get(HOP_SIGNATURE_HEADER, "")
        return self.is_genuine(hop, shown, int(self.clock().timestamp()))

    async def _not_its_session(
        self, partner: Partner, asked: HttpRequest, wanted: Commanded
    ) -> HttpResponse | None:
        """The refusal of a command for somebody else's session, or for one of which nobody can tell."""
        try:
            its = await self.own_sessions.has(partner, wanted, asked.headers, self.clock())
        except SessionsUnknown as unknown:
            self._alarm(partner, asked, OWN_SESSIONS, str(unknown))
            return self._refused(BUSY, "nobody can tell now whose session it is")
        if its:
            return None
        # Not a word on whether there is such a session.
        self._alarm(partner, asked, OWN_SESSIONS, "a command for no session of its own")
        return self._refused(OCPI_ERROR, "no session of yours")

    async def _once(self, partner: Partner, asked: HttpRequest, message: Message) -> HttpResponse:
        step = await self._in_thread(lambda: self.deliveries.arrive(message))
        if isinstance(step, Repeat):
            log(level="info", event="repeated", partner=partner.name, kind=message.kind)
            location = {"location": step.answer.location} if step.answer.location else {}
            return HttpResponse(step.answer.status, step.answer.body, location)
        if isinstance(step, Wait):
            later = {"retry-after": str(step.seconds)}
            return self._refused(BUSY, "this message is being delivered", later)
        if isinstance(step, Contradiction):
            self._alarm(partner, asked, ONCE, step.detail, kind=message.kind)
            return self._refused(OCPI_ERROR, step.detail)
        return await self._reserved(partner, asked, step)

    async def _reserved(self, partner: Partner, asked: HttpRequest, step: Reservation) -> HttpResponse:
        try:
            passed = await self._delivered(partner, asked)
        except ServiceSilent:
            # It may have it: only the same message may come, from now on.
            await self._in_thread(lambda: self.deliveries.leave(step))
            raise
        if not passed.counted and (passed.status >= 500 or _status_of(passed) >= SERVER_ERROR):
            await self._in_thread(lambda: self.deliveries.leave(step))
            return _response(passed)
        answer = Answer(passed.status, passed.headers.get("location", ""), passed.body)
        timeout = _timeout_of(passed)
        await self._in_thread(
            lambda: self.deliveries.settle(step, answer, counted=passed.counted, timeout=timeout)
        )
        return _response(passed)

    async def _delivered(self, partner: Partner, asked: HttpRequest) -> Passed:
        """The service's answer, as far as it may leave. Raises ServiceSilent."""
        headers = {name: value for name, value in asked.headers.items() if name not in _OF_THE_HOP}
        if asked.body or asked.method in ("POST", "PUT", "PATCH"):
            headers["content-length"] = str(len(asked.body))
        got = await self.service.call(asked.method, asked.target, headers, asked.body)
        answered = Answered(
            partner=partner,
            method=asked.method,
            path=asked.target.partition("?")[0],
            status=got.status,
            headers=got.headers,
            body=got.body,
            our_hosts=self.our_hosts,
        )
        passed = passed_on(answered, remove_foreign=self.remove_foreign, pseudonyms=self.pseudonyms)
        if passed.control:
            self._alarm(partner, asked, passed.control, "in an answer of the service", removed=passed.removed)
        if passed.minimised:
            log(level="info", event="minimised", partner=partner.name, objects=passed.minimised)
        if not passed.body:
            body = envelope(SERVER_ERROR, "the answer may not leave", self.clock())
            return Passed(passed.status, {}, body, passed.counted, passed.control, passed.removed)
        return passed

    def _alarm(self, partner: Partner, asked: HttpRequest, control: str, detail: str, **more: object) -> None:
        path = redact.path(asked.target.partition("?")[0])
        values = {"partner": partner.name, "control": control, "path": path, "detail": detail, **more}
        log(level="error", event=ALARM, method=asked.method, **values)

    async def _in_thread(self, step: Callable[[], _Done]) -> _Done:
        return await asyncio.get_running_loop().run_in_executor(self.ledger_threads, step)

    def _refused(
        self, refusal: Refusal, message: str, headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        body = envelope(refusal.ocpi_status, message, self.clock())
        return HttpResponse(refusal.http_status, body, headers or {})


def envelope(code: int, message: str, now: datetime) -> bytes:
    """OCPI's envelope of an answer that is ours."""
    time = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps({"status_code": code, "status_message": message, "timestamp": time}).encode()


def _response(passed: Passed) -> HttpResponse:
    return HttpResponse(passed.status, passed.body, passed.headers)


def _status_of(passed: Passed) -> int:
    code = json.loads(passed.body).get("status_code")
    return code if isinstance(code, int) else SERVER_ERROR


def _timeout_of(passed: Passed) -> object:
    """What the answer to a command says of how long its sender waits."""
    data = json.loads(passed.body).get("data")
    return data.get("timeout") if isinstance(data, dict) else None
