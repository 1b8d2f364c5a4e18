"""Whether a domain is delegated: which name servers the DNS says it has (RFC 1034 and 1035)."""

from __future__ import annotations

import secrets
import socket
import struct
from collections.abc import Sequence
from pathlib import Path

from hardening.errors import CollectError

_NS, _IN = 2, 1
_NO_SUCH_NAME = 3
_SECONDS = 3.0
_MOST_BYTES = 4096
_POINTER = 0xC0
_MOST_LABELS = 128

Address = tuple[str, int]


def name_servers(domain: str, resolver: Address | None = None) -> frozenset[str]:
    """The name servers of `domain`, in lower case without the root's dot; none where it has no delegation.

    Asks `resolver`, or the one that this machine uses. Raises CollectError where there is no usable answer.
    """
    query = secrets.token_bytes(2)
    question = b"".join(bytes([len(part)]) + part.encode("ascii") for part in domain.split(".")) + b"\0"
    sent = query + struct.pack(">5H", 0x0100, 1, 0, 0, 0) + question + struct.pack(">2H", _NS, _IN)
    answer = _asked(sent, resolver or _own_resolver())
    try:
        return frozenset(_answers(answer, query))
    except (struct.error, IndexError, ValueError):
        raise CollectError(f"{domain}: the DNS answer cannot be read", "look its NS records up") from None


def is_delegated(found: frozenset[str], expected: Sequence[str]) -> bool:
    """Whether the DNS names the zone's own name servers, and none besides."""
    return bool(expected) and found == {name.lower().rstrip(".") for name in expected}


def _asked(sent: bytes, resolver: Address) -> bytes:
    family = socket.AF_INET6 if ":" in resolver[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as connection:
        connection.settimeout(_SECONDS)
        try:
            connection.connect(resolver)
            connection.send(sent)
            return connection.recv(_MOST_BYTES)
        except OSError as error:
            raise CollectError(f"no DNS answer: {error}", "check this machine's resolver") from None


def _own_resolver() -> Address:
    file = Path("/etc/resolv.conf")
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    found = [line.split()[1] for line in lines if line.startswith("nameserver ")]
    if not found:
        raise CollectError("no DNS resolver is set on this machine", "see /etc/resolv.conf")
    return found[0], 53


def _answers(data: bytes, query: bytes) -> list[str]:
    identity, flags, questions, answers, *_ = struct.unpack(">2s5H", data[:12])
    if identity != query or not flags & 0x8000:
        raise ValueError("not the answer to this question")
    if flags & 0xF == _NO_SUCH_NAME:
        return []
    if flags & 0xF:
        raise ValueError("the resolver failed")
    at = 12
    for _ in range(questions):
        at = _name(data, at)[1] + 4
    found = []
    for _ in range(answers):
        at = _name(data, at)[1]
        kind, _, _, size = struct.unpack(">2HIH", data[at : at + 10])
        at += 10
        if kind == _NS:
            found.append(_name(data, at)[0])
        at += size
    return found


def _name(data: bytes, at: int) -> tuple[str, int]:
    """A name, and where it ends; it may continue where a pointer says (RFC 1035, 4.1.4)."""
    labels: list[str] = []
    end = 0
    for _ in range(_MOST_LABELS):
        size = data[at]
        if size >= _POINTER:
            end = end or at + 2
            at = struct.unpack(">H", data[at : at + 2])[0] & 0x3FFF
        elif size == 0:
            return ".".join(labels).lower(), end or at + 1
        else:
            labels.append(data[at + 1 : at + 1 + size].decode("ascii"))
            at += 1 + size
    raise ValueError("a name without an end")
