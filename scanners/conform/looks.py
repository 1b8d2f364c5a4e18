"""What a service bears beside its calls: looks at its health, and connections that wait for a call."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

# The guard waits as long for a connection; see `envoy.yaml.j2`.
_PATIENCE_SECONDS = 2.0
# Two tasks look every 5 s: this is what comes in a minute.
_LOOKS = 24
# Connections of the guard's pools, idle between two calls.
_SILENT = 20
# SO_LINGER: on, for no second. A connection that ends so ends with a reset.
_RESET = struct.pack("ii", 1, 0)


@contextmanager
def looked_at(host: str, port: int) -> Iterator[None]:
    """Inside, many have looked (opened a connection, and closed or reset it) and some stay and say nothing.

    Raises OSError where a connection is not taken.
    """
    for number in range(_LOOKS):
        with socket.create_connection((host, port), _PATIENCE_SECONDS) as opened:
            if number % 2:
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    with ExitStack() as open_connections:
        for _ in range(_SILENT):
            open_connections.enter_context(socket.create_connection((host, port), _PATIENCE_SECONDS))
        yield
