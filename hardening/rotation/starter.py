"""We start: registration by POST, rotation by PUT, and the way back from an answer that was lost.

candidate written -> a working outbound token found -> offered -> PUT
    done      the partner's token is written, tried, made current; the candidate is active, the old retires
    refused   the candidate is withdrawn, nothing else changed
    in doubt  both stay honoured; next time the partner is asked which of its tokens it takes, and the
              same PUT is sent again
"""

from __future__ import annotations

from dataclasses import replace

from hardening.requests.tokens import digest, issue
from hardening.rotation.connection import (
    INBOUND,
    OUTBOUND,
    Answer,
    Connection,
    Outcome,
    Secret,
    Stage,
)
from hardening.rotation.credentials_object import Given, given
from hardening.rotation.discovery import Unusable, discover, missing
from hardening.rotation.records import ACTIVE, OFFERED, REVOKED, Conflict, TokenRecord, offer, withdraw
from hardening.rotation.result import End, Result
from hardening.rotation.working_token import find_working

# Why a partner whose tokens a person ended gets no new one by itself.
LET_IN_BY_A_PERSON = "revoked: a person lets it in again, by `rampart token rotate`"


def rotate(connection: Connection, *, anew: bool = False) -> Result:
    """One whole rotation of both directions: a candidate that waits, or a new one; current once it is taken.

    `anew` lets a partner in again whose tokens were revoked. Run it again after a crash, or after any end but
    ROTATED.
    """
    candidate = connection.vault.read(INBOUND, Stage.PENDING)
    if candidate is None:
        if not anew and _is_revoked(connection.record(connection.vault.read(INBOUND, Stage.CURRENT))):
            return Result(End.POSTPONED, LET_IN_BY_A_PERSON)
        candidate = Secret(issue())
        connection.vault.write_pending(INBOUND, candidate)
    result = exchange(connection, candidate.token, anew=anew)
    if result.end is End.ROTATED:
        connection.vault.promote(INBOUND)
    return result


def exchange(connection: Connection, candidate: str, *, anew: bool = False) -> Result:
    """Give the partner `candidate`, which was written to the vault before, and take its new token.

    `anew` as in `rotate`. Run it again after a crash, IN_DOUBT or POSTPONED, with the same candidate.
    """
    known = connection.records.find(digest(candidate))
    if known is not None and not known.honoured(connection.clock()):
        connection.records.apply(withdraw(known))
        connection.vault.discard(INBOUND)
        return Result(End.ROLLED_BACK, "this token was withdrawn")
    if connection.vault.read(OUTBOUND, Stage.CURRENT) is None:
        return Result(End.POSTPONED, "not registered yet")
    # Looked at before the partner is called: it may take its time, and be revoked meanwhile.
    before = connection.record(connection.vault.read(INBOUND, Stage.CURRENT))
    if known is None and not anew and _is_revoked(before):
        return Result(End.POSTPONED, LET_IN_BY_A_PERSON)
    working = find_working(connection)
    if isinstance(working, Result):
        unsent = known is None and working.end is End.IN_DOUBT
        return Result(End.POSTPONED, working.detail) if unsent else working
    if known is None:
        return _first(connection, candidate, working, before)
    if known.state == ACTIVE or working.answers == known.digest:
        connection.confirm(known)
        return Result(End.ROTATED)
    there = _located(connection, working)
    if isinstance(there, Unusable):
        return Result(End.IN_DOUBT, f"OCPI {there.status}: {there.detail}")
    return _send(connection, known, candidate, there)


def _is_revoked(current: TokenRecord | None) -> bool:
    """Whether a person ended the token in use."""
    return current is not None and current.state == REVOKED


def _first(connection: Connection, candidate: str, working: Secret, before: TokenRecord | None) -> Result:
    """Nothing is offered to a partner whose API cannot be used (OCPI 2.2.1, 7.1)."""
    there = _located(connection, working)
    if isinstance(there, Unusable):
        return Result(End.POSTPONED, f"OCPI {there.status}: {there.detail}")
    try:
        offered = admit(connection, candidate, before, "C")
    except Conflict:
        return Result(End.POSTPONED, "the tokens changed at the same moment")
    return _send(connection, offered, candidate, there, first=True)


def _located(connection: Connection, working: Secret) -> Secret | Unusable:
    """With the endpoints as they are now; without a versions URL, which old secrets lack, as they were.

    And with us as we are now: a PUT is also how a partner is told of it (OCPI 2.2.1, 7.2.3).
    """
    if not working.versions:
        return working
    try:
        there = discover(connection, working.versions, working.token).kept_in(working)
    except Unusable as problem:
        return problem
    return there if connection.ours is None else replace(there, ours=connection.ours(there.version))


def admit(connection: Connection, token: str, old: TokenRecord | None, kind: str) -> TokenRecord:
    """Honour a new inbound token beside the old one, in one transaction.

    Raises Conflict, also where the old one has changed since `old` was looked at: it may be revoked. What
    stands as it was to be made was made: by this call, whose answer came late and which was repeated.
    """
    older = connection.records.find(old.replaces) if old is not None and old.replaces else None
    changes = offer(
        connection.terms,
        TokenRecord(digest(token), connection.partner.name, kind, OFFERED, "", 0),
        old,
        older,
        connection.clock(),
    )
    try:
        connection.records.apply(changes)
    except Conflict:
        if connection.records.find(digest(token)) != changes[0].after:
            raise
    return changes[0].after


def _send(
    connection: Connection, offered: TokenRecord, candidate: str, there: Secret, *, first: bool = False
) -> Result:
    answer = _call(connection, there, candidate)
    if answer.outcome is Outcome.DONE:
        return _take(connection, offered, candidate, there, answer)
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
        answer = connection.ask(method, there.url, there.token, {**there.ours, "token": candidate})
        if answer.outcome is not Outcome.NOT_ALLOWED:
            break
    return answer


def _take(
    connection: Connection, offered: TokenRecord, candidate: str, there: Secret, answer: Answer
) -> Result:
    """The partner has the candidate. Its own new token is written down before anything else is done."""
    theirs = given(connection.partner, answer.data, candidate, there.token)
    if not there.registered and (theirs.strangers or not theirs.token):
        return _undo(connection, offered, there, theirs)
    there = replace(there, versions=theirs.versions or there.versions)
    new = None
    if theirs.token:
        new = replace(there, token=theirs.token, answers=offered.digest, registered=True)
        connection.vault.write_pending(OUTBOUND, new)
    connection.confirm(offered)
    working = find_working(connection)
    if isinstance(working, Result) and working.end is End.STRANDED and new is not None:
        # The partner may have given us another one by a call of its own, in the same moment.
        connection.vault.write_pending(OUTBOUND, new)
        working = find_working(connection)
    if isinstance(working, Result):
        return working
    return Result(End.ROTATED, "; ".join((*theirs.problems, *_refresh(connection, working))))


def _undo(connection: Connection, offered: TokenRecord, there: Secret, theirs: Given) -> Result:
    """We registered with somebody else, or for nothing: end it there, as far as it listens, and surely here.

    A rotation is another matter: to end a connection that works is for people to decide.
    """
    connection.ask("DELETE", there.url, theirs.token or there.token)
    connection.records.apply(withdraw(connection.records.find(offered.digest)))
    connection.vault.discard(INBOUND)
    return Result(End.ROLLED_BACK, "; ".join(theirs.problems))


def _refresh(connection: Connection, working: Secret) -> tuple[str, ...]:
    """Fetch versions and endpoints again: what is wrong with them; the old endpoint stays in use then."""
    fresh = _located(connection, working)
    if isinstance(fresh, Unusable):
        return (f"OCPI {fresh.status}: {fresh.detail}",)
    if fresh != working:
        connection.vault.write_pending(OUTBOUND, fresh)
        connection.vault.promote(OUTBOUND)
    return missing(connection, fresh)
