"""`python -m infra.runtime.boundary`: stand between Envoy and the OCPI service until told to stop."""

from __future__ import annotations

import asyncio
import os
import sys

from hardening.errors import RampartError
from infra.runtime.boundary.settings import boundary_from, keys_from
from infra.runtime.boundary.until_keys import UntilKeys
from infra.runtime.garbage import collect_seldom
from infra.runtime.http_service import log, serve
from infra.runtime.policy_service.environment import port_of


def main() -> int:
    """Serve. A wrong setting is one line and exit code 2."""
    try:
        boundary = UntilKeys(keys_from(os.environ), boundary_from(os.environ))
        port = port_of(os.environ, "RAMPART_BOUNDARY_PORT")
    except RampartError as error:
        log(level="error", event="settings", detail=error.message)
        return 2
    log(level="info", event="serving", port=port)
    collect_seldom()
    # Beside Envoy, which asks over loopback.
    asyncio.run(serve(boundary.answer, "127.0.0.1", port))
    return 0


if __name__ == "__main__":
    sys.exit(main())
