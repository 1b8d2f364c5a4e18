"""`python -m infra.lab.ocpi_service ORIGIN PARTNERS [HOP_KEY_FILE | CHAIN KEY]`: serve on loopback.

The port is RAMPART_LISTEN, the most objects on a page RAMPART_PAGE_LIMIT. The key of the hop is in the file,
or the secret RAMPART_HOP_KEY_ID. Where RAMPART_TOKEN_TABLE is there, partners can register.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import botocore.session

from hardening.errors import ConfigError, RampartError
from hardening.registry.reader import read_registry
from infra.lab.ocpi_service.registration import TIMING, open_registration
from infra.lab.ocpi_service.service import PAGE_LIMIT, OcpiService
from infra.runtime.functions.hop_keys import HopKeys
from infra.runtime.http_service import log, serve, server_tls
from infra.runtime.policy_service.environment import setting

_USAGE = "ORIGIN PARTNERS [HOP_KEY_FILE | CHAIN KEY]"


def main(arguments: list[str]) -> int:
    """Serve; 2 for wrong arguments, settings or a broken registry."""
    try:
        origin, folder, *files = arguments
        port = os.environ.get("RAMPART_LISTEN", "")
        declared = "RAMPART_TOKEN_TABLE" in os.environ
        most = os.environ.get("RAMPART_PAGE_LIMIT", "" if declared else str(PAGE_LIMIT))
        if not port.isdecimal() or not most.isdecimal() or len(files) not in (1, 2):
            raise ConfigError(f"expected RAMPART_LISTEN, RAMPART_PAGE_LIMIT, and {_USAGE}")
        partners = {partner.name: partner for partner in read_registry(Path(folder))}
        certificate, hop_key = (files, b"") if len(files) == 2 else ([], Path(files[0]).read_bytes())
        hop_keys = _hop_keys() if certificate else None
        registration = open_registration() if declared else None
    except (RampartError, ValueError, OSError) as error:
        detail = getattr(error, "message", f"expected {_USAGE}")
        log(level="error", event="settings", detail=detail)
        return 2
    service = OcpiService(
        origin,
        partners,
        hop_key,
        registration=registration,
        page_limit=int(most),
        hop_keys=hop_keys,
    )
    tls = server_tls(*certificate) if certificate else None
    asyncio.run(serve(service.answer, "127.0.0.1", int(port), tls=tls))
    return 0


def _hop_keys() -> HopKeys:
    secret = setting(os.environ, "RAMPART_HOP_KEY_ID")
    region = setting(os.environ, "AWS_REGION")
    session = botocore.session.get_session()
    return HopKeys(session.create_client("secretsmanager", region_name=region, config=TIMING), secret)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
