"""From a caller's request to a partner's answer: who asks, where to, with which token, and what came back."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from hardening import redact
from hardening.egress.callers import FATE_HEADER, Asked, Caller, Fate, caller_of
from hardening.egress.headers import outgoing
from hardening.egress.target import Refused, Target, target_of
from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.requests import tokens
from hardening.rotation.connection import OUTBOUND, Secret, Stage, Vault
from infra.runtime.egress.partner_client import PartnerAnswer, PartnerClient, Unanswered
from infra.runtime.http_service import HttpRequest, HttpResponse, log

HEALTH = "/healthz"
# How old a partner's token may be that we send: a rotation is noticed after this, or at the first 401.
_FRESH_SECONDS = 5.0
# How long a certificate that was renewed is still shown.
_SHOWN_SECONDS = 60.0

# Our callers by name; True: with keys that may have been made since they were looked up.
CallersNow = Callable[[bool], Awaitable[Mapping[str, Caller]]]


def always(callers: Mapping[str, Caller]) -> CallersNow:
    """Callers whose keys stay as they are."""

    async def now(_newer: bool) -> Mapping[str, Caller]:
        return callers

    return now


@dataclass(slots=True)
class Egress:
    """Callers and partners of one environment by name; the vault and the client of each partner.

    `certificate` reads one that we show partners (PEM, with its key) by its name; it raises ConfigError.
    """

    partners: Mapping[str, Partner]
    callers: CallersNow
    vault: Callable[[str], Vault]
    client: Callable[[Partner, str], PartnerClient]
    certificate: Callable[[str], str]
    clock: Callable[[], float] = time.time
    clients: dict[str, tuple[Partner, str, PartnerClient]] = field(default_factory=dict)
    known: dict[str, tuple[float, Secret]] = field(default_factory=dict)
    shown: dict[str, tuple[float, str]] = field(default_factory=dict)

    async def answer(self, asked: HttpRequest) -> HttpResponse:
        """The partner's answer, or why there is none, as the header `x-rampart-egress` says.

        It never raises: a defect is a refusal, and nothing of it is told.
        """
        if (asked.method, asked.target) == ("GET", HEALTH):
            return HttpResponse(200, b'{"status":"serving"}')
        began = self.clock()
        call = Asked(asked.method, asked.target, asked.headers, asked.body)
        caller = asked.headers.get("x-rampart-caller", "")[:40]
        try:
            caller = (await self._caller(call, int(began))).name
            target = target_of(asked.target, self.partners)
            answered = await self._call(call, target)
        except Refused as refused:
            fate = (refused.status, Fate.REFUSED, refused.control, refused.detail)
        except Unanswered as lost:
            status, word = (502, Fate.IN_DOUBT) if lost.sent else (503, Fate.UNSENT)
            fate = (status, word, "", lost.detail)
        except Exception as crash:  # the outer edge of one answer: nothing of it is told
            fate = (500, Fate.IN_DOUBT, "", type(crash).__name__)
        else:
            _log(caller, call, answered.status, Fate.ANSWERED, seconds=self.clock() - began)
            return HttpResponse(
                answered.status, answered.body, {**answered.headers, FATE_HEADER: Fate.ANSWERED}
            )
        status, word, control, detail = fate
        _log(caller, call, status, word, control=control, detail=detail, seconds=self.clock() - began)
        body = json.dumps({"fate": word, "control": control, "detail": detail}).encode()
        return HttpResponse(status, body, {FATE_HEADER: word})

    async def close(self) -> None:
        """End all connections to partners."""
        for _, _, client in self.clients.values():
            await client.close()

    async def _caller(self, call: Asked, now: int) -> Caller:
        """Who calls, with a key that is known or was just made. Raises Refused."""
        try:
            return caller_of(await self.callers(False), call, now)
        except Refused as refused:
            if refused.status != 401:
                raise
        return caller_of(await self.callers(True), call, now)

    async def _call(self, call: Asked, target: Target) -> PartnerAnswer:
        partner, own = target.partner, call.headers.get("authorization", "")
        authorization = own or await self._authorization(partner)
        headers = outgoing(call.headers, authorization)
        client = await self._client(partner)
        answer = await client.call(target, call.method, headers, call.body, once=bool(own))
        if answer.status == 401:
            self.known.pop(partner.name, None)
        return answer

    async def _client(self, partner: Partner) -> PartnerClient:
        """The partner's client; a new one where its contract or our certificate has changed.

        Raises Unanswered where the contract's certificates cannot be used: nothing was sent.
        """
        try:
            shown = await self._shown(partner.client_certificate_out)
            contract, before, client = self.clients.get(partner.name, (None, "", None))
            if client is None or (contract, before) != (partner, shown):
                self.clients[partner.name] = (partner, shown, self.client(partner, shown))
                if client is not None:
                    await client.retire()
        except ConfigError as error:
            raise Unanswered(error.message, sent=False) from None
        return self.clients[partner.name][2]

    async def _shown(self, name: str) -> str:
        """The certificate of this name as it was within the last minute, "" where none is contracted."""
        if not name:
            return ""
        now = self.clock()
        read, text = self.shown.get(name, (0.0, ""))
        if not text or not 0 <= now - read < _SHOWN_SECONDS:
            text = await asyncio.to_thread(self.certificate, name)
            self.shown[name] = (now, text)
        return text

    async def _authorization(self, partner: Partner) -> str:
        """The header with our current token for the partner. Raises Refused before it is registered."""
        now = self.clock()
        read, secret = self.known.get(partner.name, (0.0, None))
        if secret is None or not 0 <= now - read < _FRESH_SECONDS:
            vault = self.vault(partner.name)
            secret = await asyncio.to_thread(vault.read, OUTBOUND, Stage.CURRENT)
            if secret is None or not secret.registered:
                raise Refused("egress-hosts-listed", "no registration with this partner", 409)
            self.known[partner.name] = (now, secret)
        return tokens.header(secret.token, partner.auth_encoding)


def _log(caller: str, call: Asked, status: int, fate: Fate, **more: object) -> None:
    """One line a call, without a token: neither ours nor a driver's."""
    path = redact.path(call.path.partition("?")[0])
    ids = {"request_id": call.headers.get("x-request-id", "")[:128]}
    log(event="egress", caller=caller, method=call.method, path=path, status=status, fate=fate, **ids, **more)
