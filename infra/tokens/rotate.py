"""Rotation by hand: by Secrets Manager, with the partner at once, or by a token that a person brings it."""

from __future__ import annotations

from hardening.errors import CollectError
from hardening.registry.partners import Partner
from hardening.rotation.connection import INBOUND, OUTBOUND, Connection, Stage
from hardening.rotation.starter import End, Result
from hardening.rotation.starter import rotate as rotate_both
from infra.runtime.functions.credentials_exchange import calls_to
from infra.tokens.issue import Hands, issue_to
from infra.tokens.place import Place, now, terms_of


def rotate_partner(place: Place, partner: Partner, hands: Hands) -> Result:
    """Rotate the tokens of `partner`. Raises ConfigError or CollectError where that cannot begin.

    On AWS the rotation function does it, and this only starts it. A partner that never registered gets a new
    token beside the old one, which goes where `hands` says and retires the old one by its first use.
    """
    if place.secrets is not None and not place.emulated:
        return _started(place, partner)
    if place.vault_of is not None and place.vault_of(partner).read(OUTBOUND, Stage.CURRENT) is not None:
        vault = place.vault_of(partner)
        return rotate_both(
            Connection(partner, terms_of(partner), vault, place.records, calls_to(partner), now)
        )
    issue_to(place, partner, "C", hands, follow=True)
    return Result(End.ROTATED, "the old token retires on the first call with the new one")


def _started(place: Place, partner: Partner) -> Result:
    name = f"rampart/{partner.environment}/{partner.name}/{INBOUND}"
    try:
        place.secrets.rotate_secret(SecretId=name)
    except place.secrets.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        raise CollectError(f"{name}: {code}", "is the partner deployed, and may you rotate?") from None
    return Result(End.ROTATED, "started: `rampart token status` shows how it ends")
