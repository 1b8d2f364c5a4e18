"""The client before the OCPI service reads any answer, and says whether the service may have a call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from infra.lab.ports import free_port
from infra.runtime.boundary.service_client import MOST_BYTES, ServiceClient, ServiceSilent

Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
_IN_CHUNKS = b"X-A: 1, 2\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n"
HEADERS = {"host": "service", "content-length": "2"}


@asynccontextmanager
async def service(answer: Answer) -> AsyncIterator[tuple[ServiceClient, list[bytes]]]:
    """A server that hands each head it reads to `answer`; and the heads, by connection and number."""
    seen: list[bytes] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if b"content-length: 2" in head:
                    head += await reader.readexactly(2)
                seen.append(head)
                await answer(head, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    client = ServiceClient("127.0.0.1", server.sockets[0].getsockname()[1], seconds=2)
    try:
        yield client, seen
    finally:
        client.close()
        server.close()


def _says(text: bytes, *, then_closes: bool = False) -> Answer:
    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()
        if then_closes:
            writer.close()

    return answer


def test_an_answer_comes_whole_in_each_form() -> None:
    forms = {
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nx-a: 2\r\n\r\nhi": False,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + _IN_CHUNKS: False,
        b"HTTP/1.0 200 OK\r\nX-A: 1, 2\r\n\r\nhi": True,
    }

    async def asked(text: bytes, closes: bool) -> None:
        async with service(_says(text, then_closes=closes)) as (client, seen):
            for method in ("GET", "POST", "GET"):
                got = await client.call(method, "/ocpi", HEADERS, b"{}")
                assert (got.status, got.headers["x-a"], got.body) == (200, "1, 2", b"hi")
            assert len(seen) == 3
            assert seen[1].startswith(b"POST /ocpi HTTP/1.1\r\nhost: service\r\n")

    for text, closes in forms.items():
        asyncio.run(asked(text, closes))


@pytest.mark.parametrize(
    "text",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MOST_BYTES + 2),
        b"",
    ],
    ids=["nonsense", "half", "two answers", "an upgrade", "too long", "nothing"],
)
def test_what_is_no_whole_answer_is_silence_after_a_call_that_was_sent(text: bytes) -> None:
    async def asked() -> ServiceSilent:
        async with service(_says(text, then_closes=True)) as (client, _):
            with pytest.raises(ServiceSilent) as silence:
                await client.call("POST", "/", HEADERS, b"{}")
            return silence.value

    assert asyncio.run(asked()).sent


def test_a_get_is_asked_again_once_and_nothing_else_is() -> None:
    async def hangs_up(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def asked() -> list[bytes]:
        async with service(hangs_up) as (client, seen):
            for method in ("GET", "POST", "DELETE"):
                with pytest.raises(ServiceSilent):
                    await client.call(method, "/", HEADERS, b"{}")
            return [one.split(b" ")[0] for one in seen]

    assert asyncio.run(asked()) == [b"GET", b"GET", b"POST", b"DELETE"]


def test_nobody_there_has_no_call() -> None:
    async def asked() -> ServiceSilent:
        client = ServiceClient("127.0.0.1", free_port())
        assert not await client.is_there()
        with pytest.raises(ServiceSilent) as silence:
            await client.call("POST", "/", HEADERS, b"{}")
        return silence.value

    assert not asyncio.run(asked()).sent


def test_a_header_of_two_lines_is_never_sent() -> None:
    async def asked() -> None:
        async with service(_says(b"")) as (client, seen):
            with pytest.raises(ServiceSilent):
                await client.call("GET", "/", {"x": "1\r\ny: 2"}, b"")
            assert seen == []

    asyncio.run(asked())


def test_a_service_that_says_nothing_is_left_in_time() -> None:
    async def says_nothing(_: bytes, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    async def asked() -> None:
        async with service(says_nothing) as (client, _):
            fast = ServiceClient("127.0.0.1", client._port, seconds=0.2)
            with pytest.raises(ServiceSilent) as silence:
                await fast.call("GET", "/", HEADERS, b"{}")
            assert silence.value.sent

    asyncio.run(asked())
