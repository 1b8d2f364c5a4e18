"""Revocation: every token of a partner ends, and the gateway is asked until it refuses.

The gateway is asked with a token that is made for the moment, so no partner's token is read: one that only
registers, is revoked together with the partner's, and expires by itself in five minutes.
"""

from __future__ import annotations

import contextlib
import http.client
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from hardening.errors import CollectError
from hardening.registry.partners import Partner
from hardening.requests.tokens import digest, header, issue
from hardening.rotation.connection import INBOUND, OUTBOUND, Stage
from hardening.rotation.records import ACTIVE, Conflict, TokenRecord, revoke
from infra.tokens.custody import Custody, Gateway, now

_WITNESS_LIFE = timedelta(minutes=5)
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
    """End every token of `partner`; say when the gateway first refused.

    Raises CollectError where the gateway does not take a token that is honoured, or goes on to take one that
    is revoked: the tokens are revoked all the same.
    """
    gateway, witness = custody.gateway, issue()
    problem: CollectError | None = None
    if gateway is not None:
        try:
            _put_witness(custody, partner, witness)
            _must_take(gateway, partner, witness)
        except CollectError as error:
            problem = error  # the revocation does not wait for it
    ended = _end(custody, partner)
    _forget_candidates(custody, partner)
    if problem is not None:
        raise CollectError(f"{partner.name}: revoked, but {problem.message}", problem.hint)
    counted = ended - (1 if gateway is not None else 0)
    return Revoked(partner.name, counted, _refused_after(gateway, partner, witness) if gateway else None)


def _witness(partner: Partner, token: str) -> TokenRecord:
    at = now()
    expires, issued = int((at + _WITNESS_LIFE).timestamp()), int(at.timestamp())
    return TokenRecord(digest(token), partner.name, "A", ACTIVE, partner.environment, expires, issued=issued)


def _put_witness(custody: Custody, partner: Partner, token: str) -> None:
    """Raises CollectError where AWS lets nobody who revokes make a token: so the operator's role."""
    if custody.secrets is None:
        custody.records.put(_witness(partner, token))
        return
    try:
        custody.records.put(_witness(partner, token))
    except custody.secrets.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        hint = "the gates look a token up again after a second: `rampart token status` shows the records"
        raise CollectError(
            f"the gateway was not asked, as no token could be made for it ({code})", hint
        ) from None


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


def _must_take(gateway: Gateway, partner: Partner, token: str) -> None:
    """The gateway knows the token, whatever else it has against this call. Raises CollectError."""
    end = time.monotonic() + 5
    while _status(gateway, partner, token) == _UNAUTHORIZED:
        if time.monotonic() > end:
            raise CollectError(
                "the gateway refused an honoured token too: its refusal proves nothing",
                "does it serve this store and this registry?",
            )
        time.sleep(_EVERY_SECONDS)


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
        raise CollectError(
            f"{gateway.host}:{gateway.port} does not answer ({type(error).__name__})"
        ) from None
    finally:
        connection.close()
