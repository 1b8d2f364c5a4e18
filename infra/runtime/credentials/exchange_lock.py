"""One exchange of a partner at a time on this machine, whichever command makes it.

The lock is the kernel's, on a file beside the vault: it ends with its process, so a kill leaves none.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from hardening.errors import CollectError

_EVERY_SECONDS = 0.2
# An exchange is some calls of a partner that may take its time.
PATIENCE = 180.0


@contextlib.contextmanager
def locked(vault: Path, partner: str, patience: float = PATIENCE) -> Iterator[None]:
    """Have the exchanges with `partner` alone; wait for those under way for `patience` seconds.

    Raises CollectError where they do not end, and OSError where the file cannot be made.
    """
    file = os.open(vault.with_name(f"{vault.name}-{partner}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        _wait(file, partner, time.monotonic() + patience)
        yield
    finally:
        os.close(file)


def _wait(file: int, partner: str, deadline: float) -> None:
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if time.monotonic() >= deadline:
            raise CollectError(
                f"{partner}: another command's exchange is under way", "try again once it has ended"
            )
        time.sleep(_EVERY_SECONDS)
