"""`python health.py PORT`: 0 when something answers HTTP there, over TLS or not; 1 when nothing does.

In AWS each image carries its own program for this.
"""

from __future__ import annotations

import http.client
import ssl
import sys


def answers(port: int) -> bool:
    """Whether a server on 127.0.0.1 answers a request, whatever it answers."""
    # It asks whether a server lives, not who it is.
    unverified = ssl._create_unverified_context()  # noqa: S323
    for connection in (
        http.client.HTTPSConnection("127.0.0.1", port, timeout=3, context=unverified),
        http.client.HTTPConnection("127.0.0.1", port, timeout=3),
    ):
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return True
        except (OSError, http.client.HTTPException):
            continue
        finally:
            connection.close()
    return False


if __name__ == "__main__":
    sys.exit(0 if answers(int(sys.argv[1])) else 1)
