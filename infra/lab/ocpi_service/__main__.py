"""`python -m infra.lab.ocpi_service PORT ORIGIN PARTNERS`: serve on loopback until told to stop."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from hardening.errors import RampartError
from hardening.registry.reader import read_registry
from infra.lab.ocpi_service.service import OcpiService
from infra.runtime.http_service import log, serve


def main(arguments: list[str]) -> int:
    """Serve; 2 for wrong arguments or a broken registry."""
    if len(arguments) != 3 or not arguments[0].isdigit():
        log(level="error", event="settings", detail="expected PORT ORIGIN PARTNERS")
        return 2
    port, origin, folder = arguments
    try:
        partners = {partner.name: partner for partner in read_registry(Path(folder))}
    except RampartError as error:
        log(level="error", event="settings", detail=error.message)
        return 2
    asyncio.run(serve(OcpiService(origin, partners).answer, "127.0.0.1", int(port)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
