"""From the environment to a policy: which registry, which token store.

RAMPART_ENVIRONMENT; RAMPART_REGISTRY (an object's version, with its RAMPART_REGISTRY_DIGEST),
RAMPART_PARTNERS (folder) or RAMPART_PARTNERS_FILE (JSON, read again when another file is moved into its
place); RAMPART_POLICY_HOST, RAMPART_POLICY_PORT, RAMPART_POLICY_SOCKETS,
RAMPART_HOP_KEY_ID or RAMPART_HOP_KEY_FILE (the key of the hop to the service, in Secrets Manager or a
file; neither: nothing is signed); and the token store:
RAMPART_TOKEN_FILE (SQLite), or RAMPART_TOKEN_TABLE, AWS_REGION and, for an emulator only,
AWS_ENDPOINT_URL_DYNAMODB. RAMPART_STAGE is the stage of the API Gateway before the
guard (none: no gateway). RAMPART_GUARD_TASKS (1) tasks share each contract; RAMPART_RATE_FILE is where the
workers of one task count, which the policy service names itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from hardening.errors import ConfigError
from hardening.registry.object_version import PLACE
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from hardening.requests.hop_signature import LEAST_KEY_BYTES
from infra.runtime.functions.hop_keys import current_hop_key
from infra.runtime.functions.partners_file import load
from infra.runtime.functions.registry_object import declared_registry
from infra.runtime.policy_service.environment import setting
from infra.runtime.policy_service.rate_limits import RateLimits
from infra.runtime.policy_service.service import Policy
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from infra.runtime.policy_service.stores import DynamoTokenStore, TokenStore
from infra.runtime.policy_service.token_cache import TokenCache

_HOP_KEY = "RAMPART_HOP_KEY_ID"


def policy_from(environment: Mapping[str, str]) -> Policy:
    """The policy that the settings describe. Raises ConfigError for a wrong one."""
    served = setting(environment, "RAMPART_ENVIRONMENT")
    partners = _partners(environment, served)
    limits = RateLimits(partners.values(), _rate_file(environment), _tasks(environment))
    return Policy(
        served,
        TokenCache(_store(environment)),
        partners,
        limits,
        hop_key=hop_key_of(environment),
        must_sign=_HOP_KEY in environment,
        stage=environment.get("RAMPART_STAGE", ""),
    )


def served_partners(registry: Iterable[Partner], environment: str) -> dict[str, Partner]:
    """The partners of one environment, by name. Raises ConfigError where there is none."""
    partners = {one.name: one for one in registry if one.environment == environment}
    if not partners:
        raise ConfigError(f"no partner of the environment {environment!r} in the registry")
    return partners


def _partners(environment: Mapping[str, str], served: str) -> dict[str, Partner]:
    if PLACE in environment:
        return served_partners(declared_registry(environment), served)
    file = environment.get("RAMPART_PARTNERS_FILE", "")
    if file:
        return published_partners(Path(file), served)
    return served_partners(read_registry(Path(setting(environment, "RAMPART_PARTNERS"))), served)


def published_partners(file: Path, environment: str) -> dict[str, Partner]:
    """The partners of one environment that were published in `file`, by name. Raises ConfigError.

    None at all is meant: the onboarding of the last one has ended.
    """
    try:
        registry = load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file}: expected a published registry ({type(error).__name__})") from None
    return served_partners(registry, environment) if registry else {}


def _rate_file(environment: Mapping[str, str]) -> Path | None:
    file = environment.get("RAMPART_RATE_FILE", "")
    return Path(file) if file else None


def _tasks(environment: Mapping[str, str]) -> int:
    text = environment.get("RAMPART_GUARD_TASKS", "1")
    if not text.isdecimal() or int(text) < 1:
        raise ConfigError("RAMPART_GUARD_TASKS: expected the number of guard tasks, 1 or more")
    return int(text)


def renewed_hop_key(environment: Mapping[str, str]) -> Callable[[], bytes] | None:
    """Reads the key of now from Secrets Manager; None where it is a file's, or there is none."""
    secret = environment.get(_HOP_KEY, "")
    if not secret:
        return None
    client = _client(setting(environment, "AWS_REGION"), "secretsmanager")
    return lambda: current_hop_key(client, secret)


def hop_key_of(environment: Mapping[str, str]) -> bytes:
    """The key in RAMPART_HOP_KEY_FILE; empty where none is named. Raises ConfigError."""
    file = environment.get("RAMPART_HOP_KEY_FILE", "")
    if not file:
        return b""
    try:
        key = Path(file).read_bytes()
    except OSError as error:
        raise ConfigError(f"RAMPART_HOP_KEY_FILE: {file}: {error.strerror}") from None
    if len(key) < LEAST_KEY_BYTES:
        raise ConfigError(f"RAMPART_HOP_KEY_FILE: expected at least {LEAST_KEY_BYTES} bytes")
    return key


def _store(environment: Mapping[str, str]) -> TokenStore:
    file = environment.get("RAMPART_TOKEN_FILE", "")
    if file:
        return SqliteTokenStore(Path(file))
    table = setting(environment, "RAMPART_TOKEN_TABLE")
    return DynamoTokenStore(_client(setting(environment, "AWS_REGION")), table)


def _client(region: str, service: str = "dynamodb") -> object:
    # botocore rather than boto3: its resource layer is not needed, and costs memory.
    import botocore.session
    from botocore.config import Config

    # A read takes a second at most: it counts towards the bound of a revocation.
    timing = Config(
        connect_timeout=0.5, read_timeout=0.5, retries={"total_max_attempts": 2}, max_pool_connections=20
    )
    return botocore.session.get_session().create_client(service, region_name=region, config=timing)
