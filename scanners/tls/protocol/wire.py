"""One TCP connection with a deadline and a byte cap, and the records on it.

However a conversation goes wrong, it ends in `Ended` with a kind: a timeout and a reset are never
mistaken for an answer.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scanners.tls.protocol.codepoints import ALERTS, named
from scanners.tls.protocol.server_hello import Malformed, messages

ALERT: Final = 21
HANDSHAKE: Final = 22
APPLICATION_DATA: Final = 23
CHANGE_CIPHER_SPEC: Final = 20
# What `Wire.message` gives for a ChangeCipherSpec, which is no handshake message.
CHANGED: Final = -1
_LARGEST_RECORD: Final = 2**14 + 2048
_CONNECTION_BYTES: Final = 256 * 1024

# Our machine's fault, not the endpoint's: out of files, ports or memory.
_LOCAL_FAULTS: Final = {errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM}


class End(StrEnum):
    """How a conversation ended before it gave what was wanted."""

    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed out"
    RESET = "reset"
    CLOSED = "closed without an answer"
    ALERT = "alert"
    NOT_TLS = "not TLS"
    TOO_MUCH = "sent more than this audit reads"
    MALFORMED = "malformed"


class Ended(Exception):
    """A conversation ended early. `alert` is the code of a fatal alert."""

    def __init__(self, end: End, detail: str = "", alert: int = -1) -> None:
        super().__init__(end.value)
        self.end = end
        self.detail = detail or end.value
        self.alert = alert


class LocalFault(Exception):
    """This machine cannot open a connection (files, ports or memory); it says nothing of the endpoint."""


class Pace:
    """At most one connection to an address every `gap` seconds, whoever asks."""

    __slots__ = ("_gap", "_next")

    def __init__(self, gap: float) -> None:
        self._gap = gap
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until the next connection may be opened."""
        if not self._gap:
            return
        now = asyncio.get_running_loop().time()
        slot = max(now, self._next)
        self._next = slot + self._gap
        await asyncio.sleep(slot - now)


@dataclass(slots=True)
class Budget:
    """What one audit may cost. `deadline` is in the event loop's time."""

    deadline: float
    pace: Pace
    probe_seconds: float = 5.0
    bytes_left: int = 1024 * 1024
    connections: int = 0
    timeouts: int = 0

    def spent(self) -> bool:
        """Whether no further probe is to start."""
        return bool(self.why_spent())

    def why_spent(self) -> str:
        """Why no further probe is to start; empty while one may."""
        if self.timeouts >= 2:
            return "it was not asked: two connections before got no answer in time"
        if self.bytes_left <= 0:
            return "it was not asked: the endpoint had sent more than this audit reads"
        if asyncio.get_running_loop().time() >= self.deadline:
            return "it was not asked: the time for this endpoint was used up (--deadline)"
        return ""


class Wire:
    """An open connection, within its share of the budget. `connected` opens and closes it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, budget: Budget) -> None:
        self._reader, self._writer, self._budget = reader, writer, budget
        self._left = min(_CONNECTION_BYTES, budget.bytes_left)
        self._handshake = bytearray()

    async def send(self, data: bytes) -> None:
        """Send `data`. Raises Ended."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise Ended(End.RESET, _reason(error)) from None

    async def read(self, size: int) -> bytes:
        """Exactly `size` bytes. Raises Ended."""
        self._count(size)
        try:
            return await self._reader.readexactly(size)
        except asyncio.IncompleteReadError as cut:
            if cut.partial:
                raise Ended(End.NOT_TLS, _what_is(cut.partial)) from None
            raise Ended(End.CLOSED) from None
        except OSError as error:
            raise Ended(End.RESET, _reason(error)) from None

    async def read_some(self) -> bytes:
        """Whatever comes next; nothing at the end. Raises Ended."""
        try:
            data = await self._reader.read(16 * 1024)
        except OSError as error:
            raise Ended(End.RESET, _reason(error)) from None
        self._count(len(data))
        return data

    async def record(self) -> tuple[int, bytes]:
        """The next record: content type and payload. Raises Ended."""
        header = await self.read(5)
        size = int.from_bytes(header[3:], "big")
        if header[0] not in (20, 21, 22, 23, 24) or header[1] != 3 or size > _LARGEST_RECORD:
            raise Ended(End.NOT_TLS, _what_is(header))
        return header[0], await self.read(size)

    async def message(self, *, changes: bool = False) -> tuple[int, bytes, bytes]:
        """The next plaintext handshake message: type, body, and the raw message. Raises Ended.

        A ChangeCipherSpec is passed over, or with `changes` told as `CHANGED`.
        """
        while True:
            found = messages(self._handshake)
            if found:
                # What was read beyond the first message goes back, in order.
                self._handshake[:0] = b"".join(raw for _, _, raw in found[1:])
                return found[0]
            kind, payload = await self.record()
            if kind == ALERT:
                fatal_alert(payload)
            elif kind == HANDSHAKE:
                self._handshake += payload
            elif kind != CHANGE_CIPHER_SPEC:
                raise Ended(End.MALFORMED, f"record of type {kind} in the handshake")
            elif changes:
                return CHANGED, b"", b""

    def _count(self, size: int) -> None:
        self._left -= size
        self._budget.bytes_left -= size
        if self._left < 0 or self._budget.bytes_left < 0:
            raise Ended(End.TOO_MUCH)


def fatal_alert(payload: bytes) -> None:
    """Raise Ended for an alert that ends the connection; a warning is passed over (RFC 5246, 7.2)."""
    if len(payload) == 2 and payload[0] == 1 and payload[1] not in (0, 90):
        return
    if len(payload) != 2:
        raise Ended(End.MALFORMED, "an alert of a wrong length")
    raise Ended(End.ALERT, f"alert {named(ALERTS, payload[1])}", payload[1])


@asynccontextmanager
async def connected(address: str, port: int, budget: Budget) -> AsyncIterator[Wire]:
    """A connection to one address, with one deadline for all that happens on it. Raises Ended, LocalFault."""
    loop = asyncio.get_running_loop()
    await budget.pace.turn()
    budget.connections += 1
    deadline = min(budget.deadline, loop.time() + budget.probe_seconds)
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout_at(deadline):
            reader, writer = await _open(address, port)
            yield Wire(reader, writer, budget)
    except TimeoutError:
        budget.timeouts += 1
        if writer is None:
            raise Ended(End.UNREACHABLE, "no answer to the connection attempt") from None
        raise Ended(End.TIMED_OUT) from None
    except Malformed as fault:
        raise Ended(End.MALFORMED, str(fault)) from None
    finally:
        if writer is not None:
            writer.transport.abort()


async def _open(address: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        return await asyncio.open_connection(address, port)
    except OSError as error:
        if error.errno in _LOCAL_FAULTS:
            raise LocalFault(_reason(error)) from None
        raise Ended(End.UNREACHABLE, _reason(error)) from None


def _reason(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return "connection reset"
    return (error.strerror or type(error).__name__).lower()


def _what_is(data: bytes) -> str:
    """What answered in place of TLS, by its first bytes; never the bytes themselves."""
    if data.startswith(b"HTTP") or data[:1] == b"<":
        return "answers in plaintext HTTP"
    if data.startswith(b"SSH-"):
        return "answers as an SSH server"
    if data[:3] in (b"220", b"421") or data.startswith((b"+OK", b"* OK")):
        return "answers as a mail or FTP server"
    return "answers with bytes that are not TLS"


def is_address(text: str) -> bool:
    """Whether `text` is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
