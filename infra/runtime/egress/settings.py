"""From the environment to an egress guard: its callers, partners, certificates and vault.

RAMPART_ENVIRONMENT, RAMPART_PARTNERS (folder) or RAMPART_PARTNERS_FILE;
RAMPART_EGRESS_PORT, RAMPART_EGRESS_HOST (loopback);
RAMPART_EGRESS_CERTIFICATE (PEM file of chain and key) or RAMPART_EGRESS_CERTIFICATE_ID (the same, a secret
in Secrets Manager; neither: plain HTTP, on loopback only);
RAMPART_EGRESS_KEYS or RAMPART_EGRESS_KEYS_FILE (JSON: caller to Base64 key of at least 32 bytes; neither:
those of `hardening.egress.callers.CHANGE_TOKENS`, each with its key in Secrets Manager);
RAMPART_CERTIFICATES (folder of the contracts' CA files and client certificates; the partners' own);
and the vault: RAMPART_VAULT_FILE (SQLite), or AWS_REGION for Secrets Manager. RAMPART_EGRESS_ELSEWHERE (JSON:
`host:port` to `address:port`) names the partners that are reached at an address that is not public: over a
private line, or in a lab.
"""

from __future__ import annotations

import contextlib
import json
import ssl
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hardening.egress.callers import CHANGE_TOKENS, Caller
from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.requests.hop_signature import key_of
from hardening.rotation.connection import Vault
from infra.runtime.credentials.sqlite_vault import SqliteVault
from infra.runtime.egress.caller_keys import SecretKeys
from infra.runtime.egress.partner_client import PartnerClient
from infra.runtime.egress.service import CallersNow, Egress, always
from infra.runtime.functions.secrets_vault import SecretsVault
from infra.runtime.policy_service.environment import setting
from infra.runtime.published_registry import partners_from


def egress_from(environment: Mapping[str, str]) -> Egress:
    """The egress guard that the settings describe. Raises ConfigError for a wrong one."""
    served = setting(environment, "RAMPART_ENVIRONMENT")
    partners = partners_from(environment, served)
    certificates = Path(environment.get("RAMPART_CERTIFICATES") or environment.get("RAMPART_PARTNERS", ""))
    elsewhere = _json(environment.get("RAMPART_EGRESS_ELSEWHERE", "{}"), "RAMPART_EGRESS_ELSEWHERE")

    def client(partner: Partner) -> PartnerClient:
        return PartnerClient(partner, certificates, elsewhere)

    return Egress(partners, _callers(environment, served), _vaults(environment, served), client)


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
    return {name: Caller(name, (key,), name in CHANGE_TOKENS) for name, key in keys.items()}


def server_tls(environment: Mapping[str, str], host: str) -> ssl.SSLContext | None:
    """TLS for our callers; None for plain HTTP on loopback. Raises ConfigError for plain HTTP elsewhere."""
    with _certificate(environment) as file:
        if not file:
            if host != "127.0.0.1":
                raise ConfigError(
                    "RAMPART_EGRESS_CERTIFICATE: expected a file: plain HTTP is for loopback only"
                )
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        try:
            context.load_cert_chain(file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"RAMPART_EGRESS_CERTIFICATE: {file}: {error.strerror or error}") from None
    return context


@contextlib.contextmanager
def _certificate(environment: Mapping[str, str]) -> Iterator[str]:
    """The PEM file of chain and key, "" for none. `ssl` reads files only: a secret is one for so long."""
    secret = environment.get("RAMPART_EGRESS_CERTIFICATE_ID", "")
    if not secret:
        yield environment.get("RAMPART_EGRESS_CERTIFICATE", "")
        return
    with tempfile.NamedTemporaryFile("w", prefix="rampart-", suffix=".pem") as file:
        file.write(_secret(environment, secret))
        file.flush()
        yield file.name


def _secret(environment: Mapping[str, str], name: str) -> str:
    """The value of a secret. Raises ConfigError where there is none, or it may not be read."""
    from botocore.exceptions import BotoCoreError, ClientError

    client = aws_client("secretsmanager", setting(environment, "AWS_REGION"))
    try:
        return str(client.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")["SecretString"])
    except ClientError as error:
        raise ConfigError(
            f"RAMPART_EGRESS_CERTIFICATE_ID: {name}: {error.response['Error']['Code']}"
        ) from None
    except (BotoCoreError, KeyError) as error:
        raise ConfigError(f"RAMPART_EGRESS_CERTIFICATE_ID: {name}: {type(error).__name__}") from None


def _callers(environment: Mapping[str, str], served: str) -> CallersNow:
    """Those of the settings, or of Secrets Manager where the settings name none. Raises ConfigError."""
    if environment.get("RAMPART_EGRESS_KEYS") or environment.get("RAMPART_EGRESS_KEYS_FILE"):
        return always(callers_from(environment))
    return SecretKeys(aws_client("secretsmanager", setting(environment, "AWS_REGION")), served)


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
        return key_of(str(text))
    except ValueError as error:
        raise ConfigError(f"RAMPART_EGRESS_KEYS: {name[:40]}: {error}") from None


def _json(text: str, name: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ConfigError(f"{name}: expected a JSON object") from None
    return found
