"""`python -m infra.runtime.egress`: serve the callers inside until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys

from hardening.errors import RampartError
from infra.runtime.egress.certificates import OwnCertificate, watch
from infra.runtime.egress.service import Egress
from infra.runtime.egress.settings import egress_from, own_certificate, watched
from infra.runtime.http_service import log, serve
from infra.runtime.policy_service.environment import port_of


def main() -> int:
    """Serve. A wrong setting is one line and exit code 2."""
    host = os.environ.get("RAMPART_EGRESS_HOST", "127.0.0.1")
    try:
        egress, own = egress_from(os.environ), own_certificate(os.environ, host)
        port = port_of(os.environ, "RAMPART_EGRESS_PORT")
    except RampartError as error:
        log(level="error", event="settings", detail=error.message)
        return 2
    log(level="info", event="serving", partners=len(egress.partners), port=port)
    asyncio.run(_serve(egress, host, port, own))
    return 0


async def _serve(egress: Egress, host: str, port: int, own: OwnCertificate | None) -> None:
    watching = asyncio.create_task(watch(lambda: watched(os.environ, egress, own)))
    try:
        await serve(egress.answer, host, port, tls=None if own is None else own.context)
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
        await egress.close()


if __name__ == "__main__":
    sys.exit(main())
