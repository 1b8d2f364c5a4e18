"""An endpoint to audit, and what is expected of it."""

from __future__ import annotations

from dataclasses import dataclass

from scanners.tls.observations import Declared
from scanners.tls.profiles import CALLBACK, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`addresses` replace name resolution; `server_name` is the SNI, and what the certificate must name.

    `ca_file` is the only list of CAs that counts (empty: this machine's public ones); `pins` are SHA-256
    digests of public keys (RFC 7469, 2.4), in base64. `plain_port` 0 leaves the plaintext port alone.
    `client_certificate` says that one was agreed upon, `client_file` holds ours and its key (PEM), and
    `client_missing` names ours if it is not at hand. `revocation` lets OCSP responders and CRLs be asked.
    `source` is the `file:line` that names the endpoint.
    """

    host: str
    port: int = 443
    addresses: tuple[str, ...] = ()
    server_name: str = ""
    ca_file: str = ""
    profile: Profile = CALLBACK
    pins: tuple[str, ...] = ()
    client_certificate: bool = False
    client_file: str = ""
    client_missing: str = ""
    plain_port: int = 80
    revocation: bool = False
    path: str = "/"
    partner: str = ""
    declared: Declared | None = None
    source: str = ""

    @property
    def name(self) -> str:
        """The name to ask for."""
        return self.server_name or self.host

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"
