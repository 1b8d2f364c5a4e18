"""One GET over TLS: the status, HSTS, where it redirects, and whether the body ends."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import warnings
from dataclasses import dataclass, field
from typing import Final

from scanners.tls.audit.plaintext import get_request, parse_head, shown
from scanners.tls.observations import Web
from scanners.tls.protocol.conversation import Destination
from scanners.tls.protocol.resumption import Ticket
from scanners.tls.protocol.server_hello import NEW_SESSION_TICKET, Reader, extensions, messages
from scanners.tls.protocol.tls12 import Session12
from scanners.tls.protocol.tls13 import Session
from scanners.tls.protocol.wire import APPLICATION_DATA, HANDSHAKE, Budget, End, Ended

_BODY_BYTES: Final = 64 * 1024
# Of the time that a conversation has: the rest is for the handshake.
_SHARE: Final = 0.6
# Of the same time: what a server may take to refuse our certificate, or the lack of one.
_LISTENING: Final = 0.2
_EARLY_DATA: Final = 42
# Alerts with which a server says that it wanted a certificate (RFC 8446, 6.2), by code.
_CERTIFICATE_WANTED: Final = {40, 42, 43, 46, 48, 49, 116}


@dataclass(slots=True)
class Answer:
    """What came back after the handshake. `early_data` is None until a ticket says it."""

    data: bytearray = field(default_factory=bytearray)
    early_data: int | None = None
    ticket_seconds: int | None = None
    ticket: Ticket | None = None
    ended: bool = False
    refused: bool = False
    problem: str = ""


async def get_1_3(session: Session, host: str, path: str, budget: Budget) -> Answer:
    """GET `path` over a finished TLS 1.3 handshake. Never raises: `problem` says what went wrong."""
    answer = Answer()
    pending = bytearray()
    received = asyncio.ensure_future(session.receive())
    try:
        async with asyncio.timeout(budget.probe_seconds * _SHARE):
            if not await _turned_away(session, received, budget):
                await session.send(get_request(host, path))
            while not _complete(answer):
                kind, payload = await received
                received = asyncio.ensure_future(session.receive())
                if kind == APPLICATION_DATA:
                    answer.data += payload
                elif kind == HANDSHAKE:
                    pending += payload
                    _tickets(pending, answer, session)
    except TimeoutError:
        answer.problem = "no end of the answer in time" if answer.data else "no HTTP answer in time"
    except Ended as ended:
        _end(answer, ended)
    finally:
        received.cancel()
        await asyncio.gather(received, return_exceptions=True)
    if answer.early_data is None and (answer.data or answer.ended):
        answer.early_data = 0  # it answered, and no ticket came before the answer
    return answer


async def _turned_away(session: Session, received: asyncio.Future[tuple[int, bytes]], budget: Budget) -> bool:
    """Whether a server that asked for a certificate ends the connection at once.

    A request in its way would turn its alert into a reset, which says nothing.
    """
    if session.flight is None or not session.flight.asks_for_certificate:
        return False
    await asyncio.wait({received}, timeout=budget.probe_seconds * _LISTENING)
    return received.done() and received.exception() is not None


async def get_in_1_2(session: Session12, host: str, path: str, budget: Budget) -> Answer:
    """GET `path` over a finished TLS 1.2 handshake of our own. Never raises: see `problem`."""
    answer = Answer()
    try:
        async with asyncio.timeout(budget.probe_seconds * _SHARE):
            await session.send(get_request(host, path))
            while not _complete(answer):
                kind, payload = await session.receive()
                if kind == APPLICATION_DATA:
                    answer.data += payload
    except TimeoutError:
        answer.problem = "no end of the answer in time" if answer.data else "no HTTP answer in time"
    except Ended as ended:
        _end(answer, ended)
    return answer


async def get_1_2(
    destination: Destination, host: str, path: str, budget: Budget, client_file: str = ""
) -> Answer:
    """GET `path` with Python's TLS, for endpoints without TLS 1.3. Never raises: see `problem`.

    `client_file` holds the client certificate to show and its key (PEM).
    """
    answer = Answer()
    budget.connections += 1
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(budget.probe_seconds):
            reader, writer = await asyncio.open_connection(
                destination.address,
                destination.port,
                ssl=_lenient(client_file, destination.protocols),
                server_hostname=destination.name or None,
            )
            writer.write(get_request(host, path))
            while not _complete(answer):
                more = await reader.read(16 * 1024)
                if not more:
                    answer.ended = True
                    break
                answer.data += more
    except TimeoutError:
        answer.problem = "no end of the answer in time" if answer.data else "no HTTP answer in time"
    except ssl.SSLError as error:
        answer.refused = "ALERT" in (error.reason or "")
        reason = (error.reason or "unknown").lower().replace("_", " ")
        answer.problem = f"no handshake with the TLS of this audit: {reason}"
    except OSError:
        answer.problem = "the connection was reset"
    finally:
        if writer is not None:
            with contextlib.suppress(OSError):
                writer.transport.abort()
    return answer


def seen(answer: Answer, host: str) -> Web:
    """The answer as facts; `host` is what a redirect is held against."""
    head = parse_head(bytes(answer.data))
    if head is None:
        return Web(problem=answer.problem or "the answer is not HTTP", ended=answer.ended)
    location = head.headers.get("location", "")
    return Web(
        status=head.status,
        hsts=head.headers.get("strict-transport-security", ""),
        location=shown(location, host) if location and 300 <= head.status < 400 else "",
        ended=answer.ended,
        problem=answer.problem,
    )


def _complete(answer: Answer) -> bool:
    """Whether the whole answer is there by its own length, or more than we will read."""
    head, mark, body = bytes(answer.data).partition(b"\r\n\r\n")
    if not mark:
        return len(answer.data) > _BODY_BYTES
    parsed = parse_head(head)
    length = parsed.headers.get("content-length", "") if parsed else ""
    chunked = parsed is not None and "chunked" in parsed.headers.get("transfer-encoding", "")
    if (length.isdecimal() and len(body) >= int(length)) or (chunked and body.endswith(b"0\r\n\r\n")):
        answer.ended = True
        return True
    if len(body) > _BODY_BYTES:
        # A length that is told is an end, and the body comes in time. No end was told: none was seen.
        answer.ended = length.isdecimal()
        told = "" if answer.ended else f"no length is told, and no end seen in {_BODY_BYTES // 1024} KiB"
        answer.problem = told
        return True
    return False


def _end(answer: Answer, ended: Ended) -> None:
    if ended.end is End.ALERT and ended.alert in _CERTIFICATE_WANTED and not answer.data:
        answer.refused = True
        answer.problem = ended.detail
    elif ended.end is End.CLOSED or (ended.end is End.ALERT and ended.alert == 0):
        answer.ended = True
        answer.problem = "" if answer.data else "closed without an HTTP answer"
    elif ended.end is End.TOO_MUCH:
        answer.problem = "no end of the answer in what this audit reads"
    else:
        answer.problem = ended.detail


def _tickets(pending: bytearray, answer: Answer, session: Session) -> None:
    """NewSessionTicket (RFC 8446, 4.6.1): its life in seconds, and the most early data that it allows."""
    for kind, body, _ in messages(pending):
        if kind != NEW_SESSION_TICKET:
            continue
        reader = Reader(body)
        answer.ticket = session.ticket(body) or answer.ticket
        lifetime = reader.number(4)
        answer.ticket_seconds = max(lifetime, answer.ticket_seconds or 0)
        reader.take(4)
        reader.vector(1)
        reader.vector(2)
        found = extensions(reader.vector(2))
        allowed = int.from_bytes(found.get(_EARLY_DATA, b""), "big")
        answer.early_data = max(allowed, answer.early_data or 0)


def _lenient(client_file: str, protocols: tuple[str, ...]) -> ssl.SSLContext:
    """Accepts anything: this connection only asks; trust and strength are judged from what was seen."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if client_file:
        context.load_cert_chain(client_file)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():  # an old version is what we want to see, not to use
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    if protocols:
        context.set_alpn_protocols(protocols)
    return context
