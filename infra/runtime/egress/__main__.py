"""`python -m infra.runtime.egress`: serve the callers inside until told to stop."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys

from hardening.errors import RampartError
from infra.runtime.egress.service import Egress
from infra.runtime.egress.settings import egress_from, server_tls
from infra.runtime.http_service import log, serve
from infra.runtime.policy_service.environment import port_of


def main() -> int:
    """Serve. A wrong setting is one line and exit code 2."""
    host = os.environ.get("RAMPART_EGRESS_HOST", "127.0.0.1")
    try:
        egress, tls = egress_from(os.environ), server_tls(os.environ, host)
        port = port_of(os.environ, "RAMPART_EGRESS_PORT")
    except RampartError as error:
        log(level="error", event="settings", detail=error.message)
        return 2
    log(level="info", event="serving", partners=len(egress.partners), port=port)
    asyncio.run(_serve(egress, host, port, tls))
    return 0


async def _serve(egress: Egress, host: str, port: int, tls: ssl.SSLContext | None) -> None:
    try:
        await serve(egress.answer, host, port, tls=tls)
    finally:
        await egress.close()


if __name__ == "__main__":
    sys.exit(main())
