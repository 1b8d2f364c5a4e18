"""`python -m infra.runtime.policy_service`: read the registry, open the token store, serve.

Settings are environment variables, so a container and the lab start it alike: RAMPART_ENVIRONMENT,
RAMPART_PARTNERS (folder), RAMPART_TOKEN_TABLE, RAMPART_POLICY_HOST, RAMPART_POLICY_PORT, AWS_REGION and,
for an emulator only, AWS_ENDPOINT_URL_DYNAMODB.
"""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from pathlib import Path

from hardening.errors import ConfigError, RampartError
from hardening.registry.reader import read_registry
from infra.runtime.http_service import log, serve
from infra.runtime.policy_service.service import Policy, answer
from infra.runtime.policy_service.stores import DynamoTokenStore, TokenStore


def main() -> int:
    """Serve until told to stop. A wrong setting is one line and exit code 2."""
    try:
        policy, host, port = _settings()
    except RampartError as error:
        log(level="error", event="settings", detail=error.message)
        return 2
    log(level="info", event="serving", environment=policy.environment, port=port)
    asyncio.run(serve(partial(answer, policy), host, port))
    return 0


def _settings() -> tuple[Policy, str, int]:
    environment = _setting("RAMPART_ENVIRONMENT")
    partners = tuple(
        partner
        for partner in read_registry(Path(_setting("RAMPART_PARTNERS")))
        if partner.environment == environment
    )
    if not partners:
        raise ConfigError(f"no partner of the environment {environment!r} in the registry")
    port = _setting("RAMPART_POLICY_PORT")
    if not port.isdigit():
        raise ConfigError("RAMPART_POLICY_PORT: expected a port number")
    store: TokenStore = DynamoTokenStore(_client(), _setting("RAMPART_TOKEN_TABLE"), partners)
    return Policy(environment, store), os.environ.get("RAMPART_POLICY_HOST", "127.0.0.1"), int(port)


def _client() -> object:
    # botocore rather than boto3: its resource layer is not needed, and costs memory.
    import botocore.session
    from botocore.config import Config

    timing = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2})
    return botocore.session.get_session().create_client(
        "dynamodb", region_name=_setting("AWS_REGION"), config=timing
    )


def _setting(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ConfigError(f"{name}: expected a value in the environment")
    return value


if __name__ == "__main__":
    sys.exit(main())
