"""From the environment to an egress guard: its callers, partners, certificates and vault.

RAMPART_ENVIRONMENT, RAMPART_PARTNERS (folder) or RAMPART_PARTNERS_FILE;
RAMPART_EGRESS_PORT, RAMPART_EGRESS_HOST (loopback);
RAMPART_EGRESS_CERTIFICATE (PEM file of chain and key) or RAMPART_EGRESS_CERTIFICATE_ID (the same, a secret
in Secrets Manager; neither: plain HTTP, on loopback only);
RAMPART_EGRESS_KEYS or RAMPART_EGRESS_KEYS_FILE (JSON: caller to Base64 key of at least 32 bytes; neither:
those of `hardening.egress.callers.CHANGE_TOKENS`, each with its key in Secrets Manager);
RAMPART_EGRESS_CA (PEM: the authority that issued our own certificate; its end is watched);
RAMPART_CERTIFICATES (folder of the contracts' CA files, and of the certificates that we show; the partners'
own); and the vault: RAMPART_VAULT_FILE (SQLite), or AWS_REGION for Secrets Manager, where the certificates
that we show are then too. RAMPART_EGRESS_ELSEWHERE (JSON:
`host:port` to `address:port`) names the partners that are reached at an address that is not public: over a
private line, or in a lab.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from hardening.egress.callers import CHANGE_TOKENS, Caller
from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.requests.hop_signature import key_of
from hardening.rotation.connection import Vault
from infra.runtime.credentials.sqlite_vault import SqliteVault
from infra.runtime.egress.caller_keys import SecretKeys
from infra.runtime.egress.certificates import OwnCertificate, in_folder, in_secrets, secret_text, text_in
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

    def client(partner: Partner, shown: str) -> PartnerClient:
        return PartnerClient(partner, certificates, elsewhere, shown=shown)

    vaults, shown = _vaults(environment, served), _shown(environment, served, certificates)
    return Egress(partners, _callers(environment, served), vaults, client, shown)


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


def own_certificate(environment: Mapping[str, str], host: str) -> OwnCertificate | None:
    """What our callers are shown; None for plain HTTP on loopback. Raises ConfigError for that elsewhere."""
    secret = environment.get("RAMPART_EGRESS_CERTIFICATE_ID", "")
    if secret:
        client = aws_client("secretsmanager", setting(environment, "AWS_REGION"))
        return OwnCertificate(lambda: secret_text(client, secret))
    file = environment.get("RAMPART_EGRESS_CERTIFICATE", "")
    if file:
        return OwnCertificate(lambda: text_in(Path(file)))
    if host != "127.0.0.1":
        raise ConfigError("RAMPART_EGRESS_CERTIFICATE: expected a file: plain HTTP is for loopback only")
    return None


def watched(
    environment: Mapping[str, str], egress: Egress, own: OwnCertificate | None
) -> dict[str, Callable[[], str]]:
    """Every certificate that somebody outside has to renew, by what it is called in the log."""
    found = {} if own is None else {"egress": own.renewed}
    authority = environment.get("RAMPART_EGRESS_CA", "")
    if authority:
        found["authority"] = lambda: authority
    for name in sorted({one.client_certificate_out for one in egress.partners.values()} - {""}):
        found[f"client {name}"] = partial(egress.certificate, name)
    return found


def _callers(environment: Mapping[str, str], served: str) -> CallersNow:
    """Those of the settings, or of Secrets Manager where the settings name none. Raises ConfigError."""
    if environment.get("RAMPART_EGRESS_KEYS") or environment.get("RAMPART_EGRESS_KEYS_FILE"):
        return always(callers_from(environment))
    return SecretKeys(aws_client("secretsmanager", setting(environment, "AWS_REGION")), served)


def _shown(environment: Mapping[str, str], served: str, folder: Path) -> Callable[[str], str]:
    """Where the certificates are that we show partners: with the vault."""
    if environment.get("RAMPART_VAULT_FILE", ""):
        return in_folder(folder)
    return in_secrets(aws_client("secretsmanager", setting(environment, "AWS_REGION")), served)


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
