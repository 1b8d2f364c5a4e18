"""The services' HTTP server takes plain requests, within its limits, and refuses everything else."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.runtime.http_connection import Connection
from infra.runtime.http_messages import encoded
from infra.runtime.http_service import HttpRequest, HttpResponse, listening, serve

SECRET = "c2VjcmV0LXRva2Vu"


async def _echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(200, f"{request.method} {request.target} {len(request.body)}".encode(), {"x-a": "b"})


def _talk(sent: bytes, *, half_close: bool = False, patience_seconds: float = 5) -> bytes:
    """What comes back until the server closes; `half_close` ends our side first."""

    async def talk() -> bytes:
        async with listening(_echo, "127.0.0.1", 0, patience_seconds) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            answer = b""
            with contextlib.suppress(ConnectionError):
                writer.write(sent)
                if half_close:
                    writer.write_eof()
                while more := await asyncio.wait_for(reader.read(65536), 5):
                    answer += more
            writer.close()
            return answer

    return asyncio.run(talk())


def test_a_request_is_answered() -> None:
    answer = _talk(b"POST /a?b=c HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"x-a: b\r\n" in answer
    assert answer.endswith(b"POST /a?b=c 3")


def test_a_unix_socket_is_served_beside_the_port_also_where_a_killed_one_left_its_file() -> None:
    async def talk(file: str) -> bytes:
        async with listening(_echo, "127.0.0.1", 0, socket_file=file):
            reader, writer = await asyncio.open_unix_connection(file)
            writer.write(b"GET /1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = await asyncio.wait_for(reader.read(), 5)
            writer.close()
            return answer

    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "one.sock")
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(file)
        for _ in range(2):
            assert asyncio.run(talk(file)).endswith(b"GET /1 0")


def test_requests_follow_each_other_on_one_connection() -> None:
    one = b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert _talk(one + last).count(b"HTTP/1.1 200") == 2


def test_a_request_arrives_as_it_was_sent() -> None:
    """No decoding of the path, no joining of cookies, no unpacking of the body: the policy judges bytes."""
    seen: list[HttpRequest] = []
    body = gzip.compress(b"{}")
    head = (
        b"PUT /ocpi/%2e%2e//a?x=%41 HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a: \xc3\xa9\r\nContent-Encoding: gzip"
    )
    sent = head + b"\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    async def keep(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse(200)

    async def talk() -> None:
        async with listening(keep, "127.0.0.1", 0) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            await asyncio.wait_for(reader.read(), 5)
            writer.close()

    asyncio.run(talk())
    (request,) = seen
    assert request.target == "/ocpi/%2e%2e//a?x=%41"
    assert request.headers["x-a"] == "1,\xc3\xa9"
    assert request.body == body


def test_an_answer_names_no_software() -> None:
    answer = _talk(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").lower()
    assert b"aiohttp" not in answer
    assert b"python" not in answer


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/2\r\n\r\n",
        b"GET  / HTTP/1.1\r\n\r\n",
        b"NONE / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nspace : x\r\n\r\n",
        b"GET / HTTP/1.1\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\r\n folded\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\na",
        b"POST / HTTP/1.1\r\nContent-Length: \xb2\r\n\r\naa",
        b"POST / HTTP/1.1\r\nContent-Length: \xc2\xb2\r\n\r\naa",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 70000 + b"\r\n\r\n",
        b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 200 + b"\r\n",
    ],
)
def test_what_is_not_plainly_a_request_is_refused_and_the_connection_closed(sent: bytes) -> None:
    answer = _talk(sent)
    assert answer.count(b"HTTP/") == 1
    assert answer[9:10] in b"45"


@pytest.mark.parametrize(
    "sent", [b"", b"\r\n\r\n", b"GET / HT", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nshort"]
)
def test_what_ends_too_early_is_not_answered(sent: bytes) -> None:
    assert _talk(sent, half_close=True) == b""


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HTTP/1.1\r\nHost", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nshort"]
)
def test_what_does_not_end_in_time_is_not_waited_for(sent: bytes) -> None:
    assert b" 200 " not in _talk(sent, patience_seconds=0.2)


def test_a_refusal_neither_repeats_nor_logs_what_was_sent(capsys: pytest.CaptureFixture[str]) -> None:
    answer = _talk(f"GET / HTTP/1.1\r\nAuthorization: Token {SECRET}\0\r\n\r\n".encode())
    captured = capsys.readouterr()
    assert b" 400 " in answer
    assert '"event":"connection"' in captured.out
    for text in (answer.decode(), captured.out, captured.err):
        assert SECRET not in text


def test_an_answer_that_cannot_be_made_is_a_refusal_without_details(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def crash(request: HttpRequest) -> HttpResponse:
        raise LookupError(SECRET)

    async def talk() -> bytes:
        async with listening(crash, "127.0.0.1", 0) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = await asyncio.wait_for(reader.read(), 5)
            writer.close()
            return answer

    answer = asyncio.run(talk())
    captured = capsys.readouterr()
    assert answer.startswith(b"HTTP/1.1 500 ")
    for text in (answer.decode(), captured.out, captured.err):
        assert SECRET not in text


def test_a_call_that_has_begun_is_answered_before_the_service_stops() -> None:
    async def talk() -> tuple[bytes, bool]:
        begun = asyncio.Event()

        async def slow(request: HttpRequest) -> HttpResponse:
            begun.set()
            await asyncio.sleep(0.2)
            return HttpResponse(200)

        async with listening(slow, "127.0.0.1", 0) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            idle_reader, idle_writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await begun.wait()
        answer = await asyncio.wait_for(reader.read(), 5)
        idle = await asyncio.wait_for(idle_reader.read(), 5)
        writer.close()
        idle_writer.close()
        with pytest.raises(OSError, match=r"[Cc]onnect"):
            await asyncio.open_connection("127.0.0.1", port)
        return answer, idle == b""

    answer, idle_was_closed = asyncio.run(talk())
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert idle_was_closed


def test_a_caller_who_hangs_up_takes_the_question_along() -> None:
    async def talk() -> bool:
        begun, dropped = asyncio.Event(), asyncio.Event()

        async def slow(request: HttpRequest) -> HttpResponse:
            begun.set()
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                dropped.set()
                raise
            return HttpResponse(200)

        async with listening(slow, "127.0.0.1", 0) as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await begun.wait()
            writer.close()
            await asyncio.wait_for(dropped.wait(), 5)
            return True

    assert asyncio.run(talk())


def test_a_header_cannot_end_its_line() -> None:
    with pytest.raises(ValueError, match="line feed"):
        encoded(HttpResponse(200, headers={"x-request-id": "a\r\nx: b"}))


def test_a_body_that_comes_in_pieces_is_one_body() -> None:
    async def talk() -> bytes:
        async with listening(_echo, "127.0.0.1", 0) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 600000\r\n\r\n")
            for _ in range(6):
                writer.write(b"a" * 100_000)
                await asyncio.sleep(0.01)
            return await asyncio.wait_for(reader.read(), 5)

    assert asyncio.run(talk()).endswith(b"POST / 600000")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_get_a_refusal_or_none(sent: bytes) -> None:
    assert b" 200 " not in _talk(sent + b"\r\n\r\n", half_close=True)


def test_lines_that_a_full_disk_does_not_take_are_counted_and_calls_go_on() -> None:
    """A limit on the size of files stands for the full disk: a write beyond it is an OSError too."""
    code = """
import resource, sys
from infra.runtime.http_messages import log
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
for number in range(1000):
    log(event="call", number=number, padding="x" * 100)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log(event="recovered")
log(event="next")
"""
    with tempfile.NamedTemporaryFile() as file:
        done = subprocess.run([sys.executable, "-c", code], stdout=file, timeout=60, check=False)
        lines = Path(file.name).read_text().splitlines()
    assert done.returncode == 0
    assert '{"event":"next"}' in lines[-1]
    [lost] = [json.loads(line) for line in lines if "log-lines-lost" in line]
    assert 700 < lost["lines"] < 1000


def _end(answers: asyncio.StreamReader) -> Any:
    return asyncio.wait_for(answers.read(), 5)


@pytest.mark.parametrize(("size", "status"), [(15 * 1024, b" 200 "), (17 * 1024, b" 400 ")])
def test_a_header_of_sixteen_kibibytes_is_taken_and_a_longer_one_is_not(size: int, status: bytes) -> None:
    sent = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: " + b"a" * size + b"\r\n\r\n"
    assert status in _talk(sent).partition(b"\r\n")[0]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.0\r\n\r\n", 505),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4194305\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 400),
    ],
)
def test_a_request_that_is_not_served_is_told_why(sent: bytes, status: int) -> None:
    assert _talk(sent).startswith(b"HTTP/1.1 %d " % status)


def test_an_answer_says_how_long_it_is_where_it_may_have_a_body() -> None:
    head = b"HTTP/1.1 200 OK\r\nserver: rampart\r\n"
    typed = b"content-type: application/json; charset=utf-8\r\n"
    assert encoded(HttpResponse(200, b"{}")) == head + typed + b"content-length: 2\r\n\r\n{}"
    assert encoded(HttpResponse(200)) == head + b"content-length: 0\r\n\r\n"
    assert encoded(HttpResponse(200), close=True).endswith(b"content-length: 0\r\nconnection: close\r\n\r\n")
    for status in (100, 204, 304):
        assert b"content-length" not in encoded(HttpResponse(status))


@pytest.mark.parametrize(("count", "answered"), [(16, 16), (17, 0)])
def test_a_peer_that_sends_very_many_requests_at_once_is_none(count: int, answered: int) -> None:
    one = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    found = _talk(one * (count - 1) + last)
    assert found.count(b" 200 ") == answered
    assert found.startswith(b"HTTP/1.1 400 ") == (not answered)


def test_what_comes_after_the_stop_has_begun_does_not_cost_the_answer_that_is_under_way() -> None:
    async def talk() -> bytes:
        begun = asyncio.Event()

        async def slow(_: HttpRequest) -> HttpResponse:
            begun.set()
            await asyncio.sleep(0.3)
            return HttpResponse(200)

        async with listening(slow, "127.0.0.1", 0) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await begun.wait()
            asyncio.get_running_loop().call_later(0.1, writer.write, b"no request\r\n\r\n")
        answer: bytes = await _end(reader)
        writer.close()
        return answer

    assert asyncio.run(talk()).startswith(b"HTTP/1.1 200 ")


def test_a_connection_that_has_ended_is_not_kept() -> None:
    async def kept() -> int:
        async with listening(_echo, "127.0.0.1", 0, patience_seconds=60) as port:
            for _ in range(5):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                await _end(reader)
                writer.close()
                await writer.wait_closed()
            await asyncio.sleep(0.1)
            gc.collect()
            return sum(isinstance(one, Connection) for one in gc.get_objects()) - before

    gc.collect()
    before = sum(isinstance(one, Connection) for one in gc.get_objects())
    assert asyncio.run(kept()) == 0


def test_a_service_ends_with_its_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The supervisor holds the other end of standard input: when it is gone, the pipe is closed."""
    ours, supervisors = os.pipe()
    with os.fdopen(ours) as given:
        monkeypatch.setattr(sys, "stdin", given)

        async def run() -> None:
            async with asyncio.timeout(10):
                serving = asyncio.create_task(serve(_echo, "127.0.0.1", 0, ends_with_input=True))
                await asyncio.sleep(0.1)
                assert not serving.done()
                os.close(supervisors)
                await serving

        asyncio.run(run())


def test_a_service_without_a_supervisor_ends_when_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull) as nothing:  # noqa: PTH123  (what a service without an input is given)
        monkeypatch.setattr(sys, "stdin", nothing)

        async def run() -> None:
            async with asyncio.timeout(10):
                serving = asyncio.create_task(serve(_echo, "127.0.0.1", 0))
                await asyncio.sleep(0.1)
                assert not serving.done()
                os.kill(os.getpid(), signal.SIGTERM)
                await serving

        asyncio.run(run())
