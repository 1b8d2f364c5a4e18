"""Exchanges that a person starts: registration, rotation, and the end of a connection."""

from __future__ import annotations

from hardening.errors import CollectError, ConfigError
from hardening.registry.partners import Partner
from hardening.rotation.connection import INBOUND, OUTBOUND, Connection, Stage
from hardening.rotation.registration import register, unregister
from hardening.rotation.starter import End, Result
from hardening.rotation.starter import rotate as rotate_both
from infra.tokens.issue import Hands, issue_to
from infra.tokens.place import Place, now, terms_of


def rotate_partner(place: Place, partner: Partner, hands: Hands) -> Result:
    """Rotate the tokens of `partner`. Raises ConfigError or CollectError where that cannot begin.

    On AWS the rotation function does it, and this only starts it. A partner that never registered gets a new
    token beside the old one, which goes where `hands` says and retires the old one by its first use.
    """
    if place.secrets is not None and not place.emulated:
        return _started(place, partner)
    connection = connection_of(place, partner)
    if connection is not None and connection.vault.read(OUTBOUND, Stage.CURRENT) is not None:
        return rotate_both(connection)
    issue_to(place, partner, "C", hands, follow=True)
    return Result(End.ROTATED, "the old token retires on the first call with the new one")


def register_partner(place: Place, partner: Partner, versions_url: str, token_a: str) -> Result:
    """Register with a partner that handed us its versions URL and CREDENTIALS_TOKEN_A; again after a failure.

    Raises ConfigError where nobody said who we are, or where our secrets are not read by people.
    """
    connection = connection_of(place, partner)
    if connection is None or place.ours is None:
        raise ConfigError(
            f"{partner.name}: we cannot register from here: expected --guard guard.toml",
            "on AWS the partner registers with us: `rampart token issue --kind A`",
        )
    return register(connection, place.ours(max(partner.versions)), versions_url, token_a)


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
    connection = connection_of(place, partner)
    if connection is None:
        return Result(End.IN_DOUBT, "nobody here may read our token for it")
    known = connection.vault.read(OUTBOUND, Stage.CURRENT)
    if known is None or not known.registered:
        return Result(End.ENDED, "the partner was never registered")
    return unregister(connection)


def _started(place: Place, partner: Partner) -> Result:
    name = f"rampart/{partner.environment}/{partner.name}/{INBOUND}"
    try:
        place.secrets.rotate_secret(SecretId=name)
    except place.secrets.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        raise CollectError(f"{name}: {code}", "is the partner deployed, and may you rotate?") from None
    return Result(End.ROTATED, "started: `rampart token status` shows how it ends")
