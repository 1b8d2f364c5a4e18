"""The keys with which our services sign their calls of the egress guard, in Secrets Manager.

Nobody is told of a new one: the egress guard reads it once it is pending, its caller once it is current.
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


def rotate_key(client: Any, name: str, step: str, version: str) -> None:
    """One of Secrets Manager's four steps for the secret `name`, whose next version has the id `version`."""
    if step == "createSecret":
        _create(client, name, version)
    elif step == "testSecret":
        key_of(client.get_secret_value(SecretId=name, VersionId=version)["SecretString"])
    elif step == "finishSecret":
        prefix, _, caller = name.rpartition("/")
        SecretsVault(client, prefix).label(caller, "AWSCURRENT", version)


def _create(client: Any, name: str, version: str) -> None:
    """A step that is tried again keeps the key that it made."""
    try:
        client.get_secret_value(SecretId=name, VersionId=version)
    except client.exceptions.ResourceNotFoundException:
        key = base64.b64encode(secrets.token_bytes(LEAST_KEY_BYTES)).decode("ascii")
        client.put_secret_value(
            SecretId=name, ClientRequestToken=version, SecretString=key, VersionStages=["AWSPENDING"]
        )
