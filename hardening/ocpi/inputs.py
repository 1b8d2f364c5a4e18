"""Opening what a user names: a file or `-`, plain or gzip, one JSON document or a message a line."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from hardening.errors import ConfigError
from hardening.ocpi.bounds import MOST_BYTES

_GZIP = b"\x1f\x8b"
_LINES = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
_PEEK = 64 * 1024
UNREADABLE = (OSError, EOFError, zlib.error)


@dataclass(frozen=True, slots=True)
class Source:
    """An opened input. `path` is None where it cannot be read from its middle (stdin, gzip)."""

    name: str
    path: Path | None
    file: BinaryIO
    lines: bool


@contextmanager
def opened(name: str) -> Iterator[Source]:
    """Open `name` (`-`: stdin). Raises ConfigError where it cannot be read."""
    try:
        if name == "-":
            yield _source(name, None, sys.stdin.buffer)
            return
        path = Path(name)
        if path.is_dir():
            raise ConfigError(f"{name}: a folder", "name the files in it")
        with path.open("rb") as file:
            yield _source(name, path, file)
    except UNREADABLE as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ConfigError(f"{name}: cannot be read: {reason}") from None


def _source(name: str, path: Path | None, file: BinaryIO) -> Source:
    raw = io.BufferedReader(cast(io.RawIOBase, file), _PEEK) if not hasattr(file, "peek") else file
    peeked = cast(io.BufferedReader, raw)
    if peeked.peek(2)[:2] == _GZIP:
        unpacked = io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=peeked)), _PEEK)
        return Source(name, None, unpacked, _are_lines(name, unpacked.peek(_PEEK)))
    return Source(name, path, peeked, _are_lines(name, peeked.peek(_PEEK)))


def _are_lines(name: str, start: bytes) -> bool:
    """A message a line: by the name, or as a first line that ends an object, with another behind it."""
    if name.endswith(_LINES):
        return True
    first, _, rest = start.lstrip().partition(b"\n")
    first = first.rstrip()
    return first.startswith(b"{") and first.endswith(b"}") and rest.lstrip().startswith(b"{")


def document(source: Source) -> bytes:
    """The one document of `source`, or as much of it as shows that it is too large."""
    parts = []
    left = MOST_BYTES + 1
    while left > 0 and (part := source.file.read(min(left, 1024 * 1024))):
        parts.append(part)
        left -= len(part)
    body = b"".join(parts)
    if not body.strip():
        raise ConfigError(f"{source.name}: empty")
    return body
