"""The HTTP/1.1 server of the services that only Envoy talks to: few features, narrow limits, little time.

aiohttp's parser reads the requests (llhttp, strict: RFC 9112); its server would take twice the time of a
decision. What cannot be read is refused, and never repeated or logged: it may hold a token.
"""

from __future__ import annotations

import asyncio
import signal
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from infra.runtime.http_connection import Connection
from infra.runtime.http_messages import HttpRequest, HttpResponse, Respond, log

__all__ = ["HttpRequest", "HttpResponse", "Respond", "listening", "log", "serve", "server_tls"]

_PATIENCE_SECONDS = 65
# What is being answered when the service is told to stop has this long to end; Envoy waits 3 s.
_STOP_SECONDS = 5
_BACKLOG = 512


async def serve(
    respond: Respond,
    host: str,
    port: int,
    *,
    ends_with_input: bool = False,
    tls: ssl.SSLContext | None = None,
    socket_file: str = "",
) -> None:
    """Serve until SIGTERM or SIGINT. `respond` should not raise: if it does, the answer is 500.

    `ends_with_input`: also until standard input, a pipe from a supervisor, is closed. `tls`: over HTTPS.
    `socket_file`: listen on this Unix socket too, in plaintext ("": on none).
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if ends_with_input:
        loop.add_reader(sys.stdin.fileno(), stopped.set)
    async with listening(respond, host, port, tls=tls, socket_file=socket_file):
        await stopped.wait()
        if ends_with_input:
            loop.remove_reader(sys.stdin.fileno())


@asynccontextmanager
async def listening(
    respond: Respond,
    host: str,
    port: int,
    patience_seconds: float = _PATIENCE_SECONDS,
    tls: ssl.SSLContext | None = None,
    socket_file: str = "",
) -> AsyncIterator[int]:
    """Serve inside the context, which gives the port (`port` 0: one that is free).

    A request whose head or body takes longer than `patience_seconds` ends its connection. A caller who
    hangs up cancels the answer. On leaving, no new connection is accepted and calls that have begun are
    answered.
    """
    loop = asyncio.get_running_loop()
    connections: set[Connection] = set()

    def connection() -> Connection:
        return Connection(respond, connections, patience_seconds)

    servers = [await loop.create_server(connection, host, port, backlog=_BACKLOG, ssl=tls)]
    try:
        if socket_file:
            # What a killed one left behind is taken away by asyncio.
            servers.append(await loop.create_unix_server(connection, socket_file, backlog=_BACKLOG))
        yield servers[0].sockets[0].getsockname()[1]
    finally:
        for server in servers:
            server.close()
        answering = [answer for one in tuple(connections) if (answer := one.finish()) is not None]
        if answering:
            await asyncio.wait(answering, timeout=_STOP_SECONDS)
        for one in tuple(connections):
            one.abort()
        # One turn for the connections to close in.
        await asyncio.sleep(0)


def server_tls(chain_file: str, key_file: str) -> ssl.SSLContext:
    """TLS 1.2 and 1.3 with this certificate (RFC 9325). Raises OSError for files that cannot be read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(chain_file, key_file)
    return context
