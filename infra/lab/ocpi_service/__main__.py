"""`python -m infra.lab.ocpi_service [ORIGIN PARTNERS HOP_KEY_FILE]`: serve as a task does, or on loopback.

Without arguments all is in the variables of the task: RAMPART_ORIGIN, the registry, and the secrets with its
certificate (RAMPART_SERVICE_CERTIFICATE_ID) and with the key of the hop (RAMPART_HOP_KEY_ID); partners can
register then. With them it is plain HTTP, and the key of the hop is in the file. It listens on RAMPART_LISTEN
of RAMPART_LISTEN_HOST (loopback); RAMPART_PAGE_LIMIT is the most objects on a page.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
from pathlib import Path
from typing import Any

import botocore.session

from hardening.errors import ConfigError, RampartError
from hardening.registry.reader import read_registry
from infra.lab.ocpi_service.registration import TIMING, open_registration
from infra.lab.ocpi_service.service import PAGE_LIMIT, OcpiService
from infra.runtime.egress.certificates import secret_text
from infra.runtime.egress.partner_tls import load_chain
from infra.runtime.functions.hop_keys import HopKeys
from infra.runtime.http_service import log, serve
from infra.runtime.policy_service.environment import port_of, setting
from infra.runtime.published_registry import partners_from

_USAGE = "ORIGIN PARTNERS HOP_KEY_FILE, or none"


def main(arguments: list[str]) -> int:
    """Serve; 2 for wrong arguments, settings or a broken registry."""
    try:
        port = port_of(os.environ, "RAMPART_LISTEN")
        if arguments:
            service, tls = _on_loopback(*arguments), None
        else:
            service, tls = _as_task()
    except (RampartError, TypeError, ValueError, OSError) as error:
        log(level="error", event="settings", detail=getattr(error, "message", f"expected {_USAGE}"))
        return 2
    host = os.environ.get("RAMPART_LISTEN_HOST", "127.0.0.1")
    asyncio.run(serve(service.answer, host, port, tls=tls))
    return 0


def _on_loopback(origin: str, folder: str, hop_key_file: str) -> OcpiService:
    partners = {partner.name: partner for partner in read_registry(Path(folder))}
    most = _page_limit(os.environ.get("RAMPART_PAGE_LIMIT", str(PAGE_LIMIT)))
    return OcpiService(origin, partners, Path(hop_key_file).read_bytes(), page_limit=most)


def _as_task() -> tuple[OcpiService, ssl.SSLContext]:
    secrets = _secrets()
    service = OcpiService(
        setting(os.environ, "RAMPART_ORIGIN"),
        partners_from(os.environ, setting(os.environ, "RAMPART_ENVIRONMENT")),
        b"",
        registration=open_registration(),
        page_limit=_page_limit(setting(os.environ, "RAMPART_PAGE_LIMIT")),
        hop_keys=HopKeys(secrets, setting(os.environ, "RAMPART_HOP_KEY_ID")),
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    certificate = secret_text(secrets, setting(os.environ, "RAMPART_SERVICE_CERTIFICATE_ID"))
    load_chain(tls, certificate, "the service's certificate")
    return service, tls


def _page_limit(text: str) -> int:
    if not text.isdecimal():
        raise ConfigError("RAMPART_PAGE_LIMIT: expected a number of objects")
    return int(text)


def _secrets() -> Any:
    session, region = botocore.session.get_session(), setting(os.environ, "AWS_REGION")
    return session.create_client("secretsmanager", region_name=region, config=TIMING)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
