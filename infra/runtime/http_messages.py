"""Requests and responses of the services that only Envoy talks to, and the lines that they log."""

from __future__ import annotations

import asyncio
import http
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field


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
    """`body` is JSON text in UTF-8, unless `headers` say another content-type; empty for none.

    Header values are ASCII.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Respond = Callable[[HttpRequest], Awaitable[HttpResponse]]


def log(**values: object) -> None:
    """Write one JSON line to stdout, which CloudWatch Logs and the lab's log file collect."""
    write_line(json.dumps(values, separators=(",", ":"), default=str))


def write_line(line: str) -> None:
    """Write a line to stdout. Inside an event loop, the lines of one turn are written together at its end."""
    _LINES.append(line)
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        _write()
        return
    if len(_LINES) == 1:
        loop.call_soon(_write)


_LINES: list[str] = []
# Lines that could not be written, as on a full disk, since the last that could.
_LOST: list[int] = [0]


def _write() -> None:
    lines = [*_LINES]
    _LINES.clear()
    count = len(lines)
    if _LOST[0]:
        lines.append(json.dumps({"level": "error", "event": "log-lines-lost", "lines": _LOST[0]}))
    try:
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        _LOST[0] = 0
    except OSError:
        # Calls go on: a guard that stopped with its log would be stopped by whoever fills the disk.
        _LOST[0] += count


def encoded(response: HttpResponse, *, close: bool = False) -> bytes:
    """A response as bytes on the wire. Raises ValueError for a header that would end its line."""
    reason = http.HTTPStatus(response.status).phrase
    lines = [f"HTTP/1.1 {response.status} {reason}", "server: rampart"]
    if response.body and "content-type" not in response.headers:
        lines.append("content-type: application/json; charset=utf-8")
    if response.status >= 200 and response.status not in (204, 304):
        lines.append(f"content-length: {len(response.body)}")
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    if close:
        lines.append("connection: close")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1:
        raise ValueError("a line feed in a header")
    return head.encode("latin-1") + b"\r\n\r\n" + response.body
