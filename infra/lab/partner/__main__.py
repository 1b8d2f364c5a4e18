"""`python -m infra.lab.partner PORT CHAIN KEY TOKENS [CA]`: serve all partners' hosts on loopback.

TOKENS is a JSON file (mode 0600): `host` or `host:port` to the token that we call this partner with at first,
and that registers us with it.
With CA, who calls has to show a certificate of that authority.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from pathlib import Path

from infra.lab.partner.service import PartnerService
from infra.runtime.http_service import serve, server_tls


def main(port: str, chain_file: str, key_file: str, tokens_file: str, ca_file: str = "") -> None:
    """Serve."""
    tokens = json.loads(Path(tokens_file).read_text(encoding="utf-8"))
    service = PartnerService({host: [token] for host, token in tokens.items()}, tokens)
    tls = server_tls(chain_file, key_file)
    if ca_file:
        tls.load_verify_locations(ca_file)
        tls.verify_mode = ssl.CERT_REQUIRED
    asyncio.run(serve(service.answer, "127.0.0.1", int(port), tls=tls))


if __name__ == "__main__":
    main(*sys.argv[1:])
