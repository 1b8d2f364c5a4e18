"""A small HTTP/1.1 server on asyncio, for services that only Envoy talks to.

It is strict and short: a request line, headers, and a body with Content-Length. Whatever else comes
(chunked bodies, upgrades, overlong lines) closes the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

_MOST_HEADER_BYTES = 32 * 1024
_MOST_BODY_BYTES = 4 * 1024 * 1024
_PATIENCE_SECONDS = 65


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`target` is the path with its query; header names are lower-case, doubles joined by a comma."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """`body` is JSON text."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Respond = Callable[[HttpRequest], Awaitable[HttpResponse]]


class _Malformed(Exception):
    """The bytes are not a request that this server takes."""


async def serve(respond: Respond, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT. `respond` must not raise: it is the caller's outer edge."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    server = await asyncio.start_server(lambda r, w: converse(respond, r, w), host, port, backlog=512)
    async with server:
        await stopped.wait()


def log(**values: object) -> None:
    """One JSON line on stdout, which CloudWatch Logs and the lab's log file collect."""
    sys.stdout.write(json.dumps(values, separators=(",", ":"), default=str) + "\n")
    sys.stdout.flush()


async def converse(respond: Respond, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection until it ends, or says what this server does not take."""
    with contextlib.suppress(
        _Malformed, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError
    ):
        while not reader.at_eof():
            async with asyncio.timeout(_PATIENCE_SECONDS):
                request = await _read(reader)
            response = await respond(request)
            writer.write(_written(response, is_head=request.method == "HEAD"))
            await writer.drain()
            if request.headers.get("connection", "").lower() == "close":
                break
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> HttpRequest:
    head = await reader.readuntil(b"\r\n\r\n")
    if len(head) > _MOST_HEADER_BYTES:
        raise _Malformed
    lines = head[:-4].decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or words[2] != "HTTP/1.1":
        raise _Malformed
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise _Malformed
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not length.isdigit() or int(length) > _MOST_BODY_BYTES:
        raise _Malformed
    return HttpRequest(words[0], words[1], headers, await reader.readexactly(int(length)))


def _written(response: HttpResponse, *, is_head: bool) -> bytes:
    lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    if response.body:
        lines.append("content-type: application/json; charset=utf-8")
    lines.append(f"content-length: {len(response.body)}")
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    return head if is_head else head + response.body
