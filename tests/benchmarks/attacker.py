"""`python -m tests.benchmarks.attacker`: calls of one partner, as many and as large as it can send.

    attacker PORT SOURCE CONNECTIONS SECONDS FILE

FILE holds one call as it goes over the wire. Each connection sends it again and again, and is opened anew
where it was closed. What is printed at the end is how often each status came back (0: the connection was
closed).
"""

from __future__ import annotations

import http.client
import socket
import ssl
import sys
import threading
import time
from collections import Counter
from pathlib import Path


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def attack(port: int, source: str, call: bytes, until: float, answers: Counter[int]) -> None:
    """Send `call` until that time (monotonic seconds)."""
    context = _context()
    while time.monotonic() < until:
        try:
            with (
                socket.create_connection(("127.0.0.1", port), 10, (source, 0)) as raw,
                context.wrap_socket(raw) as secure,
            ):
                _send_again_and_again(secure, call, until, answers)
        except (OSError, http.client.HTTPException):
            answers[0] += 1


def _send_again_and_again(secure: ssl.SSLSocket, call: bytes, until: float, answers: Counter[int]) -> None:
    while time.monotonic() < until:
        secure.sendall(call)
        answer = http.client.HTTPResponse(secure)
        answer.begin()
        answer.read()
        answers[answer.status] += 1
        if answer.getheader("connection") == "close":
            return


def main() -> None:
    """See the module."""
    port, source, connections, seconds, file = sys.argv[1:]
    call, until = Path(file).read_bytes(), time.monotonic() + float(seconds)
    answers: Counter[int] = Counter()
    threads = [
        threading.Thread(target=attack, args=(int(port), source, call, until, answers))
        for _ in range(int(connections))
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    print(dict(sorted(answers.items())))


if __name__ == "__main__":
    main()
