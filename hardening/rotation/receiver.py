"""The partner starts: what our credentials module answers, and what it keeps (OCPI 2.2.1, 7.2).

The answer to PUT or POST is the successor of the token that the call was made with. The same call again, late
or doubled, has the same answer, so a partner that lost one asks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hardening.requests.statuses import INVALID_PARAMETERS, METHOD_NOT_ALLOWED, SUCCESS, UNAUTHENTICATED
from hardening.requests.tokens import issue
from hardening.rotation.connection import (
    INBOUND,
    OUTBOUND,
    Connection,
    Outcome,
    Secret,
    Stage,
)
from hardening.rotation.credentials_object import UNTOLD, given_token, strange_parties
from hardening.rotation.discovery import Unusable, discover
from hardening.rotation.records import OFFERED, REVOKED, TokenRecord, first_use, revoke
from hardening.rotation.starter import admit


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer: HTTP status, OCPI status, `data`. `detail` is for the log, and holds no token."""

    http_status: int
    ocpi_status: int
    data: Mapping[str, Any] | None = None
    detail: str = ""

    def __repr__(self) -> str:
        return f"Reply({self.http_status}, {self.ocpi_status}, detail={self.detail!r})"


def serve(
    connection: Connection,
    ours: Mapping[str, Any],
    method: str,
    caller: str,
    body: object = None,
    version: str = "",
) -> Reply:
    """Answer one call of the credentials module that was made with the token of digest `caller`.

    `ours` is our Credentials object without the token, `version` that of the endpoint which was called: the
    one in use from then on (OCPI 2.2.1, 7.2.3). Raises Conflict where another call changes the same
    records; the caller then serves the call anew.
    """
    first_use(connection.records, caller, connection.clock())
    record = connection.records.find(caller)
    if record is None or record.kind not in ("A", "C") or not record.honoured(connection.clock()):
        return Reply(*UNAUTHENTICATED, detail="the token is not honoured")
    settle(connection)
    registers = record.kind == "A"
    if method == "GET" and not registers:
        return Reply(200, SUCCESS, {**ours, "token": UNTOLD})
    if method == ("POST" if registers else "PUT"):
        return _receive(connection, ours, record, body, version)
    if method == "DELETE" and not registers:
        return end(connection)
    return Reply(*METHOD_NOT_ALLOWED, detail="not registered yet" if registers else "registered already")


def settle(connection: Connection) -> None:
    """Make a pending inbound token current that the partner is known to have.

    The one that was current is its predecessor, or ends here: a partner that registered again, with a new
    CREDENTIALS_TOKEN_A, has no use for it.
    """
    new = connection.record(connection.vault.read(INBOUND, Stage.PENDING))
    if new is None or new.state in (OFFERED, REVOKED):
        return
    stale = connection.record(connection.vault.read(INBOUND, Stage.CURRENT))
    if stale is not None and stale.digest != new.replaces:
        connection.records.apply(revoke([stale]))
    connection.vault.promote(INBOUND)


def end(connection: Connection) -> Reply:
    """DELETE: no token of the partner opens anything from now on, and we call it no more."""
    secrets = [connection.vault.read(INBOUND, stage) for stage in Stage]
    found = {one.digest: one for one in map(connection.record, secrets) if one is not None}
    older = [connection.records.find(one.replaces) for one in found.values() if one.replaces]
    found |= {one.digest: one for one in older if one is not None}
    connection.records.apply(revoke(found.values()))
    connection.vault.discard(INBOUND)
    connection.vault.discard(OUTBOUND)
    known = connection.vault.read(OUTBOUND, Stage.CURRENT)
    if known is not None:
        connection.vault.write_pending(OUTBOUND, replace(known, registered=False))
        connection.vault.promote(OUTBOUND)
    return Reply(200, SUCCESS)


def _receive(
    connection: Connection, ours: Mapping[str, Any], caller: TokenRecord, body: object, version: str
) -> Reply:
    token = given_token(body)
    if token is None or not isinstance(body, dict):
        return Reply(200, INVALID_PARAMETERS, detail="no credentials token")
    if strange_parties(connection.partner, body):
        return Reply(200, INVALID_PARAMETERS, detail="a party that was not onboarded")
    try:
        # With their new token, as the specification asks: so it is tried before it is kept.
        endpoint = discover(connection, str(body.get("url")), token, version)
    except Unusable as problem:
        return Reply(200, problem.status, detail=problem.detail)
    _keep(connection, endpoint.kept_in(Secret(token, ours=ours, versions=str(body["url"]))))
    return Reply(200, SUCCESS, {**ours, "token": _successor(connection, caller)})


def _keep(connection: Connection, theirs: Secret) -> None:
    """Keep the partner's new token, but for a late call that brings back one which was replaced."""
    vault = connection.vault
    current, previous = vault.read(OUTBOUND, Stage.CURRENT), vault.read(OUTBOUND, Stage.PREVIOUS)
    if current is not None and current.token == theirs.token and current.registered:
        theirs = replace(theirs, answers=current.answers)
        if theirs == current:
            return
    late = current is not None and previous is not None and previous.token == theirs.token
    if late and current is not None and connection.honours(current).outcome is Outcome.DONE:
        return
    vault.write_pending(OUTBOUND, theirs)
    vault.promote(OUTBOUND)


def _successor(connection: Connection, caller: TokenRecord) -> str:
    """The token that follows the caller's: the one that was made for it before, or a new one."""
    for stage in (Stage.CURRENT, Stage.PENDING):
        secret = connection.vault.read(INBOUND, stage)
        record = connection.record(secret)
        if secret is not None and record is not None and _follows(record, caller):
            return secret.token
    pending = connection.vault.read(INBOUND, Stage.PENDING)
    stale = connection.record(pending)
    if pending is None or stale is not None:
        connection.records.apply(revoke([] if stale is None else [stale]))
        # Written before it is honoured, and honoured before the partner can have it.
        pending = Secret(issue())
        connection.vault.write_pending(INBOUND, pending)
    admit(connection, pending.token, caller, "C")
    return pending.token


def _follows(record: TokenRecord, caller: TokenRecord) -> bool:
    return record.replaces == caller.digest and record.state != REVOKED
