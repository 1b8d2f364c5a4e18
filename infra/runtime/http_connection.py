"""One connection of `http_service`: requests in, answers out, one at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from aiohttp import HttpVersion11, StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpRequestParser, RawRequestMessage
from aiohttp.http_exceptions import HttpProcessingError

from infra.runtime.http_messages import HttpRequest, HttpResponse, Respond, encoded, log

# Envoy takes 16 KiB of headers from a partner, 60 of them, and adds a few of its own.
MOST_LINE_BYTES = 16 * 1024
MOST_HEADERS = 100
MOST_BODY_BYTES = 4 * 1024 * 1024
# Envoy sends one request at a time; a peer that sends very many at once is none.
_MOST_WAITING = 16


class Connection(BaseProtocol):
    """Listed in `connections` while it is open. Its answers come in the order of the requests."""

    def __init__(self, respond: Respond, connections: set[Connection], patience_seconds: float) -> None:
        super().__init__(asyncio.get_running_loop())
        self._respond = respond
        self._connections = connections
        self._patience = patience_seconds
        self._waiting: deque[tuple[RawRequestMessage, StreamReader]] = deque()
        self._answering: asyncio.Task[None] | None = None
        self._finishing = False
        # When it began to wait for the request that is not there yet.
        self._since = self._loop.time()
        self._timer = self._loop.call_later(patience_seconds, self._look_at_the_time)
        parser = HttpRequestParser(
            self,
            self._loop,
            MOST_BODY_BYTES,
            max_line_size=MOST_LINE_BYTES,
            max_field_size=MOST_LINE_BYTES,
            max_headers=MOST_HEADERS,
            auto_decompress=False,
        )
        self._parser = parser
        self._feed = parser.feed_data

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        super().connection_made(transport)
        self._connections.add(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Drop the question: nobody waits for its answer any longer."""
        super().connection_lost(exc)
        self._connections.discard(self)
        self._timer.cancel()
        if self._answering is not None:
            self._answering.cancel()

    def data_received(self, data: bytes) -> None:
        """Read what has come; whatever is not plainly a request ends the connection."""
        if self._finishing:
            return
        try:
            messages, upgraded, _ = self._feed(data)
        except HttpProcessingError as error:
            self._refuse(400, error)
            return
        self._waiting.extend(messages)
        if upgraded or len(self._waiting) > _MOST_WAITING:
            self._refuse(400)
            return
        self._advance()

    def finish(self) -> asyncio.Task[None] | None:
        """Take no further request. Returns the answer that is under way, after which the connection ends."""
        self._finishing = True
        if self._answering is None:
            self.abort()
        return self._answering

    def abort(self) -> None:
        """End the connection at once."""
        if self.transport is not None:
            self.transport.close()

    def _advance(self) -> None:
        """Answer the next request, if it is there with all of its body."""
        if self._answering is not None or not self._waiting:
            return
        message, payload = self._waiting[0]
        refused = _refusal(message)
        if refused:
            self._refuse(refused)
        elif payload.is_eof():
            self._waiting.popleft()
            # An attribute of the connection keeps the task; its end is `_answer`'s last line.
            self._answering = self._loop.create_task(self._answer(message, payload.read_nowait()))

    async def _answer(self, message: RawRequestMessage, body: bytes) -> None:
        try:
            response = await self._respond(_request(message, body))
            close = message.should_close or self._finishing
            answer = encoded(response, close=close)
        except Exception as error:  # the outer edge of one answer: nothing of it is told
            log(level="error", event="connection", status=500, kind=type(error).__name__)
            close, answer = True, encoded(HttpResponse(500), close=True)
        self._answering = None
        if self.transport is None:
            return
        self.transport.write(answer)
        self._since = self._loop.time()
        if close:
            self._finishing = True
            self.transport.close()
        else:
            self._advance()

    def _refuse(self, status: int, error: BaseException | None = None) -> None:
        """Answer what cannot be read with a status alone, unless an answer is under way; then the end."""
        log(level="error", event="connection", status=status, kind=type(error).__name__ if error else "")
        self._finishing = True
        if self.transport is not None and self._answering is None:
            self.transport.write(encoded(HttpResponse(status), close=True))
        self.abort()

    def _look_at_the_time(self) -> None:
        now = self._loop.time()
        if self._answering is None and now - self._since >= self._patience:
            self.abort()
            return
        rest = self._patience if self._answering is not None else self._since + self._patience - now
        self._timer = self._loop.call_later(rest, self._look_at_the_time)


def _request(message: RawRequestMessage, body: bytes) -> HttpRequest:
    headers: dict[str, str] = {}
    for raw_name, raw_value in message.raw_headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return HttpRequest(message.method, message.path, headers, body)


def _refusal(message: RawRequestMessage) -> int:
    """The status that refuses a well-formed request (RFC 9110, section 15); 0 for one that is accepted."""
    if message.version != HttpVersion11:
        return 505
    headers: Any = message.headers
    if "transfer-encoding" in headers:
        return 411
    length = headers.get("content-length", "0")
    return 413 if not length.isdecimal() or int(length) > MOST_BODY_BYTES else 0
