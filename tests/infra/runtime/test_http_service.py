"""The services' small HTTP server takes plain requests and closes on everything else."""

from __future__ import annotations

import asyncio

import pytest

from infra.runtime.http_service import HttpRequest, HttpResponse, converse


async def _echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(200, f"{request.method} {request.target} {len(request.body)}".encode(), {"x-a": "b"})


def _talk(sent: bytes) -> bytes:
    async def talk() -> bytes:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await converse(_echo, reader, writer)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            writer.write_eof()
            answer = await asyncio.wait_for(reader.read(), 5)
            writer.close()
            return answer

    return asyncio.run(talk())


def test_a_request_is_answered() -> None:
    answer = _talk(b"POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"x-a: b\r\n" in answer
    assert answer.endswith(b"POST /a?b=c 3")


def test_requests_follow_each_other_on_one_connection() -> None:
    one = b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = _talk(one + one.replace(b"GET /1", b"GET /2"))
    assert answer.count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/2\r\n\r\n",
        b"GET  / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nspace : x\r\n\r\n",
        b"GET / HTTP/1.1\r\n folded\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 70000 + b"\r\n\r\n",
    ],
)
def test_what_is_not_plainly_a_request_closes_the_connection(sent: bytes) -> None:
    assert _talk(sent) == b""
