"""Files of one user alone."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


def make_private(file: Path) -> None:
    """Make an empty file (mode 0600) where there is none; one that is there is not even opened.

    To close a SQLite file that this process has open elsewhere drops SQLite's locks on it (SQLite, "How To
    Corrupt An SQLite Database File", 2.2). Raises OSError.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


@contextlib.contextmanager
def private_text(text: str) -> Iterator[str]:
    """The name of a file (mode 0600) that holds `text` for as long as the context. Raises OSError."""
    with tempfile.NamedTemporaryFile("w", prefix="rampart-", suffix=".pem") as file:
        file.write(text)
        file.flush()
        yield file.name
