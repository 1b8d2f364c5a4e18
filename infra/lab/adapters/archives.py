"""The zip that an archive of the program becomes: the same bytes for the same files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.program_run.property_values import Archive, Asset

_EPOCH = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT = {"__pycache__", ".mypy_cache", ".ruff_cache"}


def zipped(archive: Archive) -> bytes:
    """The archive as zip bytes."""
    if archive.path and Path(archive.path).is_file():
        return Path(archive.path).read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in sorted(_members(archive, "")):
            target.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _members(item: Any, name: str) -> Iterator[tuple[str, bytes]]:
    if isinstance(item, Asset):
        yield name, Path(item.path).read_bytes() if item.text is None else item.text.encode()
    elif isinstance(item, Archive) and item.path:
        yield from _files(Path(item.path), name)
    elif isinstance(item, Archive):
        for member, content in item.members.items():
            yield from _members(content, f"{name}/{member}".lstrip("/"))
    else:
        raise TypeError(f"{name}: neither an asset nor an archive")


def _files(folder: Path, name: str) -> Iterator[tuple[str, bytes]]:
    for file in folder.rglob("*"):
        inside = file.relative_to(folder)
        if file.is_file() and not _LEFT_OUT & set(inside.parts):
            yield f"{name}/{inside.as_posix()}".lstrip("/"), file.read_bytes()
