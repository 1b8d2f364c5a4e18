"""Ports of this machine: free ones, and those on which a server must come up."""

from __future__ import annotations

import contextlib
import socket
import time


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens on now; taken together, or they might be equal."""
    sockets = [socket.socket() for _ in range(number)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def wait_for(ports: list[int], seconds: float = 20) -> None:
    """Wait until something listens on every port. Raises RuntimeError after `seconds`."""
    end = time.monotonic() + seconds
    for port in ports:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if time.monotonic() > end:
                raise RuntimeError(f"nothing listens on port {port}")
            time.sleep(0.05)
