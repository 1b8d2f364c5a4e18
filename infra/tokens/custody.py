"""The custody of an environment's tokens: SQLite files, or the table and secrets of a target."""

from __future__ import annotations

import functools
import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hardening.errors import CollectError, ConfigError, CredentialsError
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from hardening.rotation.connection import Call, Vault
from hardening.rotation.credentials_object import own_credentials
from hardening.rotation.records import Terms
from infra.runtime.credentials.exchange_lock import locked
from infra.runtime.credentials.sqlite_vault import SqliteVault
from infra.runtime.functions.credentials_exchange import calls_to
from infra.runtime.functions.secrets_vault import SecretsVault
from infra.runtime.policy_service.sqlite_store import COMMAND_PATIENCE, SqliteTokenStore
from infra.runtime.policy_service.stores import DynamoTokenStore, SearchedTokenStore
from infra.tokens.deployed import Deployed, in_the_lab, on_aws
from infra.tokens.standalone import calls_as_the_guard, guard_of

# Without a rotation rule of a stack: Settings.rotation_days and rotation_overlap_minutes.
ROTATION_DAYS = 30
OVERLAP_MINUTES = 60
_INDEX_SECONDS = 2.0
_TABLE = "aws:dynamodb/table:Table"


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where an environment is called: host and port, the certificate's name, and the CAs that count."""

    host: str
    port: int
    server_name: str
    ca_file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """The partners of one environment, and what their tokens are kept in: records, and secrets in a vault.

    `secrets` is a client of Secrets Manager, None without AWS; `emulated` says that AWS is on this machine.
    `settles` is for how many seconds a new token may be missing among a partner's (an index of DynamoDB).
    `registry` is the folder of the partners' files. `call_to` calls a partner; `ours` gives our Credentials
    object of an OCPI version without the token, None where nobody said who we are. `deployed` is the function
    that changes tokens, None without AWS. `alone` is held while an exchange with a partner is made here.
    `witness` is the partner as which the gateway is asked after a revocation, None for the one that was
    revoked.
    """

    partners: tuple[Partner, ...]
    records: SearchedTokenStore
    vault_of: Callable[[Partner], Vault] | None = None
    secrets: Any = None
    emulated: bool = False
    gateway: Gateway | None = None
    settles: float = 0.0
    registry: Path = Path("partners")
    call_to: Callable[[Partner], Call] = calls_to
    ours: Callable[[str], dict[str, Any]] | None = None
    deployed: Deployed | None = None
    alone: Callable[[Partner], AbstractContextManager[None]] = lambda _: nullcontext()
    witness: Partner | None = None

    @property
    def reads_secrets(self) -> bool:
        """Whether secrets may be read here: on AWS no person reads a token."""
        return self.secrets is None or self.emulated

    def partner(self, name: str) -> Partner:
        """The partner of this name. Raises ConfigError."""
        found = next((one for one in self.partners if one.name == name), None)
        if found is None:
            known = ", ".join(one.name for one in self.partners)
            raise ConfigError(f"no partner {name!r} in the registry", f"one of {known}")
        return found


def terms_of(partner: Partner, days: int = ROTATION_DAYS, overlap_minutes: int = OVERLAP_MINUTES) -> Terms:
    """What the environment of a partner gives its tokens: they live for two rotations."""
    return Terms(partner.environment, timedelta(minutes=overlap_minutes), 2 * timedelta(days=days))


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def open_custody(asked: Mapping[str, Any], *, new: bool = False) -> Custody:
    """The custody asked for: `store` (and `vault`), SQLite files; `guard`, a guard.toml; or `target`.

    `partners` is the registry's folder; `new` makes a store that is not there. Raises ConfigError.
    """
    store, target, vault, guard = asked["store"], asked["target"], asked["vault"], asked["guard"]
    if guard is not None and (store, target, vault) == (None, None, None):
        return _guarded(guard)
    known = read_registry(asked["partners"])
    if target is not None and store is None and vault is None:
        return replace(_targeted(known, target), registry=asked["partners"])
    if store is None or target is not None or guard is not None:
        raise ConfigError(
            "expected one of --store, --guard, --stack and --target",
            "--store tokens.sqlite, or a stack's name",
        )
    if not new and not store.is_file():
        raise ConfigError(f"--store {store}: no such file", "`rampart token issue` makes one")
    records, folder = SqliteTokenStore(store, COMMAND_PATIENCE), asked["partners"]
    custody = Custody(partners=known, records=records, registry=folder)
    return custody if vault is None else replace(custody, **_in_file(vault))


def _guarded(file: Path) -> Custody:
    settings, ours = guard_of(file)
    return Custody(
        partners=read_registry(settings.partners),
        records=SqliteTokenStore(settings.token_store, COMMAND_PATIENCE),
        **_in_file(ours.vault),
        registry=settings.partners,
        call_to=lambda one: calls_as_the_guard(ours, one),
        ours=lambda version: own_credentials(ours.origin, ours.our_roles, version),
    )


def _in_file(vault: Path) -> dict[str, Any]:
    """What is kept in a SQLite vault, and one exchange of a partner at a time."""
    return {
        "vault_of": lambda one: SqliteVault(vault, one.name),
        "alone": lambda one: locked(vault, one.name),
    }


def _targeted(known: tuple[Partner, ...], file: Path) -> Custody:
    try:
        target = json.loads(file.read_text(encoding="utf-8"))
        table, region = _token_table(Path(target["stack_file"])), target["region"]
        endpoint, ca_file = target.get("aws_endpoint", ""), target.get("ca_file", "")
        server_name = target.get("server_name", "")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else f"not a target ({type(error).__name__})"
        raise ConfigError(f"{file}: {reason}", "`rampart lab up` writes one") from None
    dynamodb, secrets, deployed = _aws(region, endpoint, ca_file, file.parent)
    return Custody(
        partners=known,
        records=DynamoTokenStore(dynamodb, table),
        vault_of=lambda one: SecretsVault(secrets, f"rampart/{one.environment}/{one.name}"),
        secrets=secrets,
        emulated=bool(endpoint),
        settles=0.0 if endpoint else _INDEX_SECONDS,
        gateway=gateway_of(target.get("gateway", ""), ca_file, server_name),
        deployed=deployed,
    )


def gateway_of(address: str, ca_file: str, server_name: str = "") -> Gateway | None:
    """The gateway at `host:port`; None where none is named. Raises ConfigError for any other text."""
    if not address:
        return None
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ConfigError(f"{address}: expected the gateway as host:port")
    return Gateway(host, int(port), server_name or host, ca_file)


def _token_table(stack_file: Path) -> str:
    """The name of the token table in a deployment (`pulumi stack export`). Raises KeyError without one."""
    deployment = json.loads(stack_file.read_text(encoding="utf-8"))
    for resource in deployment["deployment"]["resources"]:
        if resource.get("type") == _TABLE and resource["urn"].endswith("::tokens"):
            return str(resource["outputs"]["name"])
    raise KeyError("tokens")


def told(command: Callable[..., Any]) -> Callable[..., Any]:
    """Make what a store or AWS raises inside `command` one line with an exit code."""

    @functools.wraps(command)
    def wrapped(**asked: Any) -> Any:
        try:
            return command(**asked)
        except Exception as error:
            known = _known(error)
            if known is None:
                raise
            raise known from None

    return wrapped


def _known(error: Exception) -> CollectError | CredentialsError | None:
    if isinstance(error, sqlite3.Error):
        return CollectError(f"the token store cannot be used ({error})")
    if not type(error).__module__.startswith(("botocore.", "boto3.")):
        return None
    if "Credential" in type(error).__name__:
        return CredentialsError("no AWS credentials", "`aws configure sso`, or AWS_PROFILE")
    response = getattr(error, "response", None)
    code = response["Error"]["Code"] if isinstance(response, dict) else type(error).__name__
    return CollectError(f"AWS: {code}", "is the stack deployed, and has your role the right?")


def _aws(region: str, endpoint: str, ca_file: str, folder: Path) -> tuple[Any, Any, Deployed]:
    """DynamoDB, Secrets Manager and the rotation function: AWS's, or those of the lab in `folder`."""
    if endpoint:
        from infra.lab.clients import Clients  # the lab's clients reach loopback, and nothing else

        clients = Clients(endpoint, region, ca_file)
        return clients.get("dynamodb"), clients.get("secretsmanager"), in_the_lab(folder, clients)
    import boto3  # not for those who have a SQLite file

    dynamodb, secrets = (boto3.client(name, region_name=region) for name in ("dynamodb", "secretsmanager"))
    return dynamodb, secrets, on_aws(region)
