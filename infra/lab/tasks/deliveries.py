"""What reaches containers through AWS, put into the emulator: the lab's registry and our services' keys."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from secrets import token_bytes

from hardening.ledger.kept_keys import kept_secrets
from hardening.registry.object_version import DIGEST, PLACE, place
from hardening.registry.partners import Partner
from hardening.requests.hop_signature import LEAST_KEY_BYTES, hop_secret
from infra.lab.clients import Clients
from infra.runtime.functions import partners_file
from infra.runtime.functions.caller_keys import key_at
from infra.runtime.functions.registry_object import declared_object


def put_registry(clients: Clients, served: Sequence[Partner], declared: Mapping[str, str]) -> dict[str, str]:
    """Put the lab's copy of the registry beside the declared object, and name it as `up` names that one.

    `declared` are the variables of who serves it; without the declared one there is no copy.
    """
    if PLACE not in declared:
        return {}
    bucket, key, _ = declared_object(declared)
    copy, body = f"lab/{key}", partners_file.dump(served).encode()
    version = clients.get("s3").put_object(Bucket=bucket, Key=copy, Body=body)["VersionId"]
    return {
        PLACE: place(bucket, copy, version),
        DIGEST: partners_file.digest(served),
    }


def make_keys(clients: Clients, environment: str) -> None:
    """What the first rotation of each key would have made: the emulator calls no function."""
    secrets = clients.get("secretsmanager")
    for name in (hop_secret(environment), *kept_secrets(environment)):
        if not key_at(secrets, name, "AWSCURRENT"):
            key = base64.b64encode(token_bytes(LEAST_KEY_BYTES)).decode("ascii")
            secrets.put_secret_value(SecretId=name, SecretString=key)
