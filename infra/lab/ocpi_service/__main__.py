"""`python -m infra.lab.ocpi_service ORIGIN PARTNERS HOP_KEY_FILE [CHAIN KEY]`: serve on loopback.

The port is RAMPART_LISTEN, the most objects on a page RAMPART_PAGE_LIMIT. Where RAMPART_TOKEN_TABLE is there,
partners can register.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from hardening.errors import ConfigError, RampartError
from hardening.registry.reader import read_registry
from infra.lab.ocpi_service.registration import open_registration
from infra.lab.ocpi_service.service import PAGE_LIMIT, OcpiService
from infra.runtime.http_service import log, serve, server_tls


def main(arguments: list[str]) -> int:
    """Serve; 2 for wrong arguments, settings or a broken registry."""
    try:
        origin, folder, key_file, *certificate = arguments
        port = os.environ.get("RAMPART_LISTEN", "")
        declared = "RAMPART_TOKEN_TABLE" in os.environ
        most = os.environ.get("RAMPART_PAGE_LIMIT", "" if declared else str(PAGE_LIMIT))
        if not port.isdigit() or not most.isdigit() or len(certificate) not in (0, 2):
            raise ConfigError(
                "expected RAMPART_LISTEN, RAMPART_PAGE_LIMIT, and ORIGIN PARTNERS HOP_KEY_FILE [CHAIN KEY]"
            )
        partners = {partner.name: partner for partner in read_registry(Path(folder))}
        hop_key = Path(key_file).read_bytes()
        registration = open_registration() if declared else None
    except (RampartError, ValueError, OSError) as error:
        detail = getattr(error, "message", "expected ORIGIN PARTNERS HOP_KEY_FILE [CHAIN KEY]")
        log(level="error", event="settings", detail=detail)
        return 2
    service = OcpiService(origin, partners, hop_key, registration=registration, page_limit=int(most))
    tls = server_tls(*certificate) if certificate else None
    asyncio.run(serve(service.answer, "127.0.0.1", int(port), tls=tls))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
