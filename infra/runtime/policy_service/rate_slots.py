"""Where rates are counted: a slot of two moments for each key, in one file that the workers of a task map.

A key keeps its slot as long as the file stands, so a registry that changes loses no count.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
from collections.abc import Iterable, Mapping
from pathlib import Path

# A slot: the key's digest in 16 bytes, then two doubles.
_DIGEST_BYTES = 16
_SLOT_BYTES = 32
_DOUBLES = _SLOT_BYTES // 8
# 2,000 partners with a rate for each of eight modules have 18,000 keys; the file is sparse.
MOST_KEYS = 65_536
_EMPTY = bytes(_DIGEST_BYTES)


class RateSlots:
    """Two moments (seconds of a clock) for each key, 0.0 at first."""

    def __init__(self, keys: Iterable[str], file: Path | None = None) -> None:
        """`file`: shared by the workers of this machine; None: this process alone.

        Raises OSError where the file cannot be written, OverflowError for more than `MOST_KEYS`.
        """
        size = MOST_KEYS * _SLOT_BYTES
        if file is None:
            wanted = sorted(set(keys))
            self._places: Mapping[str, int] = {
                key: number * _DOUBLES + 2 for number, key in enumerate(wanted)
            }
            self.moments = memoryview(bytearray(max(1, len(wanted)) * _SLOT_BYTES)).cast("d")
            return
        with file.open("a+b") as opened:
            # One worker after the other finds or takes its slots.
            fcntl.flock(opened, fcntl.LOCK_EX)
            if opened.seek(0, 2) < size:
                opened.truncate(size)
            mapped = mmap.mmap(opened.fileno(), size)
            self._places = _places(mapped, keys)
            # The map holds the file open, and with it the lock.
            fcntl.flock(opened, fcntl.LOCK_UN)
        self.moments = memoryview(mapped).cast("d")

    def place(self, key: str) -> int:
        """The index in `moments` of a key's first moment. Raises KeyError for one that was not given."""
        return self._places[key]


def _places(mapped: mmap.mmap, keys: Iterable[str]) -> dict[str, int]:
    """The slot of each key; a new key takes the first that is free."""
    taken: dict[bytes, int] = {}
    while (digest := _digest_at(mapped, len(taken))) != _EMPTY:
        taken[digest] = len(taken)
    places: dict[str, int] = {}
    for key in sorted(set(keys)):
        digest = hashlib.blake2b(key.encode(), digest_size=_DIGEST_BYTES).digest()
        if digest not in taken:
            if len(taken) >= MOST_KEYS - 1:
                raise OverflowError(f"more than {MOST_KEYS - 1} rates")
            begin = len(taken) * _SLOT_BYTES
            mapped[begin : begin + _DIGEST_BYTES] = digest
            taken[digest] = len(taken)
        places[key] = taken[digest] * _DOUBLES + _DIGEST_BYTES // 8
    return places


def _digest_at(mapped: mmap.mmap, number: int) -> bytes:
    begin = number * _SLOT_BYTES
    return mapped[begin : begin + _DIGEST_BYTES]
