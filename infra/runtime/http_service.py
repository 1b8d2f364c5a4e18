"""The HTTP/1.1 server of the services that only Envoy talks to: aiohttp, with narrow limits.

aiohttp reads the requests (llhttp, strict: RFC 9112) and keeps the connections. This module adds what
these services refuse (other versions of HTTP, bodies without Content-Length, large bodies), and never
repeats or logs a request that cannot be read: it may hold a token.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import HttpVersion11, web

# Envoy takes 16 KiB of headers from a partner, 60 of them, and adds a few of its own.
_MOST_LINE_BYTES = 16 * 1024
_MOST_HEADERS = 100
_MOST_BODY_BYTES = 4 * 1024 * 1024
_PATIENCE_SECONDS = 65
# What is being answered when the service is told to stop has this long to end; Envoy waits 3 s.
_STOP_SECONDS = 5
# aiohttp would name itself and its version.
_OWN_HEADERS = {"server": "rampart"}


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`target` is the path with its query, as sent; header names are lower-case, doubles joined by a comma.

    Header values are Latin-1: one character a byte. `body` is as sent, whatever its Content-Encoding.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """`body` is JSON text in UTF-8; empty for none. Header values are ASCII."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Respond = Callable[[HttpRequest], Awaitable[HttpResponse]]


async def serve(respond: Respond, host: str, port: int, *, ends_with_input: bool = False) -> None:
    """Serve until SIGTERM or SIGINT. `respond` should not raise: if it does, the answer is 500.

    `ends_with_input`: also until standard input, a pipe from a supervisor, is closed.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if ends_with_input:
        loop.add_reader(sys.stdin.fileno(), stopped.set)
    async with listening(respond, host, port):
        await stopped.wait()


@asynccontextmanager
async def listening(
    respond: Respond, host: str, port: int, patience_seconds: float = _PATIENCE_SECONDS
) -> AsyncIterator[int]:
    """Serve inside the context, which gives the port (`port` 0: one that is free).

    A request whose head or body takes longer than `patience_seconds` ends its connection. On leaving,
    no new connection is accepted and calls that have begun are answered.
    """

    async def answer(request: web.BaseRequest) -> web.Response:
        return await _answer(respond, request, patience_seconds)

    runner = web.ServerRunner(_Server(answer, patience_seconds), shutdown_timeout=_STOP_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=512).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def log(**values: object) -> None:
    """Write one JSON line to stdout, which CloudWatch Logs and the lab's log file collect."""
    sys.stdout.write(json.dumps(values, separators=(",", ":"), default=str) + "\n")
    sys.stdout.flush()


async def _answer(respond: Respond, request: web.BaseRequest, patience_seconds: float) -> web.Response:
    refused = _refusal(request)
    if refused:
        return _closing(refused)
    body = b""
    if request.body_exists:
        async with asyncio.timeout(patience_seconds):
            body = await request.content.read()
    headers: dict[str, str] = {}
    for raw_name, raw_value in request.raw_headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    response = await respond(HttpRequest(request.method, request.raw_path, headers, body))
    content = {"content-type": "application/json; charset=utf-8"} if response.body else {}
    return web.Response(
        status=response.status, body=response.body, headers={**_OWN_HEADERS, **content, **response.headers}
    )


def _refusal(request: web.BaseRequest) -> int:
    """The status that refuses a well-formed request (RFC 9110, section 15); 0 for one that is accepted."""
    if request.version != HttpVersion11:
        return 505
    if "transfer-encoding" in request.headers:
        return 411
    return 413 if (request.content_length or 0) > _MOST_BODY_BYTES else 0


def _closing(status: int) -> web.Response:
    response = web.Response(status=status, headers=_OWN_HEADERS)
    response.force_close()
    return response


class _Server(web.Server):
    """Makes a `_Connection` for each connection; `web.Server` would make its own kind."""

    def __init__(self, answer: Callable[[web.BaseRequest], Awaitable[web.Response]], patience: float) -> None:
        super().__init__(answer)
        self._patience = patience

    def __call__(self) -> web.RequestHandler:
        return _Connection(
            self,
            loop=self._loop,
            access_log=None,  # type: ignore[arg-type]  # None is its way to say: no access log
            auto_decompress=False,
            keepalive_timeout=self._patience,
            lingering_time=0,
            max_field_size=_MOST_LINE_BYTES,
            max_headers=_MOST_HEADERS,
            max_line_size=_MOST_LINE_BYTES,
        )


class _Connection(web.RequestHandler):
    """One connection. aiohttp would put what it cannot read into its answer and into its log."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to a request that cannot be read or answered: its status, nothing else, then the end."""
        log(level="error", event="connection", status=status, kind=_kind(exc))
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun, and a second one cannot follow it")
        return _closing(status)

    def log_exception(self, *_: object, exc_info: object = None, **__: object) -> None:
        """Log the kind of an error only."""
        log(level="error", event="connection", kind=_kind(exc_info))


def _kind(error: object) -> str:
    """The error's class. aiohttp gives none where a request took too long."""
    return "TimeoutError" if error is None else type(error).__name__
