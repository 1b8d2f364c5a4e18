"""What an endpoint does with HTTP in the clear: on its TLS port, and on its plaintext port.

No real token is ever sent: the `Authorization` header holds a dummy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from scanners.tls.observations import Plain
from scanners.tls.protocol.wire import Budget, End, Ended, Wire, connected

DUMMY_TOKEN: Final = "Token cmFtcGFydC1hdWRpdC1kdW1teQ=="  # noqa: S105  ("rampart-audit-dummy")
_HEAD_BYTES: Final = 32 * 1024
_STATUS_LINE: Final = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})")
# RFC 9110: Bad Request, Forbidden, Misdirected, Upgrade Required, HTTP Version; 497 is nginx's own.
_TURNED_AWAY: Final = {400, 403, 421, 426, 497, 505}


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers (names in lower case) of an HTTP answer."""

    status: int
    headers: dict[str, str]


def get_request(host: str, path: str, authorization: str = "") -> bytes:
    """One GET, after which the connection closes."""
    token = f"Authorization: {authorization}\r\n" if authorization else ""
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{token}"
        "User-Agent: rampart-tls-audit\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
    ).encode("latin-1", "replace")


def parse_head(data: bytes) -> Head | None:
    """The head of an HTTP answer; None if it is not one."""
    match = _STATUS_LINE.match(data)
    if not match:
        return None
    headers: dict[str, str] = {}
    for line in data.split(b"\r\n\r\n", 1)[0].split(b"\r\n")[1:]:
        name, _, value = line.decode("latin-1").partition(":")
        headers.setdefault(name.strip().lower(), value.strip()[:500])
    return Head(int(match[1]), headers)


async def plain_request(
    address: tuple[str, int], host: str, budget: Budget, *, token: bool = False, path: str = "/"
) -> Plain:
    """Ask for `path` without TLS. A timeout is unknown, whatever the port is for."""
    try:
        async with connected(*address, budget) as wire:
            await wire.send(get_request(host, path, DUMMY_TOKEN if token else ""))
            data = await _head(wire)
    except Ended as ended:
        return _without_answer(ended)
    head = parse_head(data)
    if head is None:
        # A TLS alert, or anything else that is no HTTP answer: nobody read our request.
        return Plain(outcome="refused", detail="no HTTP answer")
    return _judged(head, host)


async def _head(wire: Wire) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data and len(data) < _HEAD_BYTES:
        more = await wire.read_some()
        if not more:
            break
        data += more
    if not data:
        raise Ended(End.CLOSED)
    return data


def _without_answer(ended: Ended) -> Plain:
    if ended.end is End.UNREACHABLE:
        silent = "no answer" in ended.detail
        return Plain(outcome="silent" if silent else "closed", detail=ended.detail)
    if ended.end in (End.CLOSED, End.RESET):
        return Plain(outcome="refused", detail=ended.detail)
    return Plain(outcome="unknown", detail=ended.detail)


def _judged(head: Head, host: str) -> Plain:
    location = head.headers.get("location", "")
    if head.status in _TURNED_AWAY:
        return Plain(outcome="refused", status=head.status)
    if 300 <= head.status < 400 and location:
        return Plain(outcome="redirected", status=head.status, location=shown(location, host))
    return Plain(outcome="served", status=head.status)


def shown(location: str, host: str) -> str:
    """Where a redirect leads, without path and query, which may hold anything."""
    parts = urlsplit(location)
    if not parts.scheme and not parts.netloc:
        return "the same host"
    try:
        name, port = parts.hostname or host, parts.port
    except ValueError:
        return "an unreadable address"
    return f"{parts.scheme or 'the same scheme'}://{name}{f':{port}' if port else ''}"
