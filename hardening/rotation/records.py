"""The inbound tokens of a partner as the token store has them, and how one becomes another.

A token that replaces another is `offered` until the partner is known to have it: by its answer, or by its
first call with it. Both are honoured until then, so an answer that is lost locks nobody out. From then on
the old one is `retiring`, which ends. At most two are honoured at any time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

OFFERED, ACTIVE, RETIRING, REVOKED = "offered", "active", "retiring", "revoked"
# States whose tokens open something, until they expire.
HONOURED = (OFFERED, ACTIVE, RETIRING)
# How long an old token lives once its partner has used the new one: calls that are on their way.
GRACE = timedelta(seconds=60)
_WITNESS_LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """One token: `kind` is A (registers) or C (calls), `state` one of the above.

    `expires`, `issued` (0: not known) and `used` are in seconds since 1970. `replaces` is the digest of the
    token that this one follows. `used` is when a call was last let in with it, to the hour (0: none was
    noted); a record that was used meanwhile stands as it stood, so it is not compared.
    """

    digest: str
    partner: str
    kind: str
    state: str
    environment: str
    expires: int
    replaces: str = ""
    issued: int = 0
    used: int = field(default=0, compare=False)

    def honoured(self, now: datetime) -> bool:
        """Whether the guard takes the token at `now`."""
        return self.state in HONOURED and now.timestamp() < self.expires


@dataclass(frozen=True, slots=True)
class Change:
    """A record as it must stand (None: not at all), and as it stands after the change."""

    before: TokenRecord | None
    after: TokenRecord


class Conflict(Exception):
    """A record did not stand as a change expected it, so no change of the transaction was made."""


class TokenRecords(Protocol):
    """The part of a token store that a rotation needs. What cannot answer raises."""

    def find(self, digest: str) -> TokenRecord | None:
        """The record of this digest; None for an unknown one."""

    def apply(self, changes: Iterable[Change]) -> None:
        """Make all changes or, where a record is not as expected, none. Raises Conflict."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an environment gives its tokens.

    `overlap` is how long an old token lives at most once its partner is known to have the new one. A token
    expires after `lifetime`, should its rotation stop.
    """

    environment: str
    overlap: timedelta
    lifetime: timedelta


def offer(
    terms: Terms, new: TokenRecord, old: TokenRecord | None, older: TokenRecord | None, now: datetime
) -> tuple[Change, ...]:
    """Honour `new` beside `old`, if that still stands so; a third one, `older`, dies in the same transaction.

    Environment, life and predecessor of `new` are filled in. The first change makes it.
    """
    expires = int((now + terms.lifetime).timestamp())
    replaces = "" if old is None else old.digest
    kept = {"environment": terms.environment, "expires": expires, "issued": int(now.timestamp())}
    made = replace(new, state=OFFERED, replaces=replaces, **kept)  # type: ignore[arg-type]  # by name
    stands = [] if old is None else [Change(old, old)]
    return (Change(None, made), *stands, *revoke([] if older is None else [older]))


def confirm(
    new: TokenRecord, old: TokenRecord | None, *, now: datetime, remaining: timedelta
) -> tuple[Change, ...]:
    """The partner has the new token: the old one lives for `remaining` and no longer.

    Nothing revoked comes back, and no life grows longer.
    """
    changes = [Change(new, replace(new, state=ACTIVE))] if new.state == OFFERED else []
    if old is not None and old.state in (ACTIVE, OFFERED, RETIRING):
        ends = min(old.expires, int((now + remaining).timestamp()))
        retired = replace(old, state=RETIRING, expires=ends)
        changes += [] if retired == old else [Change(old, retired)]
    return tuple(changes)


def withdraw(new: TokenRecord | None) -> tuple[Change, ...]:
    """The partner refused the new token for good: it dies at once, the old one stays as it is."""
    return (Change(new, replace(new, state=REVOKED)),) if new is not None and new.state == OFFERED else ()


def revoke(records: Iterable[TokenRecord]) -> tuple[Change, ...]:
    """End every token of these."""
    return tuple(Change(one, replace(one, state=REVOKED)) for one in records if one.state != REVOKED)


def witness(digest: str, partner: str, environment: str, now: datetime) -> TokenRecord:
    """A token that is made to be revoked, so that the gates are seen to refuse it.

    It only registers, for a few minutes, and from the partner's networks: who asks for it could hand over
    such a token anyway.
    """
    ends, issued = int((now + _WITNESS_LIFE).timestamp()), int(now.timestamp())
    return TokenRecord(digest, partner, "A", ACTIVE, environment, ends, issued=issued)


def first_use(store: TokenRecords, digest: str, now: datetime, grace: timedelta = GRACE) -> bool:
    """A call came with this token: where it was only offered, it is now active and its predecessor retires.

    Whether this was the first use. Another process may have seen it in the same moment, with the same result.
    """
    new = store.find(digest)
    if new is None or new.state != OFFERED:
        return False
    old = store.find(new.replaces) if new.replaces else None
    try:
        store.apply(confirm(new, old, now=now, remaining=grace))
    except Conflict:
        return False
    return True
