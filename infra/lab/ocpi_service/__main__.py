"""`python -m infra.lab.ocpi_service PORT ORIGIN PARTNERS HOP_KEY_FILE`: serve on loopback until stopped."""

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
    if len(arguments) != 4 or not arguments[0].isdigit():
        log(level="error", event="settings", detail="expected PORT ORIGIN PARTNERS HOP_KEY_FILE")
        return 2
    port, origin, folder, key_file = arguments
    try:
        partners = {partner.name: partner for partner in read_registry(Path(folder))}
    except RampartError as error:
        log(level="error", event="settings", detail=error.message)
        return 2
    service = OcpiService(origin, partners, Path(key_file).read_bytes())
    asyncio.run(serve(service.answer, "127.0.0.1", int(port)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
