"""Client certificates as files: chain and key together."""

from __future__ import annotations

from pathlib import Path

from tests.beds.tls.pki import Authority, Key, Pki, for_clients


def client_file(pki: Pki, name: str, by: Authority, key: Key | None = None) -> str:
    """The path of a file with a client certificate of `by`, and its key (a fresh one if none is given)."""
    certificate, key = pki.leaf(names=("ocpi-client.example.net",), key=key, by=by, build=for_clients)
    served = pki.written(f"client-{name}", (certificate, *by.above), key)
    file = pki.folder / f"client-{name}.both.pem"
    file.write_bytes(Path(served.chain).read_bytes() + Path(served.key).read_bytes())
    return str(file)
