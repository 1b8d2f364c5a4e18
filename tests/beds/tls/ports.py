"""Ports of this machine: free ones, and those on which a server must come up."""

from __future__ import annotations

import contextlib
import random
import socket
import time

# Below those that the kernel gives to calls and for port 0 (ip_local_port_range): nobody gets one meanwhile.
_CHOSEN = range(12_000, 32_000)


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens on now. Raises RuntimeError where there are not as many."""
    found: list[int] = []
    for port in random.sample(_CHOSEN, len(_CHOSEN)):
        if len(found) == number:
            return found
        with contextlib.suppress(OSError), socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(("127.0.0.1", port))
            found.append(port)
    raise RuntimeError(f"{number} ports are not free")


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
