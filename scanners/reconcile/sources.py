"""The files that a user names: which they are, and the records in them, one by one.

A file holds an object a line, an object, a list, a response with its envelope, or rows of CSV; each of them
may be packed with gzip. A folder is read with all that is in it. Parquet is not read here: DuckDB does.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from hardening.errors import ConfigError
from hardening.ocpi.batch import lines_of
from hardening.ocpi.inputs import UNREADABLE, opened

PARQUET: Final = ".parquet"
_ENDINGS: Final = (".ndjson", ".jsonl", ".json", ".csv")
_MOST_BYTES: Final = 256 * 1024**2  # of one document that is not an object a line
NAME_TWICE: Final = "expected every name once in an object"
_KINDS: Final = f"{', '.join(_ENDINGS)} (each may end in .gz) or {PARQUET}"


@dataclass(frozen=True, slots=True)
class Rejected:
    """What was not judged: `records` of `where` (a file, a line or a row of it), and why.

    `copy`: the same was judged already, from another file.
    """

    where: str
    problem: str
    records: int = 1
    copy: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands in a file: `line` counts from 1 (0: the file is one document)."""

    line: int
    text: bytes
    cells: dict[str, str] | None = None


def is_parquet(file: Path) -> bool:
    """Whether DuckDB reads it itself."""
    return file.name.endswith(PARQUET)


def files_of(option: str, path: Path) -> list[Path]:
    """The files of a path, by name. Raises ConfigError where there is none, or one that cannot be read."""
    if not path.exists():
        raise ConfigError(f"{option} {path}: no such file or folder")
    if not path.is_dir():
        return [path]
    inside = [file.relative_to(path) for file in sorted(path.rglob("*")) if file.is_file()]
    every = [path / file for file in inside if not any(part[0] in "._" for part in file.parts)]
    if not every:
        raise ConfigError(f"{option} {path}: an empty folder", f"expected files that end in {_KINDS}")
    for file in every:
        if not is_parquet(file) and not file.name.removesuffix(".gz").endswith(_ENDINGS):
            raise ConfigError(f"{option} {file}: of no kind that is read", f"expected {_KINDS}")
    return every


def copies_in(files: Iterable[Path]) -> dict[Path, Path]:
    """The files with the content of an earlier one, and which that is. Raises ConfigError."""
    sizes: dict[int, list[Path]] = defaultdict(list)
    copies: dict[Path, Path] = {}
    for file in files:
        try:
            sizes[file.stat().st_size].append(file)
        except OSError as error:
            raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    for alike in sizes.values():
        known: dict[str, Path] = {}
        for file in alike if len(alike) > 1 else ():
            first = known.setdefault(_digest(file), file)
            if first is not file:
                copies[file] = first
    return copies


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None


def records_of(file: Path) -> Iterator[Record]:
    """Every record of a file that is no Parquet. Raises ConfigError where it cannot be read as its kind."""
    with opened(str(file)) as source:
        try:
            if file.name.removesuffix(".gz").endswith(".csv"):
                yield from _csv_rows(file, source.file)
            elif source.lines:
                for number, line in enumerate(lines_of(source.file), 1):
                    if line.strip():
                        yield Record(number, line.strip())
            else:
                yield from _documents(file, source.file)
        except UNREADABLE as error:  # it ends in the middle of its gzip
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise ConfigError(f"{file}: cannot be read: {reason}") from None


def _csv_rows(file: Path, content: BinaryIO) -> Iterator[Record]:
    text = io.TextIOWrapper(content, encoding="utf-8-sig", newline="")
    try:
        rows = csv.DictReader(text, strict=True)
        columns = [name.strip() for name in rows.fieldnames or ()]
        if len(set(columns)) < len(columns):
            raise ConfigError(f"{file}: two columns of one name")
        for row in rows:
            if None in row or None in row.values():
                yield Record(rows.line_num, b"")  # too many cells, or too few
            else:
                yield Record(rows.line_num, b"", {name.strip(): value for name, value in row.items()})
    except (csv.Error, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not CSV in UTF-8: {error}") from None


_ENVELOPE: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _documents(file: Path, content: BinaryIO) -> Iterator[Record]:
    body = content.read(_MOST_BYTES + 1)
    if not body.strip():
        return
    if len(body) > _MOST_BYTES:
        raise ConfigError(f"{file}: a document of more than 256 MiB", "write an object a line: .ndjson")
    try:
        inner = body
        if body.lstrip()[:1] == b"{" and b'"data"' in body and b'"status_code"' in body:
            inner = _data_of(file, body)
        if inner.lstrip()[:1] != b"[":
            yield Record(0, inner.strip())
            return
        every = msgspec.json.decode(inner, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not JSON: {error}") from None
    except RecursionError:
        raise ConfigError(f"{file}: not JSON that can be read: nested too deep") from None
    for number, one in enumerate(every, 1):
        yield Record(number, bytes(one))


def _data_of(file: Path, body: bytes) -> bytes:
    """What an envelope holds. Raises ConfigError where a name of the envelope stands twice.

    Its members are not decoded, so their colons are counted as they stand; no name of it has one.
    """
    members = _ENVELOPE.decode(body)
    if "data" not in members:
        return body
    counted = len(members) + sum(bytes(one).count(b":") for one in members.values())
    if counted != body.count(b":"):
        raise ConfigError(f"{file}: {NAME_TWICE}")
    return bytes(members["data"])
