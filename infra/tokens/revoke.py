"""Revocation: every token of a partner ends, and the gateway is asked until it refuses.

The gateway is asked with a witness, so no partner's token is read: a token that is made for the moment, only
registers, is revoked as the partner's are, and ends by itself in five minutes.
"""

from __future__ import annotations

import contextlib
import http.client
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass

from hardening.errors import CollectError
from hardening.registry.partners import Partner
from hardening.requests.tokens import digest, header, issue
from hardening.rotation.connection import INBOUND, OUTBOUND, Stage
from hardening.rotation.records import Conflict, TokenRecord, revoke, witness
from infra.runtime.functions.exchanges import witnessing
from infra.tokens.custody import Custody, Gateway, now

_TRIES = 5
# How often, and for how long the gateway is asked.
_EVERY_SECONDS = 0.05
_MOST_SECONDS = 90.0
_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Revoked:
    """How many tokens ended, and after how many seconds the gateway refused (None: it was not asked)."""

    partner: str
    tokens: int
    refused_after: float | None


def revocable(custody: Custody, partner: Partner) -> list[TokenRecord]:
    """Every token of a partner that is not revoked, also one that only its secrets know of."""
    found = {one.digest: one for one in custody.records.of_partner(partner.name)}
    if custody.vault_of is not None and custody.reads_secrets:
        vault = custody.vault_of(partner)
        secrets = [vault.read(INBOUND, stage) for stage in Stage]
        known = [custody.records.find(digest(one.token)) for one in secrets if one is not None]
        found |= {one.digest: one for one in known if one is not None}
    return [one for one in found.values() if one.state != "revoked"]


def revoke_partner(custody: Custody, partner: Partner) -> Revoked:
    """End every token of `partner`, at once; then say when the gateway refuses one that ends.

    Raises CollectError where the gateway does not take a token that is honoured, or goes on to take one that
    is revoked: the tokens are revoked all the same.
    """
    ended = _end(custody, partner)
    _forget_candidates(custody, partner)
    if custody.gateway is None:
        return Revoked(partner.name, ended, None)
    try:
        asked_as = custody.witness or partner
        return Revoked(partner.name, ended, _refusal_of_a_witness(custody, custody.gateway, asked_as))
    except CollectError as error:
        raise CollectError(f"{partner.name}: revoked, but {error.message}", error.hint) from None


def _refusal_of_a_witness(custody: Custody, gateway: Gateway, partner: Partner) -> float:
    """After how many seconds the gateway refuses a token that was revoked as the partner's were."""
    _must_tell_tokens_apart(gateway, partner)
    token = issue()
    key = digest(token)
    if custody.deployed is None:
        custody.records.put(witness(key, partner.name, partner.environment, now()))
    else:
        # On AWS the function alone makes records. It is told a digest, and no one else a token.
        custody.deployed.ask(partner, witnessing(partner.name, key))
    try:
        _must_take(gateway, partner, token)
    finally:
        # Also where the gateway does not answer: nothing stays that opens something.
        made = custody.records.find(key)
        custody.records.apply(revoke([] if made is None else [made]))
    return _refused_after(gateway, partner, token)


def _end(custody: Custody, partner: Partner) -> int:
    """Revoke whatever is there, until nothing is: a rotation may add a token meanwhile."""
    ended, settled = 0, custody.settles == 0
    for _ in range(_TRIES):
        records = revocable(custody, partner)
        if not records and settled:
            return ended
        if not records:
            time.sleep(custody.settles)
            settled = True
        with contextlib.suppress(Conflict):
            for some in _hundreds(records):
                custody.records.apply(revoke(some))
                ended += len(some)
    raise CollectError(f"{partner.name}: its tokens keep changing", "stop its rotation, and revoke again")


def _hundreds(records: list[TokenRecord]) -> Iterable[list[TokenRecord]]:
    """Parts that one transaction takes (DynamoDB: 100 actions)."""
    return (records[start : start + 100] for start in range(0, len(records), 100))


def _forget_candidates(custody: Custody, partner: Partner) -> None:
    """On AWS people change no secret: there a rotation finds that its candidate is revoked."""
    if custody.vault_of is not None and custody.reads_secrets:
        for direction in (INBOUND, OUTBOUND):
            custody.vault_of(partner).discard(direction)


def _must_tell_tokens_apart(gateway: Gateway, partner: Partner) -> None:
    """A firewall refuses whoever comes from elsewhere, with any token. Raises CollectError."""
    status = _status(gateway, partner, issue())
    if status != _UNAUTHORIZED:
        raise CollectError(
            f"the gateway answers {status} from here whatever the token is: its refusal proves nothing",
            "run it from a network of a partner of the registry, as that one: --witness PARTNER",
        )


def _must_take(gateway: Gateway, partner: Partner, token: str) -> None:
    """The gateway knows the token, whatever else it has against this call. Raises CollectError."""
    end = time.monotonic() + 5
    while _status(gateway, partner, token) == _UNAUTHORIZED:
        if time.monotonic() > end:
            raise CollectError(
                "the gateway refused an honoured token too: its refusal proves nothing",
                "does it serve this store? is this machine in the partner's networks? (--witness)",
            )
        time.sleep(_EVERY_SECONDS)


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__


def _refused_after(gateway: Gateway, partner: Partner, token: str) -> float:
    start = time.monotonic()
    while (passed := time.monotonic() - start) < _MOST_SECONDS:
        if _status(gateway, partner, token) == _UNAUTHORIZED:
            return time.monotonic() - start
        time.sleep(_EVERY_SECONDS)
    raise CollectError(f"{partner.name}: revoked, and the gateway still takes it after {passed:.0f} s")


def _status(gateway: Gateway, partner: Partner, token: str) -> int:
    """The status of GET versions. Raises CollectError where no answer comes."""
    trust = ssl.create_default_context(cafile=gateway.ca_file or None)
    connection = http.client.HTTPSConnection(gateway.host, gateway.port, timeout=10, context=trust)
    headers = {"Host": gateway.server_name, "Authorization": header(token, partner.auth_encoding)}
    try:
        connection.request("GET", "/ocpi/versions", headers={**headers, "X-Request-ID": "revocation"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise CollectError(f"{gateway.host}:{gateway.port} does not answer ({_why(error)})") from None
    finally:
        connection.close()
