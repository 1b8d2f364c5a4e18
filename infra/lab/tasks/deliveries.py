"""What reaches containers through AWS, put into the emulator: the lab's registry and the key of the hop."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from secrets import token_bytes

from hardening.registry.partners import Partner
from hardening.requests.hop_signature import LEAST_KEY_BYTES, hop_secret
from infra.lab.clients import Clients
from infra.runtime.functions import partners_file, registry_object
from infra.runtime.functions.hop_keys import current_hop_key


def put_registry(clients: Clients, served: Sequence[Partner], declared: Mapping[str, str]) -> dict[str, str]:
    """Put the lab's copy of the registry beside the declared object, and name it as `up` names that one.

    `declared` are the variables of who serves it; without the declared one there is no copy.
    """
    if registry_object.PLACE not in declared:
        return {}
    bucket, key = registry_object.bucket_and_key(declared[registry_object.PLACE])
    copy, body = f"lab/{key}", partners_file.dump(served).encode()
    version = clients.get("s3").put_object(Bucket=bucket, Key=copy, Body=body)["VersionId"]
    return {
        registry_object.PLACE: registry_object.place(bucket, copy, version),
        registry_object.DIGEST: partners_file.digest(served),
    }


def make_hop_key(clients: Clients, environment: str) -> None:
    """What the first rotation of the key would have made: the emulator calls no function."""
    secrets, name = clients.get("secretsmanager"), hop_secret(environment)
    if not current_hop_key(secrets, name):
        key = base64.b64encode(token_bytes(LEAST_KEY_BYTES)).decode("ascii")
        secrets.put_secret_value(SecretId=name, SecretString=key)
