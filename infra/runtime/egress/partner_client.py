"""Calls to one partner: TLS by its policy, checked addresses, no redirects, bounded in time and size."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from hardening.egress.headers import incoming
from hardening.egress.target import Refused, Target
from hardening.egress.tls_policy import tls_policy
from infra.runtime.egress.partner_tls import tls_context
from infra.runtime.egress.resolver import CheckedResolver, Elsewhere

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hardening.registry.partners import Partner

# A page of large locations; more is no answer of OCPI's.
MOST_BYTES = 8 * 1024 * 1024
# Calls of ours to one partner at once, and those that may wait for their turn.
_MOST_CALLS, _MOST_WAITING = 16, 64


class Unanswered(Exception):
    """There is no answer that can be read. `sent`: whether the partner may have seen the call."""

    def __init__(self, detail: str, *, sent: bool) -> None:
        super().__init__(detail)
        self.detail, self.sent = detail, sent


@dataclass(frozen=True, slots=True)
class PartnerAnswer:
    """A partner's answer: only the headers that may come in."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class PartnerClient:
    """The connections to one partner. A slow partner holds up nobody else's calls."""

    def __init__(
        self, partner: Partner, folder: Path, elsewhere: Elsewhere, seconds: float = 20.0, shown: str = ""
    ) -> None:
        """`folder` is where the contract's CA file is; `seconds` a call may take in all.

        `shown` is the contract's client certificate with its key (PEM). Raises ConfigError for certificates
        that cannot be read.
        """
        self._context = tls_context(tls_policy(partner), folder, shown)
        self._networks, self._elsewhere = partner.callback_networks, elsewhere
        self._seconds = seconds
        self._turn = asyncio.Semaphore(_MOST_CALLS)
        self._waiting = 0
        # Calls that have begun, those that wait for their turn included.
        self._calls = 0
        self._retired = False
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def call(
        self, target: Target, method: str, headers: Mapping[str, str], body: bytes, *, once: bool
    ) -> PartnerAnswer:
        """One call. Raises Refused and Unanswered.

        `once`: on a connection of its own. On one that was used before, aiohttp sends again what a server
        hung up on, which an exchange of tokens must decide itself.
        """
        async with self._counted(), self._my_turn():
            began = _Began()
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._call(target, method, headers, body, once=once, began=began)
            except Refused:
                raise
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
                raise Unanswered(_shown(error), sent=began.sent) from None

    async def retire(self) -> None:
        """End all connections as soon as no call is under way. Another client has taken this one's place."""
        self._retired = True
        if not self._calls:
            await self.close()

    async def close(self) -> None:
        """End all connections."""
        for session in self._sessions.values():
            await session.close()

    @asynccontextmanager
    async def _counted(self) -> AsyncIterator[None]:
        self._calls += 1
        try:
            yield
        finally:
            self._calls -= 1
            if self._retired and not self._calls:
                await self.close()

    @asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
        if self._waiting >= _MOST_WAITING:
            raise Refused("plan-per-partner", "too many calls to this partner wait", 503)
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turn.release()

    async def _call(
        self,
        target: Target,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        once: bool,
        began: _Began,
    ) -> PartnerAnswer:
        url = URL(target.url, encoded=True)  # as it was checked: no second reading
        async with self._session(once).request(
            method,
            url,
            headers=headers,
            data=body or None,
            allow_redirects=False,
            trace_request_ctx=began,
        ) as answer:
            content = await _bounded(answer)
            found = incoming(target, answer.status, answer.headers.items())
            return PartnerAnswer(answer.status, found, content)

    def _session(self, once: bool) -> aiohttp.ClientSession:
        """Made on first use, as it belongs to the running loop. It knows no proxy, no cookie and no netrc."""
        if once not in self._sessions:
            connector = aiohttp.TCPConnector(
                resolver=CheckedResolver(self._networks, self._elsewhere),
                ssl=self._context,
                force_close=once,
                limit=_MOST_CALLS,
                use_dns_cache=False,
            )
            self._sessions[once] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=5.0),
                trace_configs=[_tracing()],
            )
        return self._sessions[once]


class _Unreadable(ValueError):
    """An answer that is not read to its end."""


class _Began:
    """Whether the first byte of a call left."""

    sent = False


def _tracing() -> aiohttp.TraceConfig:
    config = aiohttp.TraceConfig()

    async def left(_session: object, context: object, _params: object) -> None:
        context.trace_request_ctx.sent = True  # type: ignore[attr-defined]  # aiohttp's own namespace

    config.on_request_headers_sent.append(left)
    return config


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise _Unreadable("an encoded answer that was not asked for")
    read = bytearray()
    async for chunk in answer.content.iter_any():
        read += chunk
        if len(read) > MOST_BYTES:
            answer.close()
            raise _Unreadable("the answer is too long")
    return bytes(read)


def _shown(error: BaseException) -> str:
    """The kind of an error: its text may repeat what a partner sent."""
    return str(error) if isinstance(error, _Unreadable) else type(error).__name__
