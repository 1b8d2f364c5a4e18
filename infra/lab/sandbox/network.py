"""The network of one process: the names that it can resolve, each at a port of loopback, and nothing else.

In AWS the VPC decides this: private DNS, endpoints, security groups. Here the process itself is held to it,
for a machine without containers has no other way that works everywhere. An audit hook cannot be taken away
again (PEP 578); it sees what Python code does, and functions carry no other.

This file imports nothing of the project: a function's process has the function's archive only.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from collections.abc import Mapping
from typing import Any

# A child process would not be held to the network.
_CHILDREN = frozenset({"subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"})


def hold_network(names: Mapping[str, int]) -> None:
    """From now on this process reaches the `names` (`host:port` to a port of 127.0.0.1), and starts nothing.

    Another name does not resolve, and another address refuses, as in a VPC with nothing to reach.
    """
    resolve = socket.getaddrinfo
    ports = frozenset(names.values())

    def getaddrinfo(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        text = host.decode() if isinstance(host, bytes) else host
        if text is None or _is_loopback(text):
            return resolve(host, port, *more, **named)
        local = names.get(f"{text}:{port}")
        if local is None:
            raise socket.gaierror(socket.EAI_NONAME, f"the lab has no way to {text}:{port}")
        return resolve("127.0.0.1", local, *more, **named)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CHILDREN:
            raise PermissionError(f"the lab starts no further process: {event}")
        if event in ("socket.connect", "socket.sendto"):
            _refuse_elsewhere(arguments[0], arguments[1], ports)

    socket.getaddrinfo = getaddrinfo
    sys.addaudithook(watch)


def _refuse_elsewhere(connection: socket.socket, address: Any, ports: frozenset[int]) -> None:
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        raise PermissionError("the lab has no way out but TCP")
    if not _is_loopback(address[0]) or address[1] not in ports:
        raise PermissionError(f"the lab has no way to {address[0]}:{address[1]}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
