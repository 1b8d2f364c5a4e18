"""The configuration modules, served by the guard in front of any OCPI service, which then needs none.

The policy service has decided before: the token is honoured, the route is the partner's, and the URL and the
parties of a Credentials object are those of its contract. A call without its signature is nobody's.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hardening.registry.partners import Partner
from hardening.requests.header_names import HOP_SIGNATURE_HEADER, TOKEN_HEADER
from hardening.requests.hop_signature import hop_of, is_genuine
from hardening.requests.routes import Match, match
from hardening.requests.statuses import BUSY, CLIENT_ERROR, CRASHED, INVALID_PARAMETERS, SUCCESS
from hardening.rotation.connection import Connection
from hardening.rotation.credentials_object import own_credentials
from hardening.rotation.receiver import Reply, serve
from hardening.rotation.records import Conflict
from infra.runtime.credentials.discovery import discovery
from infra.runtime.http_service import HttpRequest, HttpResponse, log

HEALTH = "/healthz"
_IDS = ("x-request-id", "x-correlation-id")
# How often a call is served anew where another one changes the same tokens in the same moment.
_TRIES = 5
# Exchanges of one partner that may wait for the one that is under way.
_MOST_WAITING = 4


@dataclass(slots=True)
class CredentialsService:
    """`origin` is the guard's own `https://host[:port]`; `roles` are ours, as in a Credentials object."""

    origin: str
    roles: tuple[Mapping[str, Any], ...]
    partners: Mapping[str, Partner]
    hop_key: bytes
    connection: Callable[[Partner], Connection]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    turns: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    waiting: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def answer(self, asked: HttpRequest) -> HttpResponse:
        """The answer to one call. It never raises: a defect is OCPI 3000."""
        if (asked.method, asked.target) == ("GET", HEALTH):
            return HttpResponse(200, b'{"status":"serving"}')
        try:
            reply = await self._reply(asked)
        except Exception as crash:  # the outer edge of one answer: nothing of it is told
            log(level="error", event="crash", kind=type(crash).__name__)
            reply = Reply(*CRASHED, detail="internal error")
        return self._response(reply, asked)

    async def _reply(self, asked: HttpRequest) -> Reply:
        partner = self._caller(asked)
        found = match(asked.method, asked.target.partition("?")[0])
        if partner is None:
            return Reply(401, CLIENT_ERROR, detail="no partner named by the guard")
        if found is None or found.route.module not in ("versions", "modules", "credentials"):
            return Reply(404, CLIENT_ERROR, detail="no configuration module")
        if found.operation is None:
            return Reply(405, CLIENT_ERROR, detail="no such method")
        if found.route.module != "credentials":
            data = discovery(self.origin, found, partner)
            if data is None:
                return Reply(404, CLIENT_ERROR, detail="no such role")
            return Reply(200, SUCCESS, data)
        return await self._exchange(asked, found, partner)

    def _caller(self, asked: HttpRequest) -> Partner | None:
        """Who calls, if it was the guard that said so."""
        hop = hop_of(asked.method, asked.target, asked.headers, asked.body)
        shown = asked.headers.get(HOP_SIGNATURE_HEADER, "")
        genuine = is_genuine(self.hop_key, hop, shown, int(self.clock().timestamp()))
        return self.partners.get(hop.partner) if genuine else None

    async def _exchange(self, asked: HttpRequest, found: Match, partner: Partner) -> Reply:
        """One exchange of a partner at a time; it waits for the partner's own answers, in a thread."""
        if self.waiting[partner.name] >= _MOST_WAITING:
            return Reply(*BUSY, detail="exchanges of this partner wait already")
        self.waiting[partner.name] += 1
        try:
            async with self.turns[partner.name]:
                reply = await asyncio.to_thread(self._serve, asked, found, partner)
        finally:
            self.waiting[partner.name] -= 1
        log(
            level="info" if reply.ocpi_status == SUCCESS else "warning",
            event="credentials",
            partner=partner.name,
            method=asked.method,
            status=reply.http_status,
            ocpi_status=reply.ocpi_status,
            detail=reply.detail,
        )
        return reply

    def _serve(self, asked: HttpRequest, found: Match, partner: Partner) -> Reply:
        try:
            body = json.loads(asked.body) if asked.body else None
        except ValueError:
            return Reply(400, INVALID_PARAMETERS, detail="no JSON")
        version, caller = found.route.version, asked.headers[TOKEN_HEADER]
        connection = self.connection(partner)
        for _ in range(_TRIES):
            with contextlib.suppress(Conflict):
                return serve(connection, self.ours(version), asked.method, caller, body, version)
        return Reply(*BUSY, detail="the tokens keep changing")

    def ours(self, version: str) -> dict[str, Any]:
        """Our Credentials object of this version, without the token."""
        return own_credentials(self.origin, self.roles, version)

    def _response(self, reply: Reply, asked: HttpRequest) -> HttpResponse:
        envelope: dict[str, Any] = {
            "status_code": reply.ocpi_status,
            "timestamp": self.clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        if reply.data is not None:
            envelope["data"] = reply.data
        if reply.detail:
            envelope["status_message"] = reply.detail
        ids = {name: asked.headers[name] for name in _IDS if asked.headers.get(name)}
        return HttpResponse(reply.http_status, json.dumps(envelope).encode(), ids)
