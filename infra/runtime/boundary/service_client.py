"""Calls to the OCPI service: HTTP/1.1 on connections that are kept, bounded in time and size.

aiohttp's parser reads the answers (llhttp, RFC 9112); its client would take the time of several decisions.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpResponseParser
from aiohttp.http_exceptions import HttpProcessingError

# A page of large locations; more is no answer of OCPI's.
MOST_BYTES = 8 * 1024 * 1024
_MOST_LINE_BYTES, _MOST_HEADERS = 16 * 1024, 100
# Envoy gives up after 15 s.
_SECONDS, _CONNECT_SECONDS = 14.0, 2.0
# Many servers wait for 5 s: a call that meets a connection just being closed would be lost.
_IDLE_SECONDS = 4.0


class ServiceSilent(Exception):
    """There is no answer that can be read. `sent`: whether the service may have the call."""

    def __init__(self, detail: str, *, sent: bool) -> None:
        super().__init__(detail)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """Header names are lower-case; doubles are joined by a comma."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class ServiceClient:
    """The OCPI service at `host` and `port`; `tls` None: in plaintext, on loopback."""

    def __init__(
        self, host: str, port: int, tls: ssl.SSLContext | None = None, seconds: float = _SECONDS
    ) -> None:
        self._host, self._port, self._tls, self._seconds = host, port, tls, seconds
        self._idle: list[_Connection] = []

    async def call(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> ServiceAnswer:
        """One call. Raises ServiceSilent.

        Only a GET whose connection ends before an answer is sent again, once.
        """
        head = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        text = "\r\n".join(head)
        if text.count("\n") != len(head) - 1:
            raise ServiceSilent("a line feed in a header", sent=False)
        sent = text.encode("latin-1") + b"\r\n\r\n" + body
        try:
            async with asyncio.timeout(self._seconds):
                try:
                    return await self._once(sent, fresh=method != "GET")
                except ServiceSilent:
                    if method != "GET":
                        raise
                    return await self._once(sent, fresh=True)
        except TimeoutError:
            raise ServiceSilent("no answer in time", sent=True) from None

    async def is_there(self) -> bool:
        """Whether the service takes a connection."""
        try:
            connection = await self._connected()
        except ServiceSilent:
            return False
        self._keep(connection)
        return True

    def close(self) -> None:
        """End all idle connections."""
        while self._idle:
            self._idle.pop().abort()

    async def _once(self, sent: bytes, *, fresh: bool) -> ServiceAnswer:
        connection = self._kept(fresh) or await self._connected()
        try:
            answer = await connection.exchange(sent)
        except BaseException:
            connection.abort()
            raise
        self._keep(connection)
        return answer

    def _kept(self, fresh: bool) -> _Connection | None:
        """An idle connection; for what must not be lost, one that was in use just now."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            found = self._idle.pop()
            if found.is_open and now - found.since < (_IDLE_SECONDS / 4 if fresh else _IDLE_SECONDS):
                return found
            found.abort()
        return None

    def _keep(self, connection: _Connection) -> None:
        if connection.is_open:
            connection.since = asyncio.get_running_loop().time()
            self._idle.append(connection)

    async def _connected(self) -> _Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                _, made = await loop.create_connection(
                    lambda: _Connection(loop),
                    self._host,
                    self._port,
                    ssl=self._tls,
                    server_hostname=self._host if self._tls else None,
                )
        except (OSError, TimeoutError) as error:
            raise ServiceSilent(type(error).__name__, sent=False) from None
        return made


class _Connection(BaseProtocol):
    """One connection, with one call at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.since = 0.0
        self.is_open = True
        self._answer: asyncio.Future[ServiceAnswer] | None = None
        self._message: Any = None
        self._payload: StreamReader | None = None
        self._parser: Any = None

    def abort(self) -> None:
        """End it at once."""
        self.is_open = False
        if self.transport is not None:
            self.transport.abort()

    async def exchange(self, sent: bytes) -> ServiceAnswer:
        """Send a call, and wait for its answer. Raises ServiceSilent."""
        if self.transport is None:
            raise ServiceSilent("the connection has ended", sent=False)
        self._message = self._payload = None
        self._parser = HttpResponseParser(
            self,
            self._loop,
            MOST_BYTES,
            max_line_size=_MOST_LINE_BYTES,
            max_field_size=_MOST_LINE_BYTES,
            max_headers=_MOST_HEADERS,
            read_until_eof=True,
            auto_decompress=False,
        )
        self._answer = self._loop.create_future()
        self.transport.write(sent)
        try:
            return await self._answer
        finally:
            self._answer = None

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if not data:
            # aiohttp's own, where it reads on after a pause.
            return
        if self._answer is None:
            # Nobody asked.
            self.abort()
            return
        try:
            messages, upgraded, tail = self._parser.feed_data(data)
        except HttpProcessingError:
            self._fail("an answer that cannot be read")
            return
        if messages:
            self._message, self._payload = messages[0]
        if (
            upgraded
            or tail
            or len(messages) > 1
            or (self._payload and self._payload.total_bytes > MOST_BYTES)
        ):
            self._fail("more than one answer, or one that is too long")
            return
        self._finish_if_whole()

    def connection_lost(self, exc: BaseException | None) -> None:
        """An answer without a length ends with its connection."""
        super().connection_lost(exc)
        self.is_open = False
        if self._answer is not None and not self._answer.done():
            if self._parser is not None and exc is None and self._payload is not None:
                try:
                    self._parser.feed_eof()
                except HttpProcessingError:
                    self._fail("the answer is not whole")
                    return
                self._finish_if_whole()
            self._fail("the connection ended before an answer")

    def _finish_if_whole(self) -> None:
        if self._payload is None or not self._payload.is_eof() or self._answer is None or self._answer.done():
            return
        message, payload = self._message, self._payload
        self._payload = None
        headers: dict[str, str] = {}
        for name, value in message.headers.items():
            lower = name.lower()
            headers[lower] = f"{headers[lower]}, {value}" if lower in headers else value
        self.is_open = self.is_open and not message.should_close
        self._answer.set_result(ServiceAnswer(message.code, headers, payload.read_nowait()))

    def _fail(self, why: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ServiceSilent(why, sent=True))
        self.abort()
