"""The keys of our own services in Secrets Manager, which the rotation function makes.

Nobody is told of a new one: who believes a signature reads the key once it is pending, who signs once it is
current. Keys that are kept are made once: what was signed or named with them is asked for years later.
"""

from __future__ import annotations

import base64
import secrets
from typing import Any

from hardening.egress.callers import key_secret
from hardening.requests.hop_signature import LEAST_KEY_BYTES, key_of
from infra.runtime.functions.secrets_vault import SecretsVault


def current_key(client: Any, environment: str, caller: str) -> bytes:
    """The key of `caller` that is in use. Raises what Secrets Manager raises, and ValueError for no key."""
    name = key_secret(environment, caller)
    return key_of(client.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")["SecretString"])


def key_at(client: Any, secret: str, stage: str) -> bytes:
    """The key in `secret` at `stage`; empty where there is none, or a text that is no key.

    Raises what else Secrets Manager raises.
    """
    try:
        return key_of(client.get_secret_value(SecretId=secret, VersionStage=stage)["SecretString"])
    except (client.exceptions.ResourceNotFoundException, ValueError):
        return b""


def rotate_key(client: Any, name: str, step: str, version: str, *, kept: bool = False) -> None:
    """One of Secrets Manager's four steps for the secret `name`, whose next version has the id `version`.

    `kept`: that version holds the key that there is; only where there is none, a new one.
    """
    if step == "createSecret":
        _create(client, name, version, kept)
    elif step == "testSecret":
        key_of(client.get_secret_value(SecretId=name, VersionId=version)["SecretString"])
    elif step == "finishSecret":
        prefix, _, caller = name.rpartition("/")
        SecretsVault(client, prefix).label(caller, "AWSCURRENT", version)


def _create(client: Any, name: str, version: str, kept: bool) -> None:
    """A step that is tried again keeps the key that it made."""
    try:
        client.get_secret_value(SecretId=name, VersionId=version)
    except client.exceptions.ResourceNotFoundException:
        key = (_kept(client, name) if kept else "") or _new()
        client.put_secret_value(
            SecretId=name, ClientRequestToken=version, SecretString=key, VersionStages=["AWSPENDING"]
        )


def _kept(client: Any, name: str) -> str:
    """The text that there is; where it is no key, the rotation ends at its test, and the text stays."""
    try:
        return str(client.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")["SecretString"])
    except client.exceptions.ResourceNotFoundException:
        return ""


def _new() -> str:
    return base64.b64encode(secrets.token_bytes(LEAST_KEY_BYTES)).decode("ascii")
