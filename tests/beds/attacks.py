"""How an attack on a gateway is written down, sent as it stands, and what must come back."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.beds.gateway import GatewayBed

# Another address of this machine, which no partner calls from (Linux: all of 127.0.0.0/8 is ours).
FOREIGN = "127.0.0.2"


@dataclass(frozen=True, slots=True)
class Attack:
    """One call. `headers` may hold a name twice; `source` is the address to call from ("" for the usual)."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    source: str = ""

    def but(self, *more: tuple[str, str], **changes: Any) -> Attack:
        """The same call with other headers (an empty value takes one away), path, method or body."""
        names = {name.lower() for name, _ in more}
        kept = tuple(one for one in self.headers if one[0].lower() not in names)
        return replace(self, headers=(*kept, *(one for one in more if one[1])), **changes)


@dataclass(frozen=True, slots=True)
class Family:
    """Attacks of one kind, and the right answer to each of them.

    `control` is the one that refuses; empty where Envoy itself does, or where the call is served.
    """

    name: str
    status: int
    ocpi: int
    control: str
    attacks: tuple[Attack, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Status 0: the connection was closed. `ocpi` 0: no envelope."""

    status: int
    ocpi: int = 0
    message: str = ""


def family(name: str, right: tuple[int, int, str], attacks: Iterable[Attack]) -> Family:
    """`right` is the HTTP status, OCPI's, and the control."""
    return Family(name, *right, tuple(attacks))


def send(bed: GatewayBed, attack: Attack) -> Answer:
    """Send `attack` over HTTP/1.1, without a change, on a connection of its own."""
    trust = ssl.create_default_context(cafile=bed.target.ca_file)
    source = (attack.source, 0) if attack.source else None
    with contextlib.ExitStack() as stack:
        raw = socket.create_connection(("127.0.0.1", bed.port), 10, source)
        stack.callback(raw.close)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        secure = trust.wrap_socket(raw, server_hostname=bed.target.server_name)
        stack.callback(secure.close)
        lines = [f"{attack.method} {attack.path} HTTP/1.1", f"host: {bed.target.server_name}"]
        lines += [f"{name}: {value}" for name, value in attack.headers]
        framed = {name.lower() for name, _ in attack.headers} & {"content-length", "transfer-encoding"}
        if not framed and (attack.body or attack.method in ("POST", "PUT", "PATCH")):
            lines.append(f"content-length: {len(attack.body)}")
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            secure.sendall("\r\n".join((*lines, "", "")).encode("latin-1") + attack.body)
        answer = http.client.HTTPResponse(secure, method=attack.method)
        try:
            answer.begin()
            return _answer(answer.status, answer.read())
        except (ConnectionError, ssl.SSLError, http.client.HTTPException):
            return Answer(0)


def _answer(status: int, content: bytes) -> Answer:
    try:
        envelope = json.loads(content)
        return Answer(status, envelope["status_code"], envelope.get("status_message", ""))
    except (ValueError, KeyError, TypeError):
        return Answer(status)


def chunked(body: bytes, size: int = 50) -> bytes:
    """A body in the chunks of HTTP/1.1 (RFC 9112, 7.1)."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def send_http2(bed: GatewayBed, attack: Attack) -> Answer:
    """Send `attack` over HTTP/2 (RFC 9113), its body in DATA frames, without a Content-Length.

    The status is read from the envelope alone: 0 stands for HTTP's own.
    """
    frames = _frame(1, 4 | (0 if attack.body else 1), 1, _header_block(bed, attack))
    if attack.body:
        frames += _frame(0, 1, 1, attack.body)
    with _http2(bed) as secure:
        secure.sendall(frames)
        return _answer(0, _data(secure))


def calls_until_the_end(bed: GatewayBed, attack: Attack, most: int) -> int:
    """How often `attack` could be sent over one connection of HTTP/2, each reset at once, until it ended."""
    block = _header_block(bed, attack)
    with _http2(bed) as secure:
        for number in range(most):
            stream = 2 * number + 1
            try:
                # An answer to a ping: what was sent before it has been read.
                secure.sendall(_frame(1, 5, stream, block) + _frame(3, 0, stream, b"\0\0\0\x08"))
                secure.sendall(_frame(6, 0, 0, b"are we ?"))
                while (came := secure.recv(65536))[-8:] != b"are we ?":
                    if not came:
                        return number
            except OSError:
                return number
    return most


@contextlib.contextmanager
def _http2(bed: GatewayBed) -> Iterator[ssl.SSLSocket]:
    trust = ssl.create_default_context(cafile=bed.target.ca_file)
    trust.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", bed.port), 10) as raw,
        trust.wrap_socket(raw, server_hostname=bed.target.server_name) as secure,
    ):
        secure.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(4, 0, 0, b""))
        yield secure


def _header_block(bed: GatewayBed, attack: Attack) -> bytes:
    pseudo = {
        ":method": attack.method,
        ":path": attack.path,
        ":scheme": "https",
        ":authority": bed.target.server_name,
    }
    headers = [*pseudo.items(), *((name.lower(), value) for name, value in attack.headers)]
    return b"".join(b"\x00" + _text(name) + _text(value) for name, value in headers)


def _data(secure: ssl.SSLSocket) -> bytes:
    """The content of stream 1, to its end."""
    with secure.makefile("rb") as stream:
        content = b""
        while head := stream.read(9):
            length, kind, flags, number = struct.unpack(">I", b"\0" + head[:3])[0], head[3], head[4], head[5:]
            payload = stream.read(length)
            if kind == 0:
                content += payload
            if kind in (3, 7) or (kind in (0, 1) and flags & 1 and number[-1] == 1):
                break
        return content


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def _text(text: str) -> bytes:
    """A string literal of HPACK, without Huffman's code (RFC 7541, 5.2)."""
    raw = text.encode()
    assert len(raw) < 127 + 128, "two bytes of length are enough here"
    return (bytes((len(raw),)) if len(raw) < 127 else bytes((127, len(raw) - 127))) + raw


def controls_by_request(logs: str) -> Mapping[str, str]:
    """The control that refused each call, by its X-Request-ID, out of the policy service's log."""
    found: dict[str, str] = {}
    for line in logs.splitlines():
        if '"event":"refused"' in line:
            entry = json.loads(line)
            found[entry["api"]["request"]["uid"]] = entry["policy"]["uid"]
    return found
