"""We start: registration by POST, rotation by PUT, and the way back from an answer that was lost.

candidate written -> a working outbound token found -> offered -> PUT
    done      the partner's token is written, tried, made current; the candidate is active, the old retires
    refused   the candidate is withdrawn, nothing else changed
    in doubt  both stay honoured; next time the partner is asked which of its tokens it takes, and the
              same PUT is sent again
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from hardening.requests.tokens import digest, issue
from hardening.rotation.connection import (
    INBOUND,
    OUTBOUND,
    Answer,
    Connection,
    Outcome,
    Secret,
    Stage,
    given_token,
)
from hardening.rotation.discovery import Unusable, discover
from hardening.rotation.records import ACTIVE, OFFERED, Conflict, TokenRecord, offer, withdraw


class End(StrEnum):
    """How an exchange ended for us."""

    ROTATED = "rotated"  # both sides have new tokens (registered, where it was a POST)
    ROLLED_BACK = "rolled back"  # the candidate is dead, the old tokens hold
    POSTPONED = "postponed"  # nothing was sent; the same candidate may be tried again
    IN_DOUBT = "in doubt"  # old and new are honoured; the next try finds out
    STRANDED = "stranded"  # the partner takes none of our tokens; it can still call us


@dataclass(frozen=True, slots=True)
class Result:
    """The end of an exchange. `detail` says what was wrong, and holds no token."""

    end: End
    detail: str = ""


def rotate(connection: Connection) -> Result:
    """One whole rotation of both directions: a candidate that waits, or a new one; current once it is taken.

    Run it again after a crash, or after any end but ROTATED.
    """
    candidate = connection.vault.read(INBOUND, Stage.PENDING)
    if candidate is None:
        candidate = Secret(issue())
        connection.vault.write_pending(INBOUND, candidate)
    result = exchange(connection, candidate.token)
    if result.end is End.ROTATED:
        connection.vault.promote(INBOUND)
    return result


def exchange(connection: Connection, candidate: str) -> Result:
    """Give the partner `candidate`, which was written to the vault before, and take its new token.

    Run it again after a crash, or after IN_DOUBT or POSTPONED, with the same candidate.
    """
    known = connection.records.find(digest(candidate))
    if known is not None and not known.honoured(connection.clock()):
        connection.records.apply(withdraw(known))
        connection.vault.discard(INBOUND)
        return Result(End.ROLLED_BACK, "this token was withdrawn")
    if connection.vault.read(OUTBOUND, Stage.CURRENT) is None:
        return Result(End.POSTPONED, "not registered yet")
    working = find_working(connection)
    if isinstance(working, Result):
        unsent = known is None and working.end is End.IN_DOUBT
        return Result(End.POSTPONED, working.detail) if unsent else working
    if known is None:
        return _first(connection, candidate, working)
    if known.state == ACTIVE or working.answers == known.digest:
        connection.confirm(known)
        return Result(End.ROTATED)
    return _send(connection, known, candidate, working)


def _first(connection: Connection, candidate: str, working: Secret) -> Result:
    """Nothing is offered to a partner whose API cannot be used (OCPI 2.2.1, 7.1)."""
    try:
        endpoint = discover(connection, working.versions, working.token) if working.versions else None
    except Unusable as problem:
        return Result(End.POSTPONED, f"OCPI {problem.status}: {problem.detail}")
    there = working if endpoint is None else replace(working, url=endpoint.credentials)
    old = connection.vault.read(INBOUND, Stage.CURRENT)
    before = connection.record(old) if old is not None and old.token != candidate else None
    try:
        offered = admit(connection, candidate, before, "C")
    except Conflict:
        return Result(End.POSTPONED, "the tokens changed at the same moment")
    return _send(connection, offered, candidate, there, first=True)


def admit(connection: Connection, token: str, old: TokenRecord | None, kind: str) -> TokenRecord:
    """Honour a new inbound token beside the old one, in one transaction. Raises Conflict."""
    older = connection.records.find(old.replaces) if old is not None and old.replaces else None
    changes = offer(
        connection.terms,
        TokenRecord(digest(token), connection.partner.name, kind, OFFERED, "", 0),
        old,
        older,
        connection.clock(),
    )
    connection.records.apply(changes)
    return changes[0].after


def _send(
    connection: Connection, offered: TokenRecord, candidate: str, there: Secret, *, first: bool = False
) -> Result:
    answer = _call(connection, there, candidate)
    if answer.outcome is Outcome.DONE:
        return _take(connection, offered, there, answer)
    if answer.outcome in (Outcome.IN_DOUBT, Outcome.UNKNOWN_TOKEN) or not first:
        # An earlier try may have reached the partner: it may hold the candidate whatever it says now. A token
        # that was just taken and is unknown was ended by this call, which some proxy sent twice.
        return Result(End.IN_DOUBT, answer.detail)
    connection.records.apply(withdraw(connection.records.find(offered.digest)))
    connection.vault.discard(INBOUND)
    return Result(End.ROLLED_BACK, answer.detail)


def _call(connection: Connection, there: Secret, candidate: str) -> Answer:
    """PUT, or POST before registration; 405 to one of them says that it is the other's turn."""
    methods = ("PUT", "POST") if there.registered else ("POST", "PUT")
    answer = Answer(Outcome.NOT_ALLOWED)
    for method in methods:
        answer = connection.call(method, there.url, there.token, {**there.ours, "token": candidate})
        if answer.outcome is not Outcome.NOT_ALLOWED:
            break
    return answer


def _take(connection: Connection, offered: TokenRecord, there: Secret, answer: Answer) -> Result:
    """The partner has the candidate. Its own new token is written down before anything else is done."""
    token, url = given_token(answer.data), answer.data.get("url") if isinstance(answer.data, dict) else None
    problem = "" if token else "the answer carries no token; "
    if connection.partner.may_call(url):
        there = replace(there, versions=str(url))
    else:
        problem += "the versions URL is not https on a callback host; "
    new = None
    if token is not None:
        new = replace(there, token=token, answers=offered.digest, registered=True)
        connection.vault.write_pending(OUTBOUND, new)
    connection.confirm(offered)
    working = find_working(connection)
    if isinstance(working, Result) and working.end is End.STRANDED and new is not None:
        # The partner may have given us another one by a call of its own, in the same moment.
        connection.vault.write_pending(OUTBOUND, new)
        working = find_working(connection)
    if isinstance(working, Result):
        return working
    return Result(End.ROTATED, problem + _refresh(connection, working))


def _refresh(connection: Connection, working: Secret) -> str:
    """Fetch versions and endpoints again: what is wrong with them; the old endpoint stays in use then."""
    if not working.versions:
        return ""
    try:
        endpoint = discover(connection, working.versions, working.token)
    except Unusable as problem:
        return f"OCPI {problem.status}: {problem.detail}"
    if endpoint.credentials != working.url:
        connection.vault.write_pending(OUTBOUND, replace(working, url=endpoint.credentials))
        connection.vault.promote(OUTBOUND)
    return ""


def find_working(connection: Connection) -> Secret | Result:
    """The outbound token that the partner takes, made the current one: new, then old, by GET.

    A partner that kept the old one may tell the new one in its answer, where it had stored it and we had not.
    """
    for stage, secret in _held(connection):
        answer = connection.honours(secret)
        if answer.outcome is Outcome.IN_DOUBT:
            return Result(End.IN_DOUBT, answer.detail)
        if answer.outcome is not Outcome.DONE:
            if stage is Stage.PENDING:
                connection.vault.discard(OUTBOUND)
            continue
        if stage is Stage.PENDING:
            connection.vault.promote(OUTBOUND)
            return secret
        return _told(connection, secret, answer) or _make_current(connection, stage, secret)
    return Result(End.STRANDED, "the partner takes none of our tokens")


def _held(connection: Connection) -> Iterator[tuple[Stage, Secret]]:
    for stage in (Stage.PENDING, Stage.CURRENT, Stage.PREVIOUS):
        secret = connection.vault.read(OUTBOUND, stage)
        if secret is not None:
            yield stage, secret


def _told(connection: Connection, secret: Secret, answer: Answer) -> Secret | None:
    token = given_token(answer.data)
    if token is None or token == secret.token:
        return None
    new = replace(secret, token=token, answers="")
    connection.vault.write_pending(OUTBOUND, new)
    if connection.honours(new).outcome is Outcome.DONE:
        connection.vault.promote(OUTBOUND)
        return new
    connection.vault.discard(OUTBOUND)
    return None


def _make_current(connection: Connection, stage: Stage, secret: Secret) -> Secret:
    if stage is Stage.PREVIOUS:
        connection.vault.write_pending(OUTBOUND, secret)
        connection.vault.promote(OUTBOUND)
    return secret
