"""From the environment to an egress guard: its callers, partners, certificates and vault.

RAMPART_ENVIRONMENT, RAMPART_PARTNERS (folder) or RAMPART_PARTNERS_FILE;
RAMPART_EGRESS_PORT, RAMPART_EGRESS_HOST (loopback);
RAMPART_EGRESS_CERTIFICATE (PEM file of chain and key; none: plain HTTP, on loopback only);
RAMPART_EGRESS_KEYS or RAMPART_EGRESS_KEYS_FILE (JSON: caller to Base64 key of at least 32 bytes);
RAMPART_CERTIFICATES (folder of the contracts' CA files and client certificates; the partners' own);
and the vault: RAMPART_VAULT_FILE (SQLite), or AWS_REGION for Secrets Manager. RAMPART_EGRESS_ELSEWHERE (JSON:
`host:port` to `address:port`) names the partners that are reached at an address that is not public: over a
private line, or in a lab.
"""

from __future__ import annotations

import base64
import binascii
import json
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hardening.egress.callers import Caller
from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.requests.hop_signature import LEAST_KEY_BYTES
from hardening.rotation.connection import Vault
from infra.runtime.credentials.sqlite_vault import SqliteVault
from infra.runtime.egress.partner_client import PartnerClient
from infra.runtime.egress.service import Egress
from infra.runtime.functions.secrets_vault import SecretsVault
from infra.runtime.policy_service.environment import setting
from infra.runtime.published_registry import partners_from

# Those that exchange tokens with a partner, and so present the ones that they change.
_CHANGE_TOKENS = ("rotation", "credentials")


def egress_from(environment: Mapping[str, str]) -> Egress:
    """The egress guard that the settings describe. Raises ConfigError for a wrong one."""
    served = setting(environment, "RAMPART_ENVIRONMENT")
    partners = partners_from(environment, served)
    certificates = Path(environment.get("RAMPART_CERTIFICATES") or setting(environment, "RAMPART_PARTNERS"))
    elsewhere = _json(environment.get("RAMPART_EGRESS_ELSEWHERE", "{}"), "RAMPART_EGRESS_ELSEWHERE")

    def client(partner: Partner) -> PartnerClient:
        return PartnerClient(partner, certificates, elsewhere)

    return Egress(partners, callers_from(environment), _vaults(environment, served), client)


def callers_from(environment: Mapping[str, str]) -> Mapping[str, Caller]:
    """The callers by name. Raises ConfigError for keys that are missing or short."""
    file = environment.get("RAMPART_EGRESS_KEYS_FILE", "")
    try:
        text = Path(file).read_text(encoding="utf-8") if file else setting(environment, "RAMPART_EGRESS_KEYS")
    except OSError as error:
        raise ConfigError(f"RAMPART_EGRESS_KEYS_FILE: {file}: {error.strerror}") from None
    keys = {name: _key(name, value) for name, value in _json(text, "RAMPART_EGRESS_KEYS").items()}
    if not keys or len(set(keys.values())) < len(keys):
        raise ConfigError("RAMPART_EGRESS_KEYS: expected a key of its own for each caller")
    return {name: Caller(name, key, name in _CHANGE_TOKENS) for name, key in keys.items()}


def server_tls(environment: Mapping[str, str], host: str) -> ssl.SSLContext | None:
    """TLS for our callers; None for plain HTTP on loopback. Raises ConfigError for plain HTTP elsewhere."""
    file = environment.get("RAMPART_EGRESS_CERTIFICATE", "")
    if not file:
        if host != "127.0.0.1":
            raise ConfigError("RAMPART_EGRESS_CERTIFICATE: expected a file: plain HTTP is for loopback only")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_cert_chain(file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"RAMPART_EGRESS_CERTIFICATE: {file}: {error.strerror or error}") from None
    return context


def _vaults(environment: Mapping[str, str], served: str) -> Callable[[str], Vault]:
    file = environment.get("RAMPART_VAULT_FILE", "")
    if file:
        return lambda partner: SqliteVault(Path(file), partner)
    client = aws_client("secretsmanager", setting(environment, "AWS_REGION"))
    return lambda partner: SecretsVault(client, f"rampart/{served}/{partner}")


def aws_client(service: str, region: str) -> Any:
    """A client of one AWS service, with short timeouts."""
    import botocore.session
    from botocore.config import Config

    timing = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3})
    return botocore.session.get_session().create_client(service, region_name=region, config=timing)


def _key(name: str, text: object) -> bytes:
    try:
        key = base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < LEAST_KEY_BYTES:
        raise ConfigError(f"RAMPART_EGRESS_KEYS: {name[:40]}: expected Base64 of {LEAST_KEY_BYTES} bytes")
    return key


def _json(text: str, name: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ConfigError(f"{name}: expected a JSON object") from None
    return found
