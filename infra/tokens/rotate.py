"""Exchanges that a person starts: registration, rotation, and the end of a connection."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.rotation.connection import OUTBOUND, Connection, Stage
from hardening.rotation.credentials_object import own_credentials, own_roles
from hardening.rotation.registration import register, unregister
from hardening.rotation.result import End, Result
from hardening.rotation.starter import rotate as rotate_both
from infra.runtime.functions.exchanges import ending, registering, rotating
from infra.tokens.custody import Custody, now, terms_of
from infra.tokens.issue import Hands, issue_to


def rotate_partner(custody: Custody, partner: Partner, hands: Hands, *, anew: bool) -> Result:
    """Rotate the tokens of `partner`. Raises ConfigError or CollectError where that cannot begin.

    On AWS the rotation function does it. `anew`: the tokens of the partner may have been revoked; and on AWS
    one that never registered gets another token that registers. Without AWS that one gets a new token beside
    the old one, which goes where `hands` says and retires the old one by its first use.
    """
    if custody.deployed is not None:
        return custody.deployed.ask(partner, rotating(partner.name, anew=anew))
    connection = connection_of(custody, partner)
    with custody.alone(partner):
        if connection is not None and connection.vault.read(OUTBOUND, Stage.CURRENT) is not None:
            return rotate_both(connection, anew=anew)
    issue_to(custody, partner, "C", hands, follow=True)
    return Result(End.ROTATED, "the old token retires on the first call with the new one")


def register_partner(custody: Custody, partner: Partner, versions_url: str, token_a: str) -> Result:
    """Register with a partner that handed us its versions URL and CREDENTIALS_TOKEN_A; again after a failure.

    On AWS the rotation function does it. Raises ConfigError where nobody said who we are.
    """
    if custody.ours is None:
        raise ConfigError(
            f"{partner.name}: nobody said who we are: expected --guard guard.toml, or --target with --roles",
            "docs/partners.md: a partner's life",
        )
    ours = custody.ours(max(partner.versions))
    if custody.deployed is not None:
        return custody.deployed.ask(partner, registering(partner.name, versions_url, token_a, ours))
    connection = connection_of(custody, partner)
    if connection is None:
        raise ConfigError(f"{partner.name}: there is no secrets store here", "--guard guard.toml")
    with custody.alone(partner):
        return register(connection, ours, versions_url, token_a)


def ours_of(custody: Custody, file: Path) -> Callable[[str], dict[str, Any]]:
    """Our Credentials object of a version, with the roles in `file`. Raises ConfigError."""
    if custody.gateway is None:
        raise ConfigError("--roles: the target names no gateway", "gateway and server_name of the target")
    try:
        roles = own_roles(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(f"--roles {file}: {why}") from None
    origin = f"https://{custody.gateway.server_name}"
    return lambda version: own_credentials(origin, roles, version)


def outbound_token(custody: Custody, partner: Partner) -> str:
    """The token that we call a registered partner with. Raises ConfigError where there is none to be read."""
    connection = connection_of(custody, partner)
    known = None if connection is None else connection.vault.read(OUTBOUND, Stage.CURRENT)
    if known is None:
        raise ConfigError(f"{partner.name}: is not registered, or nobody here may read its token")
    return known.token


def connection_of(custody: Custody, partner: Partner) -> Connection | None:
    """The partner's connection; None without a vault, and where people do not read secrets."""
    if custody.vault_of is None or not custody.reads_secrets:
        return None
    vault = custody.vault_of(partner)
    call = custody.call_to(partner)
    return Connection(partner, terms_of(partner), vault, custody.records, call, now, custody.ours)


def tell_end(custody: Custody, partner: Partner) -> Result:
    """Tell a partner by DELETE that the connection is over. ENDED: it knows, or was never registered.

    IN_DOUBT: it could not be told from here; a person does it.
    """
    if custody.deployed is not None:
        return custody.deployed.ask(partner, ending(partner.name))
    connection = connection_of(custody, partner)
    if connection is None:
        return Result(End.IN_DOUBT, "nobody here may read our token for it")
    with custody.alone(partner):
        known = connection.vault.read(OUTBOUND, Stage.CURRENT)
        if known is None or not known.registered:
            return Result(End.ENDED, "the partner was never registered")
        return unregister(connection)
