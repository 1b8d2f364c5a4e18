"""Which of our tokens the partner takes: asked before each exchange, and after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hardening.rotation.connection import OUTBOUND, Answer, Connection, Outcome, Secret, Stage
from hardening.rotation.credentials_object import given_token
from hardening.rotation.result import End, Result


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
