"""The registry that the stack declares: one version of an S3 object, held to its digest.

Who serves the registry serves exactly this one, or nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from hardening.errors import ConfigError
from hardening.registry.object_version import DIGEST, PLACE, parts
from hardening.registry.partners import Partner
from infra.runtime.functions.partners_file import load

# Some 20,000 partners.
_MOST_BYTES = 64 * 1024 * 1024


def declared_object(environment: Mapping[str, str]) -> tuple[str, str, str]:
    """Bucket, key and version that the variables name. Raises ConfigError."""
    found = parts(environment.get(PLACE, ""))
    if found is None:
        raise ConfigError(f"{PLACE}: expected s3://BUCKET/KEY?versionId=VERSION", _HINT)
    return found


def declared_registry(environment: Mapping[str, str], s3: Any = None) -> tuple[Partner, ...]:
    """The partners of the object that the variables name. Raises ConfigError for any other or none."""
    # Not above: a guard that serves a folder has no need of AWS, and imports this module all the same.
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, key, version = declared_object(environment)
    client = s3 or _client(environment)
    try:
        found = client.get_object(Bucket=bucket, Key=key, VersionId=version)["Body"].read(_MOST_BYTES)
    except ClientError as error:
        raise ConfigError(f"{PLACE}: S3 refuses it: {error.response['Error']['Code']}", _HINT) from None
    except BotoCoreError as error:
        raise ConfigError(f"{PLACE}: S3 cannot be asked: {type(error).__name__}", _HINT) from None
    if hashlib.sha256(found).hexdigest() != environment.get(DIGEST, ""):
        raise ConfigError(f"{DIGEST}: the object is not the registry that the stack declares", _HINT)
    try:
        return load(found.decode())
    except ValueError:
        raise ConfigError(f"{PLACE}: expected a registry", _HINT) from None


_HINT = "`rampart up` writes the object and names its version and digest"


@cache
def own_registry() -> tuple[Partner, ...]:
    """The declared registry of this process, read once. Raises ConfigError, and tries again next time."""
    return declared_registry(os.environ)


def _client(environment: Mapping[str, str]) -> Any:
    import botocore.session
    from botocore.config import Config

    timing = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3})
    region = environment.get("AWS_REGION")
    return botocore.session.get_session().create_client("s3", region_name=region, config=timing)
