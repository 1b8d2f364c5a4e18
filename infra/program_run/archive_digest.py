"""The digest that the engine gives an archive: of the tar that it packs its members into.

After a refresh a state holds an archive by this digest alone (Pulumi, `sdk/go/common/resource/archive`:
`EnsureHash`, and the headers of Go's `archive/tar`), so whoever compares with it has to find the same one.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.program_run.property_values import Archive

_BLOCK = 512
_LONGEST = 100  # characters of a name that needs no second header


def archive_digest(archive: Archive, contents: Mapping[str, bytes | None]) -> str | None:
    """The SHA-256 (hexadecimal), where it is known here: of a file as it is, and of members that are assets.

    `contents` has what each member holds. None for a folder, an archive in an archive, a name that is long or
    not ASCII, and a file that is not there.
    """
    if archive.path:
        file = Path(archive.path)
        return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None
    digest = hashlib.sha256()
    for name, content in sorted(contents.items()):
        if content is None or not name.isascii() or len(name) > _LONGEST:
            return None
        digest.update(_header(name, len(content)) + content + bytes(-len(content) % _BLOCK))
    digest.update(bytes(2 * _BLOCK))
    return digest.hexdigest()


def _header(name: str, size: int) -> bytes:
    """A USTAR header with nothing in it but name, size and the mode 0600 (POSIX.1-1988)."""
    number = b"0000000\0"
    fields: tuple[Any, ...] = (name.encode(), b"0000600\0", number, number, f"{size:011o}\0".encode())
    rest = (b"0", b"", b"ustar\0", b"00", b"", b"", number, number, b"")

    def packed(checksum: bytes) -> bytes:
        return struct.pack(
            "100s8s8s8s12s12s8s1s100s6s2s32s32s8s8s167s", *fields, b"00000000000\0", checksum, *rest
        )

    return packed(f"{sum(packed(b' ' * 8)):06o}\0 ".encode())
