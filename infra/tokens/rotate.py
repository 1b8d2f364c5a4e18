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
from hardening.rotation.starter import End, Result
from hardening.rotation.starter import rotate as rotate_both
from infra.runtime.functions.exchanges import NOT_REGISTERED, ending, registering, rotating
from infra.tokens.issue import Hands, issue_to
from infra.tokens.place import Place, now, terms_of


def rotate_partner(place: Place, partner: Partner, hands: Hands) -> Result:
    """Rotate the tokens of `partner`. Raises ConfigError or CollectError where that cannot begin.

    On AWS the rotation function does it, for a partner that never registered too: it gets another token that
    registers. Without AWS that one gets a new token beside the old one, which goes where `hands` says and
    retires the old one by its first use.
    """
    if place.deployed is not None:
        done = place.deployed.ask(partner, rotating(partner.name))
        return place.deployed.renew(partner) if done.detail == NOT_REGISTERED else done
    connection = connection_of(place, partner)
    if connection is not None and connection.vault.read(OUTBOUND, Stage.CURRENT) is not None:
        return rotate_both(connection)
    issue_to(place, partner, "C", hands, follow=True)
    return Result(End.ROTATED, "the old token retires on the first call with the new one")


def register_partner(place: Place, partner: Partner, versions_url: str, token_a: str) -> Result:
    """Register with a partner that handed us its versions URL and CREDENTIALS_TOKEN_A; again after a failure.

    On AWS the rotation function does it. Raises ConfigError where nobody said who we are.
    """
    if place.ours is None:
        raise ConfigError(
            f"{partner.name}: nobody said who we are: expected --guard guard.toml, or --target with --roles",
            "docs/partners.md: a partner's life",
        )
    ours = place.ours(max(partner.versions))
    if place.deployed is not None:
        return place.deployed.ask(partner, registering(partner.name, versions_url, token_a, ours))
    connection = connection_of(place, partner)
    if connection is None:
        raise ConfigError(f"{partner.name}: there is no secrets store here", "--guard guard.toml")
    return register(connection, ours, versions_url, token_a)


def ours_of(place: Place, file: Path) -> Callable[[str], dict[str, Any]]:
    """Our Credentials object of a version, with the roles in `file`. Raises ConfigError."""
    if place.gateway is None:
        raise ConfigError("--roles: the target names no gateway", "gateway and server_name of the target")
    try:
        roles = own_roles(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(f"--roles {file}: {why}") from None
    origin = f"https://{place.gateway.server_name}"
    return lambda version: own_credentials(origin, roles, version)


def outbound_token(place: Place, partner: Partner) -> str:
    """The token that we call a registered partner with. Raises ConfigError where there is none to be read."""
    connection = connection_of(place, partner)
    known = None if connection is None else connection.vault.read(OUTBOUND, Stage.CURRENT)
    if known is None:
        raise ConfigError(f"{partner.name}: is not registered, or nobody here may read its token")
    return known.token


def connection_of(place: Place, partner: Partner) -> Connection | None:
    """The partner's connection; None without a vault, and where people do not read secrets."""
    if place.vault_of is None or not place.reads_secrets:
        return None
    vault = place.vault_of(partner)
    return Connection(partner, terms_of(partner), vault, place.records, place.call_to(partner), now)


def tell_end(place: Place, partner: Partner) -> Result:
    """Tell a partner by DELETE that the connection is over. ENDED: it knows, or was never registered.

    IN_DOUBT: it could not be told from here; a person does it.
    """
    if place.deployed is not None:
        return place.deployed.ask(partner, ending(partner.name))
    connection = connection_of(place, partner)
    if connection is None:
        return Result(End.IN_DOUBT, "nobody here may read our token for it")
    known = connection.vault.read(OUTBOUND, Stage.CURRENT)
    if known is None or not known.registered:
        return Result(End.ENDED, "the partner was never registered")
    return unregister(connection)
