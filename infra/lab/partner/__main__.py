"""`python -m infra.lab.partner PORT CHAIN KEY TOKENS`: serve all partners' hosts on loopback.

TOKENS is a JSON file (mode 0600): `host` or `host:port` to the token that we call this partner with.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from infra.lab.partner.service import PartnerService
from infra.runtime.http_service import serve, server_tls


def main(port: str, chain_file: str, key_file: str, tokens_file: str) -> None:
    """Serve."""
    tokens = json.loads(Path(tokens_file).read_text(encoding="utf-8"))
    service = PartnerService({host: [token] for host, token in tokens.items()})
    tls = server_tls(chain_file, key_file)
    asyncio.run(serve(service.answer, "127.0.0.1", int(port), tls=tls))


if __name__ == "__main__":
    main(*sys.argv[1:])
