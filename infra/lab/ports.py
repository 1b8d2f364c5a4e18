"""Free TCP ports of loopback."""

from __future__ import annotations

import contextlib
import socket


def free_port(count: int = 1) -> int:
    """The first of `count` TCP ports of loopback in a row that nobody listens on."""
    while True:
        with contextlib.ExitStack() as held:
            first = held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
            with contextlib.suppress(OSError, OverflowError):
                for port in range(first + 1, first + count):
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
                return int(first)


def listens(port: int) -> bool:
    """Whether somebody listens on this TCP port of loopback."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
